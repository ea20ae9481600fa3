import Core
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
}
