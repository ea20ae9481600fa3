import Core
import Decode
import Glibc
import Map
import Testing

/// The shipped mappings, a zone without a database, and a night of one message.
enum Fixture {
  static let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  static let shipped = MappingLibrary(files: files(below: root + "/Mappings"))
  static let night = BusinessDate(daysSinceEpoch: 20_513)

  /// The shipped files with some of them exchanged.
  static func library(_ changes: [String: String]) -> MappingLibrary {
    var files = files(below: root + "/Mappings")
    for (path, text) in changes { files[path] = Array(text.utf8) }
    return MappingLibrary(files: files)
  }

  static func files(below folder: String) -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    // Templates of feeds are copied by hand or by 'feed new'; they are no mappings.
    for path in paths(below: folder, "") where !path.hasPrefix("templates/") { files[path] = bytes(folder + "/" + path) }
    return files
  }

  static func paths(below folder: String, _ prefix: String) -> [String] {
    guard let directory = opendir(folder + "/" + prefix) else { return [prefix.isEmpty ? prefix : String(prefix.dropLast())] }
    defer { closedir(directory) }
    var found: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name.hasPrefix(".") { continue }
      var status = stat()
      guard stat(folder + "/" + prefix + name, &status) == 0 else { continue }
      found += status.st_mode & S_IFMT == S_IFDIR ? paths(below: folder, prefix + name + "/") : [prefix + name]
    }
    return found.sorted()
  }

  static func bytes(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "rb") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
  }

  /// Central time as the footer of a TZif file alone (RFC 8536, 3.3).
  static let chicago: ZoneRules = {
    let header = Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15)
    let counts: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 4]
    let type: [UInt8] = [0xFF, 0xFF, 0xAB, 0xA0, 0, 0] + Array("CST\0".utf8)
    let footer = Array("\nCST6CDT,M3.2.0,M11.1.0\n".utf8)
    return ZoneRules(tzif: header + counts + type + header + counts + type + footer) ?? .utc
  }()

  static func decode(_ bytes: [UInt8], _ plan: MapPlan, _ evaluator: inout MapEvaluator, format: SourceFormat) -> [MappedMessage] {
    var settings = DecodeSettings(format: format, names: plan.arenaNames)
    settings.layout = plan.layout
    settings.server = plan.server
    let decoder = DropDecoder(settings)
    var messages: [MappedMessage] = []
    var current = evaluator
    func take(_ event: DecodeEvent, _ record: SourceRecord) {
      switch event {
      case .begin(let head): current.begin(head)
      case .record: current.record(record)
      case .end(let tail): messages.append(current.end(tail))
      case .batch, .finding, .attachment, .attachmentBytes, .attachmentEnd: break
      }
    }
    decoder.push(bytes, take)
    _ = decoder.finish(take)
    evaluator = current
    return messages
  }

  static func plan(_ names: [String], _ format: SourceFormat = .hl7v2, _ library: MappingLibrary = shipped) throws -> MapPlan {
    try MapPlan.build(library, mappings: names, format: format, zone: chicago)
  }

  /// What the shipped HL7 v2 set makes of one message.
  static func map(_ text: String) throws -> MappedMessage {
    let plan = try plan(["hl7v2-standard"])
    var evaluator = MapEvaluator(plan: plan, businessDate: night)
    return try #require(decode(Array(text.utf8), plan, &evaluator, format: .hl7v2).first)
  }

  /// What a mapping of the test's own, of one line for one charge field, makes of an FT1 field.
  static func cell(_ line: String, ft1 fields: String, field: String = "modifiers") throws -> String {
    let text = """
      mapping: own-charge
      version: 1
      reads: {hl7v2: [DFT^P03]}
      zone: feed
      event_time: MSH-7
      owner: test
      why: test
      charge:
        each: FT1
        key: [transaction, patient]
        set:
          transaction: FT1-2 | id else MSH-4.1 | required
          patient: PID-3 | id else MSH-4.1 | ref patient | required
          \(field): \(line)
      examples:
        - name: none
          given: MSH
          expect: {}
      """
    let plan = try plan(["own-charge"], .hl7v2, library(["hl7v2/own-charge/1.yaml": text]))
    var evaluator = MapEvaluator(plan: plan, businessDate: night)
    let message = "MSH|^~\\&|A|NORTH|||20260301||DFT^P03|1|T|2.5.1\rPID|1||T1\rFT1|1|X1|\(fields)\r"
    let mapped = try #require(decode(Array(message.utf8), plan, &evaluator, format: .hl7v2).first)
    if let held = mapped.heldRows.first { return held.finding.code.rawValue }
    let entity = try #require(plan.dictionary.index(of: "charge"))
    let index = try #require(plan.dictionary.entities[entity].index(of: field))
    guard mapped.rows.rows.count == 1 else { return "no row" }
    switch mapped.rows.cell(row: 0, field: index).state {
    case .absent: return "(absent)"
    case .null: return "(cleared)"
    case .value: return String(decoding: mapped.rows.value(row: 0, field: index).map { $0 == 0x1F ? 0x40 : $0 }, as: UTF8.self)
    }
  }
}

extension MappedMessage {
  var heldCodes: [FindingCode] { heldRows.map(\.finding.code) }
}

/// What the shipped mappings make of one message, readable: identifiers as `value@assigner`, the empty states as `(absent)` and `(cleared)`.
struct Mapped {
  let message: MappedMessage
  let dictionary: CanonicalDictionary

  init(_ text: String, _ names: [String] = ["hl7v2-standard"], _ format: SourceFormat = .hl7v2, _ library: MappingLibrary = Fixture.shipped) throws {
    let plan = try Fixture.plan(names, format, library)
    var evaluator = MapEvaluator(plan: plan, businessDate: Fixture.night)
    message = try #require(Fixture.decode(Array(text.utf8), plan, &evaluator, format: format).first)
    dictionary = plan.dictionary
  }

  /// Results of the patient P1, under one order unless another text stands in for it.
  static func result(_ segments: String, order: String = "OBR|1||F1^LAB\r") throws -> Mapped {
    try Mapped("MSH|^~\\&|A|NORTH|||20260301||ORU^R01|1\rPID|1||P1\r\(order)\(segments)")
  }

  /// `rows`, `filtered`, or code, path and occurrence of what holds it.
  var verdict: String {
    switch message.verdict {
    case .rows: "rows"
    case .filtered: "filtered"
    case .held(let finding), .rejected(let finding): Self.text(finding)
    }
  }

  var held: [String] { message.heldRows.map { Self.text($0.finding) } }

  private static func text(_ finding: Finding) -> String { "\(finding.code.rawValue) \(finding.position.path) \(finding.position.occurrence)" }

  private func rows(_ entity: String) -> [Int] {
    message.rows.rows.indices.filter { Int(message.rows.rows[$0].entity) == dictionary.index(of: entity) }
  }

  /// One text a row of the entity.
  func values(_ entity: String, _ field: String) -> [String] { rows(entity).map { value($0, field) } }

  /// Of the only row of the entity.
  func cell(_ entity: String, _ field: String) -> String {
    let values = values(entity, field)
    return values.count == 1 ? values[0] : "\(values.count) rows"
  }

  func keys(_ entity: String) throws -> [[UInt8]] {
    let number = try #require(dictionary.index(of: entity))
    return rows(entity).compactMap { message.rows.key(row: $0, entity: dictionary.entities[number]) }
  }

  private func value(_ row: Int, _ field: String) -> String {
    let entity = dictionary.entities[Int(message.rows.rows[row].entity)]
    guard let index = entity.index(of: field) else { return "(no field)" }
    switch message.rows.cell(row: row, field: index).state {
    case .absent: return "(absent)"
    case .null: return "(cleared)"
    case .value: return String(decoding: message.rows.value(row: row, field: index).map { $0 == 0x1F ? 0x40 : $0 }, as: UTF8.self)
    }
  }
}
