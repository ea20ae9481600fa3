/// What the file system says of a file: equal stamps mean that nobody wrote in between.
///
/// SFTP says less: device, inode and change time are 0 there, and the seconds of `modified` are whole.
struct FileStamp: Equatable, Sendable {
  var device: UInt64
  var inode: UInt64
  var byteCount: Int
  /// Nanoseconds since the epoch.
  var modified: Int
  /// The change time, which no program can set back.
  var changed: Int

  /// Where inodes tell nothing, a file is told by length and time alone.
  var hasInode: Bool { inode != 0 }

  /// Whether both are of one file with the same content, whatever its name: a new name alone changes the change time.
  func isSameFile(as other: FileStamp?) -> Bool {
    guard let other else { return false }
    return device == other.device && inode == other.inode && byteCount == other.byteCount && modified == other.modified
  }
}

/// A file of a drop folder.
struct SourceFile: Equatable, Sendable {
  /// Relative to the drop folder, components joined by `/`; raw bytes, because partners write any; never printed, because they hold names of people.
  var path: [UInt8]
  var stamp: FileStamp

  init(place: PartnerPath, stamp: FileStamp) {
    path = Array(place.components.joined(separator: [UInt8(ascii: "/")]))
    self.stamp = stamp
  }

  var place: PartnerPath { PartnerPath(components: path.split(separator: UInt8(ascii: "/")).map(Array.init)) }
  /// The path of another name in its folder.
  func sibling(_ name: [UInt8]) -> [UInt8] { path.prefix(path.count - self.name.count) + name }

  /// The last component.
  var name: [UInt8] { Array(path.split(separator: UInt8(ascii: "/")).last ?? []) }
}

/// What is declared of a drop.
public enum DropKind: String, Sendable, CaseIterable {
  case data
  /// Holds expected counts; matches the feed's control pattern.
  case control
}

/// A pattern for the last component of a path: `*` any run of bytes, `?` any one byte, everything else itself.
public struct NamePattern: Sendable, Equatable {
  private let pattern: [UInt8]

  public init(_ text: String) { self.init(Array(text.utf8)) }

  init(_ bytes: [UInt8]) { pattern = bytes }

  /// True where no name can fit both, as `*.hl7` and `*.csv`: what stands before their first wildcards differs, or what stands behind their last ones.
  public func isApart(from other: NamePattern) -> Bool {
    if !hasWildcard { return !other.matches(pattern) }
    if !other.hasWildcard { return !matches(other.pattern) }
    return zip(head, other.head).contains { $0 != $1 } || zip(tail.reversed(), other.tail.reversed()).contains { $0 != $1 }
  }

  /// True where every name that fits this one fits the other too, as far as their texts show it: `*.ctl` is inside `*.c*`.
  public func isInside(_ other: NamePattern) -> Bool {
    if !hasWildcard { return other.matches(pattern) }
    // A star of ours can be any run of bytes, so that only a star of the other's may stand for it.
    return !other.pattern.contains(UInt8(ascii: "?")) && other.matches(pattern)
  }

  private var hasWildcard: Bool { pattern.contains(where: Self.isWildcard) }
  private var head: ArraySlice<UInt8> { pattern.prefix { !Self.isWildcard($0) } }
  private var tail: ArraySlice<UInt8> { pattern[(pattern.lastIndex(where: Self.isWildcard).map { $0 + 1 } ?? 0)...] }
  private static func isWildcard(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "*") || byte == UInt8(ascii: "?") }

  /// True when the whole name fits. Linear but for the last star, to which it goes back.
  public func matches(_ name: some Collection<UInt8>) -> Bool {
    let name = Array(name)
    var at = 0, next = 0
    var star: (pattern: Int, name: Int)?
    while at < name.count {
      if next < pattern.count, pattern[next] == UInt8(ascii: "*") {
        star = (next, at)
        next += 1
      } else if next < pattern.count, pattern[next] == UInt8(ascii: "?") || pattern[next] == name[at] {
        next += 1
        at += 1
      } else if let last = star {
        star = (last.pattern, last.name + 1)
        next = last.pattern + 1
        at = last.name + 1
      } else {
        return false
      }
    }
    return pattern[next...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
