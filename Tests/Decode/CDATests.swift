import Core
import Decode
import Testing

@Suite struct CDATests {
  @Test func headerComesFirstThenEntriesThenTheirSection() {
    let parts = Decoded(cda: Sample.problems).records.map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
    #expect(parts == ["header 1", "entry 1", "entry 2", "section 1", "entry 3", "section 2"])
  }

  @Test func headerHoldsWhatStandsBeforeTheBody() {
    let header = Decoded(cda: Sample.problems).records.first ?? ""
    let patient = "h:patient(h:name(h:family('TEST')) sdtc:raceCode(@code=x))"
    let role = "h:patientRole(h:id(@extension=T900001) \(patient))"
    #expect(header == "header 1 h:ClinicalDocument(h:code(@code=34133-9) h:recordTarget(\(role)) h:component)")
  }

  @Test func entryIsAloneUnderItsSection() {
    let entry = Decoded(cda: Sample.problems).records[2]
    #expect(entry.hasPrefix("entry 2 h:ClinicalDocument/h:component/h:structuredBody/h:component/h:section/h:entry(h:act("))
    #expect(entry.contains("@root=e2") && !entry.contains("@root=e1"))
  }

  @Test func sectionKeepsItsOwnChildrenAndDropsItsEntries() {
    let own = "h:templateId(@root=1.2.3) h:code(@code=11450-4) h:title('Synthetic') h:text(h:content(@ID=a1 'TEST one'))"
    #expect(Decoded(cda: Sample.problems).records[3].hasSuffix("h:section(\(own))"))
  }

  @Test func nestedSectionsAreRead() {
    let inner = Sample.section("2", Sample.entry("deep"))
    let records = Decoded(cda: Sample.document(Sample.body(Sample.section("1", Sample.entry("top") + inner)))).records
    #expect(records.count == 5)
    #expect(records[2].contains("h:section/h:component/h:section/h:entry("))
    #expect(records[4].hasSuffix("h:text(h:content(@ID=a1 'TEST one')))"))
  }

  @Test func entriesCanBeLeftOut() {
    #expect(Decoded(cda: Sample.problems) { $0.entriesWanted = false }.records.count == 3)
  }

  @Test func namesGetTheNumbersThatWereAsked() {
    let decoder = DropDecoder(DecodeSettings(format: .cda, names: ["h:entry", "@root"]))
    var seen: [Int32?] = []
    decoder.push(Array(Sample.problems.utf8)) { _, record in seen = [record.arena.nameID("h:entry"), record.arena.nameID("@root")] }
    #expect(seen == [0, 1])
  }

  @Test func identityIsOfTheFile() {
    let tail = Decoded(cda: Sample.problems).tails.first
    #expect(tail?.digest == SHA256.digest(Array(Sample.problems.utf8)))
    #expect(tail?.rawType == Array("34133-9".utf8))
    #expect(tail?.byteCount == Sample.problems.utf8.count)
  }

  @Test func documentTypeDeclarationIsRefused() {
    let bomb = "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>" + Sample.problems
    #expect(Decoded(cda: bomb).fates == ["rejected DOCTYPE-REFUSED"])
    #expect(Decoded(cda: bomb).records == [])
  }

  @Test(arguments: [
    "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><a></b>", Sample.problems + "<more/>", String(Sample.problems.dropLast(5)), "<a>&b;</a>",
  ])
  func brokenXMLIsRejectedOrOtherXMLRefused(text: String) {
    #expect(Decoded(cda: text).fates == [text.hasPrefix("<a>") ? "rejected NOT-CDA" : "rejected XML-MALFORMED"])
  }

  @Test func malformedXMLHasItsPlace() {
    let text = "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"></b>"
    #expect(Decoded(cda: text).offsets.allSatisfy { $0 > 40 && $0 <= text.utf8.count })
  }

  @Test func unknownEntityIsRejected() {
    #expect(Decoded(cda: Sample.document("<title>&unknown;</title>")).fates == ["rejected XML-MALFORMED"])
  }

  @Test(arguments: ["<ClinicalDocument/>", "<entry xmlns=\"urn:hl7-org:v3\"/>", "MSH|^~\\&|A\r"]) func otherRootIsNotCDA(text: String) {
    #expect(Decoded(cda: text).fates == ["rejected NOT-CDA"])
  }

  @Test(arguments: ["", " \n"]) func emptyDropIsOneRejected(text: String) {
    #expect(Decoded(cda: text).fates == ["rejected DROP-EMPTY"])
  }

  @Test func cutDocumentIsTruncated() {
    #expect(Decoded(cda: String(Sample.problems.dropLast(200))).summary.truncated)
  }

  @Test func undeclaredPrefixIsReadAndReported() {
    let text = "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><sdtc:raceCode xsi:type=\"CE\"/><odd:x/></ClinicalDocument>"
    let decoded = Decoded(cda: text)
    #expect(decoded.records == ["header 1 h:ClinicalDocument(sdtc:raceCode(@xsi:type=CE) {odd}x)"])
    #expect(decoded.advice == [.xmlNamespace])
  }

  @Test func entryOverItsLimitHoldsTheDocument() {
    #expect(Decoded(cda: Sample.problems) { $0.limits.entryNodes = 5 }.fates == ["held ENTRY-LIMIT"])
    #expect(Decoded(cda: Sample.problems) { $0.limits.entryBytes = 10 }.fates == ["held ENTRY-LIMIT"])
  }

  @Test func longNarrativeIsLeftOutAndReported() {
    let decoded = Decoded(cda: Sample.problems) { $0.limits.narrativeBytes = 4 }
    #expect(decoded.fates == ["decoded"])
    #expect(decoded.advice == [.xmlLimit])
    #expect(decoded.records[3].hasSuffix("h:title('Synthetic'))"))
  }

  @Test(arguments: [150, 5_000]) func depthIsLimited(depth: Int) {
    let nest = String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
    #expect(Decoded(cda: Sample.document(nest)) { $0.limits.depth = 100 }.fates == ["held XML-LIMIT"])
  }

  @Test func attributesAreLimited() {
    let many = (0..<20).map { "a\($0)=\"x\"" }.joined(separator: " ")
    #expect(Decoded(cda: Sample.document("<id \(many)/>")) { $0.limits.attributes = 10 }.fates == ["held XML-LIMIT"])
  }

  @Test(arguments: ["a", "xmlns:a"]) func attributesAreLimitedInWhatIsNotKept(name: String) {
    let many = (0..<20).map { "\(name)\($0)=\"x\"" }.joined(separator: " ")
    let text = Sample.document(Sample.body("<other><id \(many)/></other>"))
    let decoded = Decoded(cda: text) { $0.limits.attributes = 10 }
    #expect(decoded.fates == ["held XML-LIMIT"])
    #expect(decoded.offsets.allSatisfy { String(decoding: Array(text.utf8)[..<$0].suffix(400), as: UTF8.self).contains("<id \(name)0") })
  }

  @Test func namespacesInForceAreLimited() {
    let nest = (0..<20).map { "<a xmlns:p\($0)=\"x\">" }.joined() + String(repeating: "</a>", count: 20)
    #expect(Decoded(cda: Sample.document(nest)) { $0.limits.attributes = 10 }.fates == ["held XML-LIMIT"])
    let flat = (0..<40).map { "<a xmlns:p\($0)=\"x\"/>" }.joined()
    #expect(Decoded(cda: Sample.document(flat)) { $0.limits.attributes = 10 }.fates == ["decoded"])
  }

  /// libxml2 compares each attribute with each other: without a bound of ours this takes minutes.
  @Test(arguments: ["a", "xmlns:a"]) func aTagWithManyAttributesIsHeldBeforeItIsRead(name: String) {
    let many = (0..<200_000).map { "\(name)\($0)=\"\"" }.joined(separator: " ")
    let elapsed = ContinuousClock().measure { #expect(Decoded(cda: Sample.document("<id \(many)/>")).fates == ["held XML-LIMIT"]) }
    #expect(elapsed < .seconds(10))
  }

  @Test func aLongTagIsHeld() {
    let value = String(repeating: ">", count: 100_000)
    #expect(Decoded(cda: Sample.document("<id a=\"\(value)\"/>")).fates == ["decoded"])
    #expect(Decoded(cda: Sample.document("<id a=\"\(value)\"/>")) { $0.limits.tagBytes = 50_000 }.fates == ["held XML-LIMIT"])
  }

  @Test(arguments: ["<!DOCTYPE a [<!ENTITY b \"x\">]>", "<!ENTITY b \"x\">", "<!ELEMENT a ANY>"]) func declarationsInsideTheDocumentAreMalformed(text: String) {
    #expect(Decoded(cda: Sample.document("<title>&b;</title>" + text)).fates == ["rejected XML-MALFORMED"])
    #expect(Decoded(cda: Sample.document(text + "<title>&b;</title>")).fates == ["rejected XML-MALFORMED"])
  }

  @Test func headerIsLimited() {
    #expect(Decoded(cda: Sample.problems) { $0.limits.contextNodes = 8 }.fates == ["held XML-LIMIT"])
  }

  @Test func differentNamesAreLimited() {
    let many = (0..<200).map { "<n\($0)/>" }.joined()
    #expect(Decoded(cda: Sample.document(many)) { $0.limits.names = 100 }.fates == ["held XML-LIMIT"])
  }

  @Test func attachedBodyIsReadButNotKept() {
    let text = Sample.document("<component><nonXMLBody><text>" + String(repeating: "QUJD", count: 50_000) + "</text></nonXMLBody></component>")
    let decoded = Decoded(cda: text) { $0.limits.contextBytes = 1_000 }
    #expect(decoded.fates == ["decoded"])
    #expect(decoded.records.count == 1)
  }

  @Test func declaredLatin1IsRead() {
    let text = Sample.document("<title>T\u{CB}ST</title>", declaration: "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>")
    let bytes = text.unicodeScalars.map { UInt8($0.value) }
    #expect(Decoded(pieces: [bytes], format: .cda).records.first?.contains("h:title('TËST')") == true)
  }

  @Test(arguments: [("&amp;", "&"), ("&#38;", "&"), ("&amp;#38;", "&#38;"), ("a &amp; b &amp;amp; &lt;", "a & b &amp; <")])
  func ampersandsOfAttributesAreRead(written: String, meant: String) {
    let header = Decoded(cda: Sample.document("<title x=\"\(written)\">\(written)</title>")).records.first
    #expect(header?.contains("h:title(@x=\(meant) '\(meant)')") == true)
  }

  @Test(arguments: [("urn:a&amp;b", "urn:a&b"), ("urn:a&amp;#38;b", "urn:a&#38;b")])
  func ampersandsOfNamespacesAreRead(written: String, meant: String) {
    let header = Decoded(cda: Sample.document("<a:x xmlns:a=\"\(written)\">T</a:x>")).records.first
    #expect(header?.contains("{\(meant)}x('T')") == true)
  }

  @Test func latin1BytesInUTF8AreRejected() {
    let bytes = Sample.document("<title>T\u{CB}ST</title>").unicodeScalars.map { UInt8($0.value) }
    #expect(Decoded(pieces: [bytes], format: .cda).fates == ["rejected CHARSET-UNDECODABLE"])
  }
}
