import Core
import Decode

/// Everything that a drop gave, in a form that can be compared.
struct Decoded: Equatable {
  var events: [DecodeEvent] = []
  var records: [String] = []
  var summary = DropSummary()
  /// Component, repetition, escape and subcomponent delimiter of each record.
  var delimiters: [[UInt8]] = []

  init(_ text: String, _ change: (inout DecodeSettings) -> Void = { _ in }) { self.init(pieces: [Array(text.utf8)], format: .hl7v2, change) }
  init(bytes: [UInt8], _ change: (inout DecodeSettings) -> Void = { _ in }) { self.init(pieces: [bytes], format: .hl7v2, change) }
  init(cda text: String, _ change: (inout DecodeSettings) -> Void = { _ in }) { self.init(pieces: [Array(text.utf8)], format: .cda, change) }

  init(fhir text: String, _ change: (inout DecodeSettings) -> Void = { _ in }) { self.init(pieces: [Array(text.utf8)], format: .fhir, change) }

  init(pieces: [[UInt8]], format: SourceFormat, _ change: (inout DecodeSettings) -> Void = { _ in }) {
    var settings = DecodeSettings(format: format)
    change(&settings)
    let decoder = DropDecoder(settings)
    for piece in pieces { decoder.push(piece) { take($0, $1) } }
    summary = decoder.finish { take($0, $1) }
  }

  private mutating func take(_ event: DecodeEvent, _ record: SourceRecord) {
    events.append(event)
    guard event == .record else { return }
    let isMessage = record.part == .message
    let declared = record.segments.delimiters
    delimiters.append([declared.component, declared.repetition, declared.escape, declared.subcomponent])
    records.append(isMessage ? Self.text(record.segments) : "\(record.part) \(record.occurrence) " + Self.text(record.arena, record.focus))
  }

  /// Fields as numbers and values, one segment a line.
  private static func text(_ table: SegmentTable) -> String {
    table.segments.indices.map { index in
      let fields = (0...table.fieldCount(index)).dropFirst().map { String(decoding: table.bytes[table.field(index, $0)], as: UTF8.self) }
      let name = String(decoding: withUnsafeBytes(of: table.segments[index].name.bigEndian) { Array($0.dropFirst()) }, as: UTF8.self)
      return ([name] + fields).joined(separator: "¦")
    }.joined(separator: "\n")
  }

  /// The path down to a node, then what is below it.
  private static func text(_ arena: NodeArena, _ focus: Int32) -> String {
    var path = "", node = arena.nodes[Int(focus)].parent
    while node >= 0 {
      path = arena.names[Int(arena.nodes[Int(node)].name)] + "/" + path
      node = arena.nodes[Int(node)].parent
    }
    return path + below(arena, focus)
  }

  private static func below(_ arena: NodeArena, _ node: Int32) -> String {
    let entry = arena.nodes[Int(node)]
    if entry.kind == .text { return "'" + String(decoding: arena.value(node), as: UTF8.self) + "'" }
    var parts: [String] = []
    var attribute = entry.firstAttribute
    while attribute >= 0 {
      parts.append(arena.names[Int(arena.nodes[Int(attribute)].name)] + "=" + String(decoding: arena.value(attribute), as: UTF8.self))
      attribute = arena.nodes[Int(attribute)].next
    }
    var child = entry.firstChild
    while child >= 0 {
      parts.append(below(arena, child))
      child = arena.nodes[Int(child)].next
    }
    let name = arena.names[Int(entry.name)] + (entry.count > 0 ? "=" + String(decoding: arena.value(node), as: UTF8.self) : "")
    return parts.isEmpty ? name : name + "(" + parts.joined(separator: " ") + ")"
  }

  var heads: [MessageHead] { events.compactMap { if case .begin(let head) = $0 { head } else { nil } } }
  var tails: [MessageTail] { events.compactMap { if case .end(let tail) = $0 { tail } else { nil } } }
  var totals: [BatchTotal] { events.compactMap { if case .batch(let total) = $0 { total } else { nil } } }
  var dropFindings: [FindingCode] { events.compactMap { if case .finding(let finding) = $0 { finding.code } else { nil } } }
  var advice: [FindingCode] { tails.flatMap { $0.findings.map(\.code) } }

  /// `decoded`, or the code that holds or rejects, a message each.
  var fates: [String] {
    tails.map {
      switch $0.outcome {
      case .decoded: "decoded"
      case .held(let finding): "held " + finding.code.rawValue
      case .rejected(let finding): "rejected " + finding.code.rawValue
      }
    }
  }

  var offsets: [Int] {
    tails.compactMap {
      switch $0.outcome {
      case .decoded: nil
      case .held(let finding), .rejected(let finding): finding.position.byteOffset
      }
    }
  }
}

/// Synthetic input.
enum Sample {
  static func message(_ id: String = "M1", end: String = "\r") -> String {
    ["MSH|^~\\&|DEMO|NORTH|||20260301||ADT^A01^ADT_A01|\(id)|T|2.5.1", "PID|1||T900001^^^NORTH^MR||TEST^ALPHA|\"\"|19700102"].map { $0 + end }.joined()
  }

  static let batch =
    "FHS|^~\\&|DEMO\rBHS|^~\\&|DEMO\r" + message("M1") + message("M2") + "BTS|2\rBHS|^~\\&|DEMO\r" + message("M3") + "BTS|3|\rFTS|2\r"

  static func section(_ code: String, _ inside: String) -> String {
    """
    <component><section><templateId root="1.2.3"/><code code="\(code)"/><title>Synthetic</title>\
    <text><content ID="a1">TEST one</content></text>\(inside)</section></component>
    """
  }

  static func entry(_ id: String, negated: Bool = false) -> String {
    """
    <entry><act><entryRelationship><observation negationInd="\(negated)">\
    <templateId root="2.16.840.1.113883.10.20.22.4.4"/><id root="\(id)"/></observation></entryRelationship></act></entry>
    """
  }

  static func document(_ body: String, declaration: String = "") -> String {
    declaration + """
      <ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\
      <code code="34133-9"/><recordTarget><patientRole><id extension="T900001"/><patient><name><family>TEST</family></name>\
      <sdtc:raceCode code="x"/></patient></patientRole></recordTarget>\(body)</ClinicalDocument>
      """
  }

  static func body(_ sections: String) -> String { "<component><structuredBody>\(sections)</structuredBody></component>" }

  static let problems = document(
    body(section("11450-4", entry("e1") + "\n " + entry("e2", negated: true)) + section("48765-2", entry("e3"))))
}
