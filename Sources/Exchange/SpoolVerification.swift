internal import Core
public import Trust

/// What became of one sealed drop since it was journalled.
public enum DropCondition: Sendable, Equatable {
  case whole
  case missing
  /// The code of the first thing that did not hold: TRU-2xx of the sealed file, EXC-206 where it opens to other bytes than were journalled.
  case damaged(code: String)
}

/// Opens every drop that the journal names and hashes it again.
public struct SpoolVerification: Sendable {
  /// Drops that are not whole, in the order of the journal.
  public private(set) var bad: [(drop: PulledDrop, condition: DropCondition)] = []
  public private(set) var whole = 0
  public private(set) var plainBytes = 0
  /// Sealed files that no record names; a killed pull leaves one at most.
  public private(set) var unnamed: [ObjectID] = []

  /// - Parameters:
  ///   - key: the spool's private key.
  ///   - pullKey: under which the journal keeps the hashes; control files are held against the length alone, because their time is in the hash.
  /// - Throws: what the journal says of itself, EXC-201 and EXC-203; TRU-1xx for the keys.
  public init(_ spool: Spool, key: SecretKey, pullKey: SecretKey) throws {
    let records = try PullJournal.records(at: spool.folder)
    var hashes: [PlainName: BlindIndex] = [:], named: Set<ObjectID> = []
    for record in records {
      guard case .drop(let drop) = record else { continue }
      named.insert(drop.id)
      if hashes[drop.feed] == nil { hashes[drop.feed] = try BlindIndex(key: pullKey, label: "pull/hash/" + drop.feed.text) }
      let condition = try Self.condition(of: drop, spool, key, hashes[drop.feed])
      if condition == .whole {
        whole += 1
        plainBytes += drop.byteCount
      } else {
        bad.append((drop, condition))
      }
    }
    unnamed = try Spool.sealedDrops(in: spool.folder).filter { !named.contains($0) }
  }

  private static func condition(of drop: PulledDrop, _ spool: Spool, _ key: SecretKey, _ hashes: BlindIndex?) throws -> DropCondition {
    guard DurableFile.exists(spool.path(of: drop.id)) else { return .missing }
    do {
      let totals = try spool.reader(of: drop.id, key: key).verify()
      let isSame = try drop.kind == .control || hashes?.code(of: totals.sha256) == drop.keyedHash
      return isSame && totals.byteCount == drop.byteCount ? .whole : .damaged(code: "EXC-206")
    } catch let error as TrustError {
      return .damaged(code: error.code)
    }
  }
}
