import Glibc
import Support
import Testing

/// Large inputs from small rules.
enum Hostile {
  static func document(_ inside: String) -> String { "<ClinicalDocument xmlns=\"urn:hl7-org:v3\">\(inside)</ClinicalDocument>" }

  static func open(document depth: Int) -> [UInt8] {
    Array((document("").dropLast("</ClinicalDocument>".count) + String(repeating: "<a>", count: depth)).utf8)
  }

  static func document(entries: Int) -> [UInt8] {
    let entry = "<entry><observation><code code=\"1\"/><value>2</value></observation></entry>"
    let section = "<component><section>" + String(repeating: entry, count: entries) + "</section></component>"
    return Array(document("<component><structuredBody>\(section)</structuredBody></component>").utf8)
  }

  static func message(_ segments: String, count: Int = 1) -> [UInt8] {
    Array(String(repeating: "MSH|^~\\&|A|B|||2026||ADT^A01|1|T|2.5\r\(segments)\r", count: count).utf8)
  }

  /// Something whose beginning is right and whose rest goes on without an end.
  enum Pipe: String, CustomTestStringConvertible {
    case segment, text, base64, attribute

    var testDescription: String { rawValue }
    var format: String { self == .segment ? "hl7v2" : "cda" }

    var beginning: String {
      switch self {
      case .segment: "MSH|^~\\&|A|B|||2026||ORU^R01|1|T|2.5\rOBX|1|TX|||"
      case .text: "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><title>"
      case .base64: "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><component><nonXMLBody><text mediaType=\"application/pdf\" representation=\"B64\">"
      case .attribute: "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><id extension=\""
      }
    }
  }
}

/// The program `read-drop` of this package, beside the tests.
enum Reader {
  static let path: String = {
    var buffer = [CChar](repeating: 0, count: 4_096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    let own = String(decoding: buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return own[..<(own.lastIndex(of: "/") ?? own.startIndex)] + "/read-drop"
  }()

  static let environment = ["SWIFT_BACKTRACE": "enable=no"]

  /// What the program said of some bytes: counts by name.
  static func read(_ format: String, _ bytes: [UInt8]) throws -> [String: Int] {
    let folder = try TemporaryFolder()
    return counts(of: try Tools.run(path, [format, try folder.write(bytes, to: "drop")], environment: environment))
  }

  /// The same of a pipe that goes on for some megabytes.
  static func read(_ pipe: Hostile.Pipe, megabytes: Int) throws -> [String: Int] {
    let folder = try TemporaryFolder()
    try folder.write(pipe.beginning, to: "beginning")
    let flow = "{ cat '\(folder.path("beginning"))'; head -c \(megabytes)M /dev/zero | tr '\\0' A; } | '\(path)' \(pipe.format) -"
    return counts(of: try Tools.run("sh", ["-c", flow], environment: environment))
  }

  private static func counts(of result: ToolResult) -> [String: Int] {
    var counts = ["exit": Int(result.exit)]
    for word in result.outputText.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
      let parts = word.split(separator: "=")
      if parts.count == 2 { counts[String(parts[0])] = Int(parts[1]) }
    }
    return counts
  }
}
