internal import Core

/// A sender's manifest: which files it sent, with what bytes, perhaps with how many messages.
///
/// - Forms: CSV with a header that names `name`, `bytes`, `sha256` and, where it counts, `messages` (or `documents`, `rows`, `count`), in any
///   order; or the lines of `sha256sum`.
/// - It ends with a line end; one that was cut short is none. Names lie in its own folder or below, and each stands once.
/// - Memory: a small multiple of `maximumBytes`, since the first line that is none ends the reading.
public struct DropManifest: Sendable, Equatable {
  /// Bytes over this size are no manifest.
  public static let maximumBytes = 4 << 20
  /// Empty ones left out.
  static let maximumLines = 65_536
  /// A path of 4,096 bytes, each of them a doubled quote, and the other columns.
  static let maximumLineBytes = 16_384
  /// Counts over this one are no counts.
  private static let maximumCount = 1_000_000_000_000

  /// A file that the sender lists.
  struct Entry: Sendable, Equatable {
    /// The components of its path from the manifest's folder.
    var components: [[UInt8]]
    var byteCount: Int?
    var sha256: [UInt8]
    var messages: Int?
  }

  let entries: [Entry]

  /// What its counts add up to; nil unless each listed file has one.
  public var declared: Int? {
    let counts = entries.compactMap(\.messages)
    return counts.count == entries.count ? counts.reduce(0, +) : nil
  }

  /// Nil for anything that is no whole manifest.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count <= Self.maximumBytes, bytes.last == 0x0A else { return nil }
    var lines = ManifestLines(bytes), columns: Columns?, entries: [Entry] = [], names: Set<[[UInt8]]> = []
    while let line = lines.next() {
      if columns == nil, entries.isEmpty, let header = Columns(header: line) {
        columns = header
        continue
      }
      guard let entry = columns.map({ $0.entry(line) }) ?? Self.checksumLine(line), names.insert(entry.components).inserted else { return nil }
      entries.append(entry)
    }
    guard lines.isWhole, !entries.isEmpty else { return nil }
    self.entries = entries
  }

  /// 64 hexadecimal digits, a blank, a blank or `*`, the name.
  private static func checksumLine(_ line: [UInt8]) -> Entry? {
    guard line.count > 66, line[64] == 0x20, line[65] == 0x20 || line[65] == UInt8(ascii: "*"), let sha256 = digest(line[..<64]),
      let components = components(line[66...])
    else { return nil }
    return Entry(components: components, sha256: sha256)
  }

  fileprivate static func digest(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    let lower = text.map { (0x41...0x46).contains($0) ? $0 | 0x20 : $0 }
    guard lower.count == 64 else { return nil }
    return Hex.bytes(String(decoding: lower, as: UTF8.self))
  }

  /// Nil for a way out of the folder, and for one that could be written otherwise.
  fileprivate static func components(_ path: ArraySlice<UInt8>) -> [[UInt8]]? {
    let own = path.starts(with: Array("./".utf8)) ? path.dropFirst(2) : path
    let parts = own.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Array.init)
    guard parts.allSatisfy({ !$0.isEmpty && $0.count <= 255 && $0 != Array(".".utf8) && $0 != Array("..".utf8) }) else { return nil }
    return parts
  }

  fileprivate static func number(_ text: [UInt8]) -> Int? {
    guard let number = CalendarDay.number(text), number <= maximumCount else { return nil }
    return number
  }
}

/// The lines of a manifest, one after the other: without line ends, empty ones left out.
private struct ManifestLines {
  private let bytes: [UInt8]
  private var at: Int
  private var count = 0
  /// False once a NUL, a line that is too long or one too many was met: nothing more comes then.
  private(set) var isWhole = true

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    at = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  mutating func next() -> [UInt8]? {
    while isWhole, at < bytes.count {
      let start = at
      while at < bytes.count, bytes[at] != 0x0A, bytes[at] != 0x0D { at += 1 }
      let line = bytes[start..<at]
      at += 1
      if line.isEmpty { continue }
      count += 1
      isWhole = count <= DropManifest.maximumLines && line.count <= DropManifest.maximumLineBytes && !line.contains(0)
      if isWhole { return Array(line) }
    }
    return nil
  }
}

/// Where the columns of a manifest stand.
private struct Columns {
  let count: Int
  let name: Int, bytes: Int, sha256: Int
  let messages: Int?

  init?(header: [UInt8]) {
    guard let fields = Self.fields(header) else { return nil }
    let words = fields.map { String(decoding: $0, as: UTF8.self).lowercased() }
    guard let name = words.firstIndex(of: "name"), let bytes = words.firstIndex(of: "bytes"), let sha256 = words.firstIndex(of: "sha256"),
      Set(words).count == words.count
    else { return nil }
    (count, self.name, self.bytes, self.sha256) = (words.count, name, bytes, sha256)
    messages = words.firstIndex { ["messages", "documents", "rows", "count"].contains($0) }
  }

  func entry(_ line: [UInt8]) -> DropManifest.Entry? {
    guard let fields = Self.fields(line), fields.count == count, let components = DropManifest.components(fields[name][...]),
      let byteCount = DropManifest.number(fields[bytes]), let digest = DropManifest.digest(fields[sha256][...])
    else { return nil }
    var entry = DropManifest.Entry(components: components, byteCount: byteCount, sha256: digest)
    if let messages, !fields[messages].isEmpty {
      guard let number = DropManifest.number(fields[messages]) else { return nil }
      entry.messages = number
    }
    return entry
  }

  /// The fields of a line, quoted or not (RFC 4180); nil where a quote stands where none may.
  static func fields(_ line: [UInt8]) -> [[UInt8]]? {
    var fields: [[UInt8]] = [], at = 0
    let quote = UInt8(ascii: "\""), comma = UInt8(ascii: ",")
    repeat {
      var field: [UInt8] = []
      if at < line.count, line[at] == quote {
        guard let end = unquote(line, from: at + 1, into: &field) else { return nil }
        at = end
        guard at == line.count || line[at] == comma else { return nil }
      } else {
        while at < line.count, line[at] != comma {
          if line[at] == quote { return nil }
          field.append(line[at])
          at += 1
        }
      }
      fields.append(field)
      at += 1
    } while at <= line.count
    return fields
  }

  /// Where the closing quote ends.
  private static func unquote(_ line: [UInt8], from start: Int, into field: inout [UInt8]) -> Int? {
    var at = start
    while at < line.count {
      if line[at] == UInt8(ascii: "\"") {
        guard at + 1 < line.count, line[at + 1] == UInt8(ascii: "\"") else { return at + 1 }
        at += 1
      }
      field.append(line[at])
      at += 1
    }
    return nil
  }
}
