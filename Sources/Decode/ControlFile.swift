public import Core

/// A sender's control file: how many documents or messages its folder should hold.
///
/// - Form: a line `documents,N` or `messages,N`; the word in any case, `=` for the comma, blanks around each part.
/// - Blank lines and lines that begin with `#` are passed over; CR, LF or CRLF.
public enum ControlFile {
  /// Bytes over this size are no control file.
  public static let maximumBytes = 64 << 10

  /// Counts over this one are no counts.
  public static let maximumCount = 1_000_000_000_000

  /// The declared count, or the finding that says why there is none.
  public static func read(_ bytes: some Collection<UInt8>) -> Result<Int, ControlFileFault> {
    guard bytes.count <= maximumBytes else { return .failure(ControlFileFault(line: 0)) }
    var declared: Int?
    for (index, line) in bytes.split(omittingEmptySubsequences: false, whereSeparator: { $0 == 0x0A || $0 == 0x0D }).enumerated() {
      let text = Array(line.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0xEF || $0 == 0xBB || $0 == 0xBF })
      if text.isEmpty || text[0] == UInt8(ascii: "#") { continue }
      guard let count = count(text[...]), declared == nil else { return .failure(ControlFileFault(line: index + 1)) }
      declared = count
    }
    guard let declared else { return .failure(ControlFileFault(line: 0)) }
    return .success(declared)
  }

  private static func count(_ line: ArraySlice<UInt8>) -> Int? {
    let parts = line.split(omittingEmptySubsequences: false) { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "=") }.map(trimmed)
    guard parts.count == 2, isUnit(parts[0]), let count = CalendarDay.number(parts[1]), count <= maximumCount else { return nil }
    return count
  }

  private static func isUnit(_ word: ArraySlice<UInt8>) -> Bool {
    let lower = word.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    return lower.elementsEqual("documents".utf8) || lower.elementsEqual("messages".utf8)
  }

  private static func trimmed(_ part: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let start = part.drop { $0 == 0x20 || $0 == 0x09 }
    return start.prefix((start.lastIndex { $0 != 0x20 && $0 != 0x09 } ?? start.startIndex - 1) - start.startIndex + 1)
  }
}

/// Where a control file stops being one.
public struct ControlFileFault: Error, Sendable, Equatable {
  /// One-based; 0 for the file as a whole.
  public let line: Int

  public var finding: Finding { Finding(.controlFileInvalid, at: SourcePosition(path: line > 0 ? "line \(line)" : "")) }
}
