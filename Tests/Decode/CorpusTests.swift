import Core
import Decode
import Glibc
import Testing

/// Compares the inspector with what independent readers found. `CORPUS` names the folder; without it the tests are skipped by name.
@Suite(.enabled(if: Corpus.folder != nil, "CORPUS does not name a folder with truth/hl7v2.json and truth/cda.json"))
struct CorpusTests {
  /// Files where the truth counts by another rule than the standard's; see the comment at each.
  static let explained: Set<String> = [
    // MSH-1 is ^ and MSH-2 ~|\& here: component ~, repetition |. The truth cut MSH-9 `ORU~R01` at ~ as if it were the repetition separator.
    "hl7v2/hapi-hl7v2/strings/NewPipeParserTest.44.hl7", "hl7v2/hapi-hl7v2/strings/PipeParserTest.18.hl7",
  ]

  @Test func inspectionOfHL7AgreesWithTheTruth() throws {
    let (differing, compared) = try Corpus.compare("hl7v2") { report, truth in
      var bad: [String] = []
      if (report["messages"]?.integer ?? 0) != truth["messages"]?.integer ?? 0 { bad.append("messages") }
      for key in ["message_types", "segments"] where Corpus.counts(report[key]) != Corpus.counts(truth[key]) { bad.append(key) }
      if (report["distinct_patient_ids"]?.integer ?? 0) != truth["distinct_patient_ids"]?.integer ?? 0 { bad.append("ids") }
      let pairs = { (value: JSONValue?) in (value?.array ?? []).map { [$0["segment"] ?? .null, $0["agrees"] ?? .null] } }
      if pairs(report["trailers"]) != pairs(truth["trailers"]) { bad.append("trailers") }
      return bad
    }
    #expect(compared > 700)
    #expect(differing.filter { !Self.explained.contains($0.key) } == [:])
  }

  @Test func inspectionOfCDAAgreesWithTheTruth() throws {
    let (differing, compared) = try Corpus.compare("cda") { report, truth in
      guard truth["well_formed"]?.bool ?? true else { return (report["findings"]?.array ?? []).isEmpty ? ["no finding"] : [] }
      guard truth["is_cda"]?.bool == true else { return (report["findings"]?.array ?? []).isEmpty ? ["no finding for other XML"] : [] }
      var bad: [String] = []
      if report["code"]?.string ?? "" != truth["code"]?.string ?? "" { bad.append("code") }
      let sections = (truth["sections"]?.object ?? [:]).compactMapValues { $0["sections"]?.integer }
      if Corpus.counts(report["sections"]) != sections { bad.append("sections") }
      for key in ["entries", "negated"] where Corpus.counts(report[key]) != Corpus.counts(truth[key]) { bad.append(key) }
      return bad
    }
    #expect(compared > 200)
    #expect(differing == [:])
  }
}

enum Corpus {
  static var folder: String? { unsafe getenv("CORPUS").map { unsafe String(cString: $0) } }

  static func counts(_ value: JSONValue?) -> [String: Int] { (value?.object ?? [:]).compactMapValues(\.integer).filter { $0.value > 0 } }

  static func bytes(_ path: String) -> [UInt8] {
    guard let file = unsafe fopen(path, "rb") else { return [] }
    defer { unsafe fclose(file) }
    var out: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe fread(&part, 1, part.count, file)
      if count == 0 { return out }
      out += part[..<count]
    }
  }

  static func inspect(_ bytes: [UInt8]) -> JSONValue {
    let inspector = Inspector()
    inspector.push(bytes)
    return inspector.finish().json(file: "file", sha256: "")
  }

  /// The files that differ, with what differs, and the number of files compared.
  static func compare(_ kind: String, _ differences: (JSONValue, JSONValue) -> [String]) throws -> ([String: [String]], Int) {
    let root = folder ?? ""
    let truth = try JSONValue(parsing: bytes(root + "/truth/\(kind).json")).object ?? [:]
    var found: [String: [String]] = [:]
    var compared = 0
    for (name, record) in truth where record["agreed"]?.bool == true {
      compared += 1
      let bad = differences(inspect(bytes(root + "/" + name)), record)
      if !bad.isEmpty { found[name] = bad }
    }
    return (found, compared)
  }
}
