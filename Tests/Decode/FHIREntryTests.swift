import Core
import Decode
import Oracle
import Support
import Testing

@Suite("FHIR: entries of a Bundle")
struct FHIREntryTests {
  private static let patient = #"{"resourceType":"Patient","id":"1","identifier":[{"value":"T1"}]}"#
  private static let basic = #"{"fullUrl":"https://a.example/Basic/1","resource":{"resourceType":"Basic","subject":{"reference":"Patient/1"}}}"#

  @Test("A deletion is held, though the resource stands with it")
  func deletion() {
    let decoded = Decoded(fhir: FHIRTests.bundle([#"{"request":{"method":"DELETE","url":"Patient/1"},"resource":\#(Self.patient)}"#, #"{"resource":\#(Self.patient)}"#]))
    #expect(decoded.fates == ["held CORRECTION-HELD", "decoded"])
  }

  @Test("Where two different resources have one address, neither is meant", arguments: [("T1", true), ("T2", false)])
  func twinAddress(number: String, isFound: Bool) {
    let twins = [Self.patient, Self.patient.replacing("T1", with: number)].map { #"{"fullUrl":"https://a.example/Patient/1","resource":\#($0)}"# }
    #expect(Decoded(fhir: FHIRTests.bundle(twins + [Self.basic])).records[2].contains("resolve()") == isFound)
  }

  @Test("What a Bundle says beside its entries has the limit of a message, and the same end however it is cut", arguments: [1, 7, 4_096])
  func longHeader(size: Int) {
    let text = #"{"resourceType":"Bundle","type":"collection","entry":[{"resource":\#(Self.patient)}],"note":"\#(String(repeating: "a", count: 90))","total":1}"#
    var settings = DecodeSettings(format: .fhir)
    settings.limits.messageBytes = 100
    let whole = Trace([Array(text.utf8)], settings)
    #expect(whole.dropFindings.map(\.code) == [.jsonLimit])
    #expect(Trace(Drip.pieces(of: Array(text.utf8), size: size), settings) == whole)
  }

  @Test("A resource with too many names is held, and those behind it go on, however many names came before")
  func names() {
    let many = { (count: Int, mark: String) in #"{"resourceType":"Basic","# + (0..<count).map { #""\#(mark)\#($0)":1"# }.joined(separator: ",") + "}" }
    let lines = [many(60, "a"), many(60, "b"), many(200, "c"), many(60, "d"), Self.patient]
    #expect(Decoded(fhir: lines.joined(separator: "\n")) { $0.limits.names = 100 }.fates == ["decoded", "decoded", "held JSON-LIMIT", "decoded", "decoded"])
  }
}
