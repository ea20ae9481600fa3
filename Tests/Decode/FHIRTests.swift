import Core
import Decode
import Oracle
import Support
import Testing

@Suite("FHIR: a drop is cut into resources")
struct FHIRTests {
  static let patient = #"{"resourceType":"Patient","id":"1"}"#

  static func bundle(_ entries: [String], before: String = "") -> String {
    #"{"resourceType":"Bundle",\#(before)"type":"collection","entry":["# + entries.joined(separator: ",\n") + "]}"
  }

  @Test("A single resource is one message of its type")
  func single() {
    let decoded = Decoded(fhir: Self.patient)
    #expect(decoded.tails.map { String(decoding: $0.rawType, as: UTF8.self) } == ["Patient"])
    #expect(decoded.records == ["resource 1 Patient(resourceType=Patient id=1)"])
  }

  @Test("A file of lines gives a message a line, with its place in the file")
  func lines() {
    let decoded = Decoded(fhir: Self.patient + "\n" + Self.patient + "\r\n\n" + Self.patient)
    #expect(decoded.heads.map(\.byteOffset) == [0, 36, 74])
    #expect(decoded.fates == ["decoded", "decoded", "decoded"])
  }

  @Test("The entries of a Bundle are messages, and the Bundle itself is none")
  func entries() {
    let decoded = Decoded(fhir: Self.bundle([#"{"resource":\#(Self.patient)}"#, #"{"fullUrl":"urn:uuid:2","resource":\#(Self.patient)}"#]))
    #expect(decoded.records == ["resource 1 Patient(resourceType=Patient id=1)", "resource 1 Patient(@fullUrl=urn:uuid:2 resourceType=Patient id=1)"])
  }

  @Test("A Bundle whose type stands behind its entries is read like any other")
  func late() {
    #expect(Decoded(fhir: #"{"entry":[{"resource":\#(Self.patient)}],"resourceType":"Bundle"}"#).records == ["resource 1 Patient(resourceType=Patient id=1)"])
  }

  @Test("A line in which JSON is broken is rejected where it breaks, and its neighbours go on", arguments: [
    (#"{"resourceType":"Patient","id":"1","#, 35), (#"{"resourceType":"Patient","id":"1"#, 33), (#"{"resourceType":"Patient","id":NaN}"#, 31),
    (#"{"resourceType":"Patient","id":01}"#, 31), (#"{"resourceType":"Patient","id":"1",}"#, 35), (#"{"resourceType":"Patient","id":1,"id":2}"#, 33),
    (#"{"resourceType":"Patient","id":"\ud83d"}"#, 32), (#"{"resourceType":"Patient","id":]}"#, 31), (#"{"resourceType":"Patient"} x"#, 28),
  ])
  func brokenLine(line: String, at: Int) {
    let decoded = Decoded(fhir: Self.patient + "\n" + line + "\n" + Self.patient + "\n")
    #expect(decoded.fates.filter { $0 == "decoded" }.count >= 2)
    #expect(decoded.fates.contains { $0.hasPrefix("rejected") })
    #expect(decoded.tails.last?.outcome == .decoded)
    if !line.hasSuffix("x") { #expect(decoded.offsets == [36 + at]) }
  }

  @Test("An entry in which JSON is broken is rejected, and its neighbours go on")
  func brokenEntry() {
    let broken = #"{"resource":{"resourceType":"Patient","id":"1","id":"2"}}"#
    let whole = #"{"resource":\#(Self.patient)}"#
    #expect(Decoded(fhir: Self.bundle([whole, broken, whole])).fates == ["decoded", "rejected JSON-MALFORMED", "decoded"])
  }

  @Test("A comma too many between entries is said of the file, and every entry is read")
  func stray() {
    let decoded = Decoded(fhir: Self.bundle([#"{"resource":\#(Self.patient)}"#, "", #"{"resource":\#(Self.patient)}"#]))
    #expect(decoded.fates == ["decoded", "decoded"])
    #expect(decoded.dropFindings == [.jsonMalformed])
  }

  @Test("A resource that the end of the file cuts is held")
  func cut() {
    let decoded = Decoded(fhir: Self.patient + "\n" + #"{"resourceType":"Pat"#)
    #expect(decoded.fates == ["decoded", "held DROP-TRUNCATED"])
    #expect(decoded.summary.truncated)
  }

  @Test("A Bundle that is not closed says so, and its whole entries are read")
  func unclosed() {
    let decoded = Decoded(fhir: #"{"resourceType":"Bundle","entry":[{"resource":\#(Self.patient)}"#)
    #expect(decoded.fates == ["decoded"])
    #expect(decoded.dropFindings == [.envelopeUnclosed])
  }

  @Test("What is no FHIR is one rejected message", arguments: ["MSH|^~\\&|A\rPID|1", "[1,2]", #"{"a":1}"#, #"{"resourceType":"Test"}"#])
  func noFHIR(text: String) { #expect(Decoded(fhir: text).fates == ["rejected NOT-FHIR"]) }

  @Test("An empty file is one rejected message")
  func empty() { #expect(Decoded(fhir: " \n").fates == ["rejected DROP-EMPTY"]) }

  @Test("A Bundle without entries is a message of its own, which a set may filter")
  func emptyBundle() { #expect(Decoded(fhir: Self.bundle([])).records == ["resource 1 Bundle"]) }

  @Test("An entry that holds no resource and asks a server nothing is rejected, so that a misspelt one is not lost")
  func misspelt() { #expect(Decoded(fhir: Self.bundle([#"{"Resource":\#(Self.patient)}"#, #"{"response":{"status":"200"}}"#])).fates == ["rejected NOT-FHIR", "decoded"]) }

  @Test("A deletion is held")
  func deletion() { #expect(Decoded(fhir: Self.bundle([#"{"request":{"method":"DELETE","url":"Patient/1"}}"#])).fates == ["held CORRECTION-HELD"]) }

  @Test("Bytes that are no UTF-8 are named by their place")
  func misfit() {
    let decoded = Decoded(pieces: [Array(#"{"resourceType":"Patient","id":""#.utf8) + [0xE9] + Array("\"}".utf8)], format: .fhir)
    #expect(decoded.fates == ["rejected CHARSET-UNDECODABLE"])
    #expect(decoded.offsets == [32])
  }

  @Test("A byte-order mark is passed over")
  func mark() { #expect(Decoded(fhir: "\u{FEFF}" + Self.patient).fates == ["decoded"]) }

  @Test("A resource over a limit is held, and its neighbours go on")
  func limits() {
    let deep = #"{"resourceType":"Basic","a":"# + String(repeating: "[", count: 300) + String(repeating: "]", count: 300) + "}"
    #expect(Decoded(fhir: Self.patient + "\n" + deep + "\n" + Self.patient).fates == ["decoded", "held JSON-LIMIT", "decoded"])
    let long = #"{"resourceType":"Basic","a":"\#(String(repeating: "x", count: 300))"}"#
    #expect(Decoded(fhir: Self.patient + "\n" + long + "\n" + Self.patient) { $0.limits.messageBytes = 200 }.fates == ["decoded", "held MESSAGE-LIMIT", "decoded"])
  }

  @Test("A file inside of a resource goes out as an attachment")
  func attachment() {
    let text = #"{"resourceType":"DocumentReference","content":[{"attachment":{"contentType":"text/plain","data":"VEVTVA=="}}]}"#
    let decoded = Decoded(fhir: text)
    #expect(decoded.events.contains(.attachmentBytes(Array("TEST".utf8))))
    #expect(!decoded.records[0].contains("VEVTVA"))
  }
}

@Suite("FHIR: a resource is an arena of its properties")
struct FHIRRecordTests {
  private static func record(_ members: String) -> String { Decoded(fhir: #"{"resourceType":"Basic",\#(members)}"#).records.first ?? "none" }

  @Test("An array repeats its element, and a number keeps its text")
  func arrays() { #expect(Self.record(#""a":[1.50,true,"x"],"b":{"c":1E+2}"#) == "resource 1 Basic(resourceType=Basic a=1.50 a=true a=x b(c=1E+2))") }

  @Test("Escapes are resolved, a pair of surrogates too")
  func escapes() { #expect(Self.record(#""a":"\u00e9\n\ud83d\ude00\/""#) == "resource 1 Basic(resourceType=Basic a=é\n😀/)") }

  @Test("What stands beside a value with an underscore belongs to it, wherever it stands")
  func companions() {
    #expect(Self.record(#""_a":{"id":"1"},"a":"x""#) == "resource 1 Basic(resourceType=Basic a=x(id=1))")
    #expect(Self.record(#""a":["x",null],"_a":[null,{"id":"1"}]"#) == "resource 1 Basic(resourceType=Basic a=x a(id=1))")
    #expect(Self.record(#""_a":{"id":"1"}"#) == "resource 1 Basic(resourceType=Basic a(id=1))")
  }

  @Test("A name written with escapes is the name that it spells", arguments: [
    (##""birthD\u0061te":"1970""##, "birthDate=1970"), (##""a":"b","_\u0061":{"id":"c"}"##, "a=b(id=c)"), (##""a":"b","\u005fa":{"id":"c"}"##, "a=b(id=c)"),
    (##""\u0040server":"y""##, "*=y"),
  ])
  func escapedName(members: String, expected: String) { #expect(Self.record(members) == "resource 1 Basic(resourceType=Basic \(expected))") }

  @Test("A deletion is one however its name is written")
  func escapedRequest() {
    #expect(Decoded(fhir: FHIRTests.bundle([#"{"r\u0065quest":{"method":"DELETE","url":"Patient/1"}}"#])).fates == ["held CORRECTION-HELD"])
  }

  @Test("A name that cannot be a property's stands as *, so that nobody can make up those of the reader")
  func names() { #expect(Self.record(#""resolve()":"x","@server":"y""#) == "resource 1 Basic(resourceType=Basic *=x *=y)") }

  @Test("The feed's server stands in every resource")
  func server() {
    #expect(Decoded(fhir: FHIRTests.patient) { $0.server = "https://n.example" }.records == ["resource 1 Patient(@server=https://n.example resourceType=Patient id=1)"])
  }
}

@Suite("FHIR: references of a Bundle")
struct FHIRReferenceTests {
  private static func entry(_ url: String, _ resource: String) -> String { #"{"fullUrl":"\#(url)","resource":\#(resource)}"# }
  private static func basic(_ reference: String) -> String { #"{"resourceType":"Basic","subject":{"reference":"\#(reference)"}}"# }
  private static let patient = #"{"resourceType":"Patient","id":"1","identifier":[{"value":"T1"}]}"#

  private static func resolves(_ entries: [String], _ change: (inout DecodeSettings) -> Void = { _ in }) -> [Bool] {
    Decoded(pieces: [Array(FHIRTests.bundle(entries).utf8)], format: .fhir, change).records.map { $0.contains("resolve()(resourceType=Patient id=1 identifier(value=T1)") }
  }

  @Test("They find their resource by address, before or after it, and the order of the entries stays")
  func address() {
    let patient = Self.entry("urn:uuid:p", Self.patient), basic = Self.entry("urn:uuid:b", Self.basic("urn:uuid:p"))
    #expect(Self.resolves([patient, basic]) == [false, true])
    #expect(Self.resolves([basic, patient]) == [true, false])
  }

  @Test("A relative one is looked for on the server of its own entry, else by type and id", arguments: [
    ("https://a.example/Basic/1", "https://a.example/Patient/1", true), ("https://a.example/Basic/1", "https://b.example/Patient/1", false),
    ("https://a.example/Basic/1", "urn:uuid:p", true), ("urn:uuid:b", "https://b.example/Patient/1", true), ("urn:uuid:b", "urn:uuid:p", true),
  ])
  func relative(own: String, target: String, isFound: Bool) {
    #expect(Self.resolves([Self.entry(own, Self.basic("Patient/1")), Self.entry(target, Self.patient)])[0] == isFound)
  }

  @Test("Where two different resources have one type and id, neither is meant")
  func ambiguous() {
    let other = Self.patient.replacing("T1", with: "T2")
    #expect(Self.resolves([Self.entry("urn:uuid:p", Self.patient), Self.entry("urn:uuid:q", other), Self.entry("urn:uuid:b", Self.basic("Patient/1"))])[2] == false)
  }

  @Test("A version in the address does not matter")
  func version() { #expect(Self.resolves([Self.entry("https://a.example/Patient/1", Self.patient), Self.entry("", Self.basic("https://a.example/Patient/1/_history/3"))])[1]) }

  @Test("A contained resource is found by its id")
  func contained() {
    let text = ##"{"resourceType":"Basic","contained":[{"resourceType":"Patient","id":"p"}],"subject":{"reference":"#p"}}"##
    #expect(Decoded(fhir: text).records[0].contains("subject(reference=#p @type=Patient resolve()(resourceType=Patient id=p))"))
  }

  @Test("What waits longer than the limit allows goes on without what it refers to, in its order")
  func limit() {
    let waiting = (0..<8).map { Self.entry("urn:uuid:b\($0)", Self.basic("urn:uuid:p")) }
    let found = Self.resolves(waiting + [Self.entry("urn:uuid:p", Self.patient)]) { $0.limits.bundleBytes = 1_500 }
    #expect(found.contains(true) && !found[0])
    #expect(found == found.dropLast().sorted { !$0 && $1 } + [false])
  }

  @Test("The same entry is another message where its references mean somebody else")
  func digest() {
    let one = Decoded(fhir: FHIRTests.bundle([Self.entry("urn:uuid:p", Self.patient), Self.entry("urn:uuid:b", Self.basic("urn:uuid:p"))]))
    let other = Decoded(fhir: FHIRTests.bundle([Self.entry("urn:uuid:p", Self.patient.replacing("T1", with: "T2")), Self.entry("urn:uuid:b", Self.basic("urn:uuid:p"))]))
    #expect(one.tails[1].digest != other.tails[1].digest)
  }
}
