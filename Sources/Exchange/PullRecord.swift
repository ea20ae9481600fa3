public import Core
public import Trust

/// A drop that pull sealed.
public struct PulledDrop: Sendable, Equatable {
  /// Random; its name everywhere else.
  public var id: ObjectID
  /// The night in which it was first pulled; it belongs there for ever.
  public var night: BusinessDate
  /// The feed, as the site names it.
  public var feed: PlainName
  /// HMAC of the relative path under the pull key, 32 bytes; of a control file, of path and mtime.
  public var keyedName: [UInt8]
  /// HMAC of the SHA-256 of the plain bytes, 32 bytes; of a control file, of that, path and mtime.
  public var keyedHash: [UInt8]
  /// Length of the plain bytes.
  public var byteCount: Int
  /// Data, or a control file.
  public var kind: DropKind
  /// Its name was used before for other bytes; never true of a control file.
  public var isResubmission: Bool
  /// When it can have arrived at the latest, in seconds since the epoch: its mtime or the look that found it, whichever is earlier. Nil in
  /// records of earlier versions.
  public var arrived: Int?
}

/// Bytes already known under another name: counted once a name.
public struct PulledDuplicate: Sendable, Equatable {
  /// The night in which that name was met first.
  public var night: BusinessDate
  /// The feed, as the site names it.
  public var feed: PlainName
  /// As in `PulledDrop`.
  public var keyedName: [UInt8], keyedHash: [UInt8]
  /// The drop that holds these bytes.
  public var original: ObjectID
}

/// A name whose bytes were fetched from a partner that has no inodes: met again with the same length and time, they are not fetched again.
public struct PulledStamp: Sendable, Equatable {
  /// The night of the fetch.
  public var night: BusinessDate
  /// The feed, as the site names it.
  public var feed: PlainName
  /// HMAC of the relative path under the pull key, 32 bytes, for control files too.
  public var keyedName: [UInt8]
  /// Length, and mtime in nanoseconds since the epoch.
  public var byteCount: Int, modified: Int
  /// The drop that holds these bytes.
  public var drop: ObjectID
  /// It was fetched so soon after it was written that a second writing could bear the same time: looked at again.
  public var isYoung: Bool
}

/// What a feed's folder looked like at the end of a pull; the last one of a night counts.
public struct PullLook: Sendable, Equatable {
  /// The night of the pull.
  public var night: BusinessDate
  /// The feed, as the site names it.
  public var feed: PlainName
  /// Files that are not whole yet, or changed while they were read.
  public var arriving: Int
  /// Links, FIFOs, devices, and names that the feed does not take.
  public var skipped: Int
  /// Files and folders that could not be read; the folder itself counts as one.
  public var unreadable: Int
  /// Files that a manifest lists and that did not come as it says.
  public var missing = 0
}

/// One line of the pull journal.
public enum PullRecord: Sendable, Equatable {
  case drop(PulledDrop)
  case duplicate(PulledDuplicate)
  case look(PullLook)
  case stamp(PulledStamp)
}

extension PullRecord {
  var json: JSONValue {
    switch self {
    case .drop(let drop): drop.json
    case .stamp(let stamp): stamp.json
    case .duplicate(let duplicate):
      [
        "type": "duplicate", "night": .string(duplicate.night.description), "feed": .string(duplicate.feed.text),
        "name": .string(Hex.text(duplicate.keyedName)), "hash": .string(Hex.text(duplicate.keyedHash)), "original": .string(duplicate.original.hex),
      ]
    case .look(let look): look.json
    }
  }

  /// Nil when a member is missing or of another form.
  init?(_ json: JSONValue) {
    guard let night = json["night"]?.string.flatMap({ BusinessDate($0) }), let feed = json["feed"]?.string.flatMap({ PlainName($0) }) else { return nil }
    switch json["type"]?.string {
    case "drop":
      guard let id = json["id"]?.string.flatMap({ ObjectID(hex: $0) }), let (name, hash) = Self.keyed(json), let bytes = json["bytes"]?.integer,
        let kind = json["kind"]?.string.flatMap({ DropKind(rawValue: $0) }), let resubmission = json["resubmission"]?.bool
      else { return nil }
      self = .drop(
        PulledDrop(
          id: id, night: night, feed: feed, keyedName: name, keyedHash: hash, byteCount: bytes, kind: kind, isResubmission: resubmission,
          arrived: json["arrived"]?.integer))
    case "duplicate":
      guard let (name, hash) = Self.keyed(json), let original = json["original"]?.string.flatMap({ ObjectID(hex: $0) }) else { return nil }
      self = .duplicate(PulledDuplicate(night: night, feed: feed, keyedName: name, keyedHash: hash, original: original))
    case "look":
      guard let arriving = json["arriving"]?.integer, let skipped = json["skipped"]?.integer, let unreadable = json["unreadable"]?.integer else { return nil }
      let missing = json["missing"]?.integer ?? 0
      self = .look(PullLook(night: night, feed: feed, arriving: arriving, skipped: skipped, unreadable: unreadable, missing: missing))
    case "stamp":
      guard let stamp = PulledStamp(json, night, feed) else { return nil }
      self = .stamp(stamp)
    default: return nil
    }
  }

  private static func keyed(_ json: JSONValue) -> (name: [UInt8], hash: [UInt8])? {
    guard let name = json["name"]?.string.flatMap({ Hex.bytes($0) }), name.count == 32, let hash = json["hash"]?.string.flatMap({ Hex.bytes($0) }),
      hash.count == 32
    else { return nil }
    return (name, hash)
  }
}

extension PulledDrop {
  fileprivate var json: JSONValue {
    var members: [String: JSONValue] = [
      "type": "drop", "id": .string(id.hex), "night": .string(night.description), "feed": .string(feed.text), "name": .string(Hex.text(keyedName)),
      "hash": .string(Hex.text(keyedHash)), "bytes": .integer(byteCount), "kind": .string(kind.rawValue), "resubmission": .bool(isResubmission),
    ]
    members["arrived"] = arrived.map { .integer($0) }
    return .object(members)
  }
}

extension PullLook {
  fileprivate var json: JSONValue {
    var members: [String: JSONValue] = [
      "type": "look", "night": .string(night.description), "feed": .string(feed.text), "arriving": .integer(arriving), "skipped": .integer(skipped),
      "unreadable": .integer(unreadable),
    ]
    if missing > 0 { members["missing"] = .integer(missing) }
    return .object(members)
  }
}

extension PulledStamp {
  fileprivate var json: JSONValue {
    [
      "type": "stamp", "night": .string(night.description), "feed": .string(feed.text), "name": .string(Hex.text(keyedName)), "bytes": .integer(byteCount),
      "modified": .integer(modified), "original": .string(drop.hex), "young": .bool(isYoung),
    ]
  }

  fileprivate init?(_ json: JSONValue, _ night: BusinessDate, _ feed: PlainName) {
    guard let name = json["name"]?.string.flatMap({ Hex.bytes($0) }), name.count == 32, let bytes = json["bytes"]?.integer,
      let modified = json["modified"]?.integer, let drop = json["original"]?.string.flatMap({ ObjectID(hex: $0) }), let young = json["young"]?.bool
    else { return nil }
    self.init(night: night, feed: feed, keyedName: name, byteCount: bytes, modified: modified, drop: drop, isYoung: young)
  }
}
