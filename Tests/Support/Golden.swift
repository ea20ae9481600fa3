import Core
import Glibc

/// Compares bytes with a file that is checked in beside the test, in the folder `Golden`.
///
/// `COMPLINE_GOLDEN=write` writes the files instead; the diff in git is then the review.
public enum Golden {
  /// Nil when the bytes are those of `Golden/<name>`; else one line that says where they part.
  public static func difference(_ bytes: [UInt8], _ name: String, beside test: String = #filePath) throws -> String? {
    let path = String(test[..<(test.lastIndex(of: "/") ?? test.endIndex)]) + "/Golden/" + name
    if getenv("COMPLINE_GOLDEN").map({ String(cString: $0) }) == "write" {
      try TestFile.write(bytes, to: path)
      return nil
    }
    guard let wanted = try? TestFile.read(path) else { return "Golden/\(name) is missing; COMPLINE_GOLDEN=write makes it" }
    return difference(bytes, from: wanted).map { "Golden/\(name), \($0)" }
  }

  /// The line where two contents part, or nil.
  public static func difference(_ bytes: [UInt8], from wanted: [UInt8]) -> String? {
    if bytes == wanted { return nil }
    let got = bytes.split(separator: 0x0A, omittingEmptySubsequences: false), want = wanted.split(separator: 0x0A, omittingEmptySubsequences: false)
    let line = zip(got, want).prefix { $0.elementsEqual($1) }.count
    let texts = [want, got].map { line < $0.count ? String(decoding: $0[line], as: UTF8.self) : "(end)" }
    return "line \(line + 1): wanted \"\(texts[0])\", got \"\(texts[1])\""
  }
}
