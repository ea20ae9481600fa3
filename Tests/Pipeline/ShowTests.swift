import Core
import Decode
import Glibc
import Testing

@testable import Pipeline

@Suite struct ShowTests {
  private func parts(_ text: String, _ view: ValueView, _ format: SourceFormat = .hl7v2) -> [TreePart] {
    var parts: [TreePart] = []
    let decoder = DropDecoder(DecodeSettings(format: format))
    func take(_ event: DecodeEvent, _ record: SourceRecord) {
      guard event == .record else { return }
      if record.part == .message { HL7Tree(record.segments, view).forEachPart { parts.append($0) } } else { parts.append(CDATree(record.arena, view).part(record)) }
    }
    decoder.push(Array(text.utf8)) { take($0, $1) }
    _ = decoder.finish { take($0, $1) }
    return parts
  }

  private static let message =
    "MSH|^~\\&|DEMO|NORTH|||20260301||ADT^A01^ADT_A01|M1|T|2.5.1\rPID|1||T900001^^^NORTH&1.2.3&ISO^MR~T2||TEST^ALPHA|\"\"|19700102\rOBX|1|CWE|||8480-6^TEXT\rZX1|own|\\H\\b\\N\\\r"

  private func line(_ path: String, _ view: ValueView) -> TreeLine? { parts(Self.message, view).flatMap(\.lines).first { $0.path == path } }

  @Test("Segments, fields, components and subcomponents have the standard's names", arguments: [
    ("PID-3[1].1", "ID Number"), ("PID-3[1].4", "Assigning Authority"), ("PID-3[1].4.2", "Universal ID"), ("PID-5.2", "Given Name"), ("OBX-5.2", "Text"), ("ZX1-1", "field 1"), ("MSH-9.1", "Message Code"),
  ])
  func names(path: String, name: String) { #expect(line(path, .masked)?.name == name) }

  @Test("A masked value is a shape", arguments: [
    ("PID-3[1].1", "A999999"), ("PID-3[2]", "A9"), ("PID-3[1].4.2", "9.9.9"), ("PID-5.2", "AAAAA"), ("PID-7", "(time)"), ("MSH-7", "(time)"), ("PID-6", "\"\""), ("ZX1-2", "A"), ("MSH-2", "^~\\&"),
  ])
  func masked(path: String, value: String) { #expect(line(path, .masked)?.value == value) }

  @Test("A revealed value is what was sent, unescaped", arguments: [("PID-3[1].1", "T900001"), ("PID-7", "19700102"), ("ZX1-2", "b")])
  func revealed(path: String, value: String) { #expect(line(path, .revealed)?.value == value) }

  @Test("A part that others make up has no value of its own") func parents() {
    #expect(line("PID-3[1]", .revealed)?.value == nil)
    #expect(line("PID-3[1].4", .revealed)?.value == nil)
  }

  @Test("A segment is told with its place") func places() {
    let parts = parts(Self.message + "NTE|1||a\rNTE|2||b\r", .masked)
    #expect(parts.map(\.code) == ["MSH", "PID", "OBX", "ZX1", "NTE", "NTE"])
    #expect(parts.last?.occurrence == 2)
    #expect(parts[1].byteOffset == 59 && parts[1].text.hasPrefix("PID  Patient Identification  (byte 59)\n"))
  }

  @Test("Shapes are bounded and give no letter away", arguments: [
    ("TEST-01 é漢", "AAAA-99 AA"), ("a\u{202E}b\n", "A?A?"), (String(repeating: "x", count: 50), String(repeating: "A", count: 40) + "… (50 characters)"), ("", ""), ("½٣", "99"), ("\u{1F600}", "?"),
  ])
  func shapes(value: String, shape: String) { #expect(ValueView.masked.text(Array(value.utf8)) == shape) }

  @Test("What could act on a terminal is spelled out", arguments: [
    ("a\u{202E}b", "a\\u{202E}b"), ("\u{1B}[31m", "\\u{1B}[31m"), ("a\nb", "a\\u{A}b"), ("\u{200B}\u{FEFF}", "\\u{200B}\\u{FEFF}"), ("\u{9B}", "\\u{9B}"), ("é漢", "é漢"), ("\u{2028}", "\\u{2028}"),
  ])
  func visible(value: String, shown: String) { #expect(ValueView.revealed.text(Array(value.utf8)) == shown) }

  private static let document = """
    <ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:z="urn:z"><code code="34133-9"/><title>ZQTITLE</title><recordTarget ZQATTRIBUTE="x"><patientRole><id extension="ZQ1"/></patientRole></recordTarget>\
    <ZQELEMENT/><z:ZQOTHER/><component><structuredBody><component><section><code code="11450-4"/><text>ZQTEXT</text>\
    <entry><act classCode="ACT"><id root="1.2"/></act></entry></section></component></structuredBody></component></ClinicalDocument>
    """

  @Test("A document is its header, its entries and its sections") func document() {
    let parts = parts(Self.document, .revealed, .cda)
    #expect(parts.map { "\($0.code) \($0.occurrence)" } == ["header 1", "entry 1", "section 1"])
    #expect(parts[0].lines.contains(TreeLine(depth: 4, path: "@extension", value: "ZQ1")))
    #expect(parts[1].lines.map(\.path) == ["entry", "act", "@classCode", "id", "@root"])
  }

  @Test("Masked, neither a value nor a name of the sender's own is shown") func maskedDocument() {
    let text = parts(Self.document, .masked, .cda).flatMap { [$0.text, String(decoding: $0.json.canonical, as: UTF8.self)] }.joined()
    #expect(!text.contains("ZQ"))
    #expect(text.contains("(other element)") && text.contains("@(other attribute)"))
  }

  @Test("Of a resource the properties of the standard are named, any other could be a person's", arguments: [ValueView.masked, .revealed])
  func properties(view: ValueView) {
    let text = #"{"resourceType":"Patient","ZQSMITHJOHN19700102":"x","name":[{"zqalpha":{"family":"TEST"}}],"birthDate":"1970-01-02"}"#
    let lines = parts(text, view, .fhir).flatMap(\.lines)
    #expect(lines.map(\.path) == ["Patient", "resourceType", "*", "name", "*", "family", "birthDate"])
  }

  /// What a worker says of a drop, frame by frame.
  private func reply(_ text: String, message: Int) throws -> (parts: [String], result: ShowResult?) {
    var ends: [Int32] = [-1, -1], frames = FrameReader()
    #expect(pipe(&ends) == 0)
    var output = FrameWriter(descriptor: ends[1]), parts: [String] = [], result: ShowResult?
    var session = try ShowSession(ShowOrder(format: .hl7v2, charset: "", message: message, view: .masked, isJSON: false))
    session.begin(trap: false, number: 0)
    try session.push(Array(text.utf8).span, into: &output)
    try session.finish(into: &output)
    close(ends[1])
    while frames.fill(from: ends[0]) > 0 {}
    close(ends[0])
    while let frame = try frames.next() {
      var reader = ByteReader(frames.bytes, frame.payload)
      if frame.kind == .shown { parts.append(try ShowClient.shown(&reader)) } else { result = try ShowResult(from: &reader) }
    }
    return (parts, result)
  }

  @Test("A worker shows the message asked for and stops behind it") func worker() throws {
    let (parts, result) = try reply(Self.message + Self.message.replacing("M1", with: "M2") + Self.message, message: 2)
    #expect(parts.count == 4 && parts[0].hasPrefix("MSH"))
    #expect(result?.messages == 2 && result?.outcome == .decoded)
    #expect(try reply(Self.message, message: 2).result == { var none = ShowResult(); none.messages = 1; return none }())
  }

  @Test("An order crosses the process border unchanged") func order() throws {
    let order = ShowOrder(format: .cda, charset: "UTF-8", message: 7, view: .revealed, isJSON: true)
    #expect(try ShowOrder(from: order.encoded) == order)
  }

  @Test("What a worker says is printed only where it cannot act on a terminal", arguments: ["\u{1B}[31m", "a\u{202E}b", "a\rb", "\u{9B}"])
  func terminal(text: String) throws {
    var writer = ByteWriter()
    writer.write("PID  Patient\n" + text)
    var reader = ByteReader(writer.bytes)
    #expect(throws: WorkerFailure.self) { try ShowClient.shown(&reader) }
  }

  @Test("A request names a drop, a message and, to reveal, a purpose") func requests() throws {
    let id = String(repeating: "0a", count: 16)
    let masked = try ShowRequest(drop: id, message: 1, reveal: false, purpose: nil, json: false)
    let revealed = try ShowRequest(drop: id + id, message: 1, reveal: true, purpose: "operations", json: false)
    #expect(String(describing: masked.verb) == "inspect" && String(describing: revealed.verb) == "reveal")
    for (drop, message, reveal, purpose) in [("T900001", 1, false, nil), (id, 0, false, nil), (id, 1, true, nil), (id, 1, true, "curiosity"), (id, 1, true, "research"), (id, 1, false, "operations")] as [(String, Int, Bool, String?)] {
      #expect(throws: PipelineError.self) { try ShowRequest(drop: drop, message: message, reveal: reveal, purpose: purpose, json: false) }
    }
  }
}
