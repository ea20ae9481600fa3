import Core
import Decode
import Trust

/// `compline inspect`: what is in a file, without a site.
enum FileInspection {
  static func run(_ files: [String], json: Bool) throws -> ExitCode {
    var usable = false
    for file in files {
      let (report, sha256) = try inspect(file)
      usable = usable || report.isUsable
      if json {
        Console.say(String(decoding: report.json(file: file, sha256: sha256).canonical, as: UTF8.self))
      } else {
        Console.say(String(decoding: report.json(file: file, sha256: sha256).pretty.dropLast(), as: UTF8.self))
      }
    }
    return usable ? .closed : .nothingUsable
  }

  private static func inspect(_ path: String) throws -> (InspectionReport, String) {
    let file = try OpenFile.reading(path)
    let hash = try OpenSSLHash()
    let inspector = Inspector()
    while true {
      let chunk = try file.read(upTo: 1 << 16)
      if chunk.isEmpty { break }
      try hash.update(chunk)
      inspector.push(chunk)
    }
    return (inspector.finish().withPlainCode, Hex.text(try hash.finish()))
  }
}

extension InspectionReport {
  /// True when there is at least one message or row, or a document that could be read.
  var isUsable: Bool { format == .cda || format != .unknown && messages > 0 }

  /// A document code that does not look like LOINC could be anything, so it is not shown.
  var withPlainCode: InspectionReport {
    var report = self
    if !code.isEmpty, !Self.isLOINC(code) { report.code = "other" }
    return report
  }

  /// One to seven digits, a dash and a check digit.
  static func isLOINC(_ code: String) -> Bool {
    let parts = code.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    return parts.count == 2 && (1...7).contains(parts[0].count) && parts[1].count == 1 && parts.joined().allSatisfy { (0x30...0x39).contains($0) }
  }
}
