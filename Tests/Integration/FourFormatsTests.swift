import Core
import Support
import Testing

/// One encounter, sent in four formats to four sites, is the same rows. The files lie in `Tests/Encounter`; what a format cannot carry stands in
/// `differences.csv` there, each with its reason, and nothing stands there that the formats do carry alike.
@Suite struct FourFormatsTests {
  private static let folder = TestSite.checkout + "/Tests/Encounter/"

  struct Format: Sendable, CustomTestStringConvertible {
    var name: String
    var file: String
    var set: String
    var testDescription: String { name }
  }

  private static let formats = [
    Format(name: "hl7v2", file: "encounter.hl7", set: "hl7v2-standard"), Format(name: "cda", file: "encounter.xml", set: "ccda-standard"),
    Format(name: "fhir", file: "encounter.json", set: "fhir-standard"), Format(name: "csv", file: "encounter.csv", set: "encounter-file"),
  ]

  /// Entities that say the same in each of them; a document and its sections are of documents alone.
  private static let keys: KeyValuePairs = [
    "patient": ["identifier"], "identifier": ["identifier"], "provider": ["identifier"], "encounter": ["visit"], "condition": ["source"], "allergy": ["source"],
    "medication": ["source"], "immunization": ["source"], "procedure": ["source"], "order": ["identifier"], "observation": ["order", "code", "code_system", "sub"],
    "charge": ["transaction"],
  ]

  // MARK: A site

  /// A site of its own whose only feed has the format; the night over the encounter, everything of it loaded.
  private func night(_ format: Format) throws -> TestSite {
    let site = try TestSite()
    for part in ["feeds", "consumers", "agreements"] { TestFile.remove(site.path + "/" + part) }
    let feed = """
      feed: north
      owner: interfaces@example.invalid
      from: {drop: drops/north}
      format: \(format.name)
      mappings: [\(format.set)]
      zone: America/Chicago
      arrival: {by: "02:00", complete: settle}

      """
    try site.root.write(feed, to: "site/feeds/north.yaml")
    if format.name == "csv" {
      try site.root.write(try TestFile.read(Self.folder + "encounter-file.yaml"), to: "site/mappings/csv/encounter-file/1.yaml")
      try site.expectExit(0, of: try site.compline("mapping", "release", "--site", site.path))
    }
    let text = String(decoding: try TestFile.read(Self.folder + format.file), as: UTF8.self)
    try site.drop(Array((format.name == "hl7v2" ? text.replacing("\n", with: "\r") : text).utf8), at: "north/" + format.file)
    try site.expectExit(0, of: try site.job("nightly"))
    try site.expectExit(0, of: try site.compline("export", "--site", site.path, "--to", site.root.path("out")))
    return site
  }

  /// The rows of an entity by their keys, each field as canonical JSON; without what is a row's own here: its name, and when it was said.
  private func rows(_ entity: String, _ key: [String], of site: TestSite) throws -> [String: [String: String]] {
    guard let bytes = try? site.root.read("out/\(entity).ndjson") else { return [:] }
    var rows: [String: [String: String]] = [:]
    for line in bytes.split(separator: 0x0A) {
      let members = try JSONValue(parsing: Array(line)).object ?? [:]
      let name = key.map { members[$0]?["value"]?.string ?? members[$0]?.string ?? "" }.joined(separator: " ")
      let fields = members.filter { $0.key != "ref" && $0.key != "event_time" && $0.value != .null }
      rows[name] = fields.mapValues { String(decoding: $0.canonical, as: UTF8.self) }
    }
    return rows
  }

  // MARK: What a format cannot say

  private struct Differences {
    var lines: [[String]] = []
    var used: Set<Int> = []

    init() throws {
      let text = String(decoding: try TestFile.read(FourFormatsTests.folder + "differences.csv"), as: UTF8.self)
      lines = text.split(separator: "\n").dropFirst().map { $0.split(separator: ",", maxSplits: 4, omittingEmptySubsequences: false).map(String.init) }
    }

    /// True where a line says that the format cannot; it is then needed.
    mutating func excuse(_ entity: String, _ row: String, _ field: String, _ format: String) -> Bool {
      let found = lines.indices.filter { index in
        let line = lines[index]
        return (line[0] == entity || line[0] == "*") && (line[1].isEmpty || line[1] == row) && line[2] == field && line[3].split(separator: " ").contains { $0 == format }
      }
      used.formUnion(found)
      return !found.isEmpty
    }
  }

  /// What of one row differs between the formats that can say it, and what a format says although it is excused.
  private func compare(_ entity: String, _ name: String, _ rows: [String: [String: String]?], _ differences: inout Differences) -> [String] {
    var said: [String] = [], present: [String: [String: String]] = [:]
    for (format, row) in rows {
      if let row { present[format] = row } else if !differences.excuse(entity, name, "(row)", format) { said.append("\(entity) \(name): \(format) has no such row") }
    }
    for field in Set(present.values.flatMap(\.keys)).sorted() {
      var values: [String: String?] = [:]
      for (format, row) in present { values[format] = .some(row[field]) }
      let common = Set(values.values).count == 1
      if common { continue }
      let kept = values.filter { !differences.excuse(entity, name, field, $0.key) }
      let same = Set(kept.values)
      if same.count > 1 || (kept.count > 0 && same == [nil]) {
        said.append("\(entity) \(name) \(field): " + values.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value ?? "nothing")" }.joined(separator: ", "))
      }
    }
    return said
  }

  @Test func theSameEncounterIsTheSameRowsInEveryFormat() throws {
    var sites: [String: TestSite] = [:], differences = try Differences(), said: [String] = [], count = 0
    for format in Self.formats { sites[format.name] = try night(format) }
    for (entity, key) in Self.keys {
      let tables = try sites.mapValues { try rows(entity, key, of: $0) }
      for name in Set(tables.values.flatMap(\.keys)).sorted() {
        said += compare(entity, name, tables.mapValues { $0[name] }, &differences)
        count += 1
      }
    }
    #expect(said == [])
    #expect(count == 15)
    #expect(differences.lines.indices.filter { !differences.used.contains($0) }.map { differences.lines[$0].joined(separator: ",") } == [], "not needed")
  }
}
