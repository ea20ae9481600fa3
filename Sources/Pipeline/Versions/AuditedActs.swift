import Core
import Trust

/// What the audit says of versions: the comparisons, replays, proposals and pins that somebody answered for.
///
/// A file below `var` is only the text of an act. What stands in it counts where its digest stands in an entry of the verified log that the signed
/// checkpoint covers; a file that was edited or put there by hand is on nobody's word.
struct AuditedActs: Sendable {
  /// A version that waits for a second person: who proposed it, under which account, as the audit saw it.
  struct Proposal: Sendable, Equatable {
    var account: String
    var person: String
  }

  private var diffs: Set<String> = []
  private var replays: Set<String> = []
  private var undos: Set<String> = []
  private var proposals: [String: Proposal] = [:]
  private var pins: [String: String] = [:]

  /// Reads and verifies the whole log.
  ///
  /// - Throws: TRU-404, TRU-41x where the log is not the one that was signed.
  init(_ site: SiteFolder, keys: KeyDirectory) throws {
    try self.init(try AuditLog(folder: site.audit).signedEntries(try keys.verifyingKey(.auditSigning)))
  }

  /// From entries that were verified, oldest first.
  init(_ lines: [[UInt8]]) throws { for line in lines { try take(JSONValue(parsing: line)) } }

  private mutating func take(_ entry: JSONValue) throws {
    if entry["verb"]?.string == Verb.undo.rawValue, let undo = entry["digests"]?[AuditEntry.Digest.undo.rawValue]?.string { undos.insert(undo) }
    guard let subject = entry["subject"], subject["kind"]?.string == "feed", let feed = subject["name"]?.string, let digests = entry["digests"] else { return }
    func key(_ digest: AuditEntry.Digest) -> String? { digests[digest.rawValue]?.string.map { feed + " " + $0 } }
    let verb = entry["verb"]?.string.flatMap { Verb(rawValue: $0) }
    if verb == .diff, let diff = key(.diff) { diffs.insert(diff) }
    if verb == .replay, let replay = key(.replay) { replays.insert(replay) }
    if let digest = digests[AuditEntry.Digest.pins.rawValue]?.string { pins[feed] = digest }
    guard verb == .promote || verb == .approve, let proposal = key(.promotion) else { return }
    // Put in force, a proposal is used up: its file put back later proposes nothing.
    if entry["outcome"]?.string == AuditEntry.Outcome.ended(.waiting).name {
      proposals[proposal] = Proposal(account: entry["actor"]?.string ?? "", person: entry["person"]?.string ?? "")
    } else {
      proposals[proposal] = nil
    }
  }

  /// Whether a comparison over drops of a feed was recorded with these bytes.
  func knows(diff bytes: [UInt8], of feed: String) -> Bool { diffs.contains(Self.key(bytes, feed)) }

  /// Whether a replay over a feed, dry or not, was recorded with these bytes.
  func knows(replay bytes: [UInt8], of feed: String) -> Bool { replays.contains(Self.key(bytes, feed)) }

  /// Whether an undo, dry or not, was recorded with these bytes.
  func knows(undo bytes: [UInt8]) -> Bool { undos.contains(Hex.text(SHA256.digest(bytes))) }

  /// Who proposed what these bytes say for a feed; nil where nobody did, or where it is in force since.
  func proposal(_ bytes: [UInt8], of feed: String) -> Proposal? { proposals[Self.key(bytes, feed)] }

  /// Whether the pins of a feed are those that the last act on them left.
  func knows(pins digest: [UInt8], of feed: String) -> Bool { pins[feed] == Hex.text(digest) }

  private static func key(_ bytes: [UInt8], _ feed: String) -> String { feed + " " + Hex.text(SHA256.digest(bytes)) }
}
