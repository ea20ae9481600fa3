public import Core

/// One drop as the pull journal names it.
public struct DropIntake: Sendable, Equatable {
  /// The random drop id, 32 hexadecimal digits.
  public var id: String
  public var feed: String
  public var night: BusinessDate
  /// The hash of the plain bytes under the pull key.
  public var keyedHash: [UInt8]
  public var byteCount: Int
  public var isControl: Bool
  public var isResubmission: Bool
  /// When it can have arrived at the latest, in seconds since the epoch.
  public var arrived: Int?

  public init(id: String, feed: String, night: BusinessDate, keyedHash: [UInt8], byteCount: Int, isControl: Bool = false, isResubmission: Bool = false) {
    self.id = id
    self.feed = feed
    self.night = night
    self.keyedHash = keyedHash
    self.byteCount = byteCount
    self.isControl = isControl
    self.isResubmission = isResubmission
  }
}

/// Known bytes that came again under another name; counted once a name.
public struct DuplicateName: Sendable, Equatable {
  public var feed: String
  public var night: BusinessDate
  /// Name and bytes under the pull key.
  public var keyedName: [UInt8]
  public var keyedHash: [UInt8]

  public init(feed: String, night: BusinessDate, keyedName: [UInt8], keyedHash: [UInt8]) {
    self.feed = feed
    self.night = night
    self.keyedName = keyedName
    self.keyedHash = keyedHash
  }
}

/// What a feed's folder looked like at the last pull of a night.
public struct FeedLook: Sendable, Equatable {
  public var feed: String
  public var night: BusinessDate
  public var arriving: Int

  /// Links, FIFOs, devices and names that the feed does not take: never read.
  public var skipped: Int
  /// Files and folders that could not be read.
  public var unreadable: Int
  /// Files that a manifest lists and that did not come as it says.
  public var missing = 0

  public init(feed: String, night: BusinessDate, arriving: Int, skipped: Int = 0, unreadable: Int = 0) {
    self.feed = feed
    self.night = night
    self.arriving = arriving
    self.skipped = skipped
    self.unreadable = unreadable
  }
}

/// A drop as the store knows it.
public struct DropEntry: Sendable, Equatable {
  public enum State: String, Sendable {
    /// Pulled, not yet loaded.
    case pending
    /// Held whole, because its decoder crashed; tried again in each run.
    case crashed
    case loaded
    /// Set aside by an undo: no ingest loads it before somebody asks for it again.
    case withdrawn
  }

  /// True where an ingest of its night is to load it.
  public var isDue: Bool { state == .pending || state == .crashed }

  public var id: String
  public var feed: String
  public var night: BusinessDate
  public var isControl: Bool
  public var byteCount: Int
  public var state: State
  /// SHA-256 of the plain bytes, hex; nil until the drop was opened.
  public var sha256: String?
  public var keyedHash: [UInt8]
}

/// A released mapping: the identity that each canonical row remembers.
public struct MappingRef: Sendable, Hashable {
  public var id: String
  public var version: Int
  /// SHA-256 of the file, hex.
  public var digest: String

  public init(id: String, version: Int, digest: String) {
    self.id = id
    self.version = version
    self.digest = digest
  }
}
