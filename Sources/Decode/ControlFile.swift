public import Core

/// A sender's control file: how many documents or messages its folder should hold.
///
/// - Form: CSV lines `documents,N` or `messages,N`; blank lines and lines that begin with `#` are passed over; CR, LF or CRLF.
public enum ControlFile {
  /// Bytes over this size are no control file.
  public static let maximumBytes = 64 << 10

  /// The declared count, or the finding that says why there is none.
  public static func read(_ bytes: some Collection<UInt8>) -> Result<Int, ControlFileFault> {
    guard bytes.count <= maximumBytes else { return .failure(ControlFileFault(line: 0)) }
    var declared: Int?
    for (index, line) in bytes.split(omittingEmptySubsequences: false, whereSeparator: { $0 == 0x0A || $0 == 0x0D }).enumerated() {
      let text = Array(line.drop { $0 == 0x20 || $0 == 0xEF || $0 == 0xBB || $0 == 0xBF })
      if text.isEmpty || text[0] == UInt8(ascii: "#") { continue }
      let parts = text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0].elementsEqual("documents".utf8) || parts[0].elementsEqual("messages".utf8), let count = CalendarDay.number(parts[1]), declared == nil else {
        return .failure(ControlFileFault(line: index + 1))
      }
      declared = count
    }
    guard let declared else { return .failure(ControlFileFault(line: 0)) }
    return .success(declared)
  }
}

/// Where a control file stops being one.
public struct ControlFileFault: Error, Sendable, Equatable {
  /// One-based; 0 for the file as a whole.
  public let line: Int

  public var finding: Finding { Finding(.controlFileInvalid, at: SourcePosition(path: line > 0 ? "line \(line)" : "")) }
}
