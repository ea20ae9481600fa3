/// What a server says of a file (draft-ietf-secsh-filexfer-02, 5). Each part may be missing, and none is believed further than it can be checked.
struct SFTPAttributes: Equatable, Sendable {
  enum Kind: Equatable, Sendable { case file, folder, link, other }

  /// In bytes: a hint.
  var size: UInt64?
  var owner: UInt32?
  var group: UInt32?
  /// Type and mode as POSIX writes them.
  var permissions: UInt32?
  /// Seconds since 1970.
  var modified: UInt32?

  /// What the permissions say that it is; `other` where they say nothing.
  var kind: Kind {
    guard let permissions else { return .other }
    switch permissions & 0o170000 {
    case 0o100000: return .file
    case 0o040000: return .folder
    case 0o120000: return .link
    default: return .other
    }
  }

  private enum Flag {
    static let size: UInt32 = 1, owner: UInt32 = 2, permissions: UInt32 = 4, times: UInt32 = 8, extended: UInt32 = 0x8000_0000
  }

  init() {}

  /// Only the mode, as a new file is given it.
  init(mode: UInt32) { permissions = mode }

  /// Reads attributes; extended ones are passed over.
  init(reading reader: inout SFTPFields) throws(SFTPFault) {
    let flags = try reader.number()
    guard flags & ~(Flag.size | Flag.owner | Flag.permissions | Flag.times | Flag.extended) == 0 else { throw .unknownAttributes }
    if flags & Flag.size != 0 { size = try reader.longNumber() }
    if flags & Flag.owner != 0 { (owner, group) = (try reader.number(), try reader.number()) }
    if flags & Flag.permissions != 0 { permissions = try reader.number() }
    if flags & Flag.times != 0 {
      _ = try reader.number()
      modified = try reader.number()
    }
    if flags & Flag.extended != 0 { try reader.skipPairs() }
  }

  /// The mode is all that is ever set.
  func write(into out: inout [UInt8]) {
    SFTPBytes.put(permissions == nil ? 0 : Flag.permissions, into: &out)
    if let permissions { SFTPBytes.put(permissions, into: &out) }
  }
}

/// One name of a folder, as raw bytes. The long form that servers send for people is dropped unread.
struct SFTPName: Equatable, Sendable {
  var name: [UInt8]
  var attributes: SFTPAttributes

  /// Whether it can be a component of a path: neither empty nor longer than 255 characters of four bytes, without slash and NUL, not `.` or `..`.
  var isComponent: Bool { Self.isComponent(name) }

  static func isComponent(_ name: [UInt8]) -> Bool {
    (1...1_020).contains(name.count) && name != [0x2E] && name != [0x2E, 0x2E] && !name.contains(0x2F) && !name.contains(0)
  }

  var isDots: Bool { name == [0x2E] || name == [0x2E, 0x2E] }
}
