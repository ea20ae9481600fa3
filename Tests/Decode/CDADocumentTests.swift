import Core
import Decode
import Testing

/// The kinds of documents that senders call CDA.
@Suite struct CDADocumentTests {
  @Test func headerAloneIsADocument() {
    let decoded = Decoded(cda: Sample.document(""))
    #expect(decoded.fates == ["decoded"] && decoded.records.count == 1)
  }

  @Test func versionSetAndRelatedDocumentStandInTheHeader() {
    let header = "<setId root=\"1.2\"/><versionNumber value=\"2\"/><relatedDocument typeCode=\"RPLC\"><parentDocument><id root=\"1.3\"/></parentDocument></relatedDocument>"
    let record = Decoded(cda: Sample.document(header + Sample.body(""))).records.first ?? ""
    #expect(record.contains("h:setId(@root=1.2) h:versionNumber(@value=2) h:relatedDocument(@typeCode=RPLC h:parentDocument(h:id(@root=1.3)))"))
  }

  @Test func severalRecordTargetsStandInTheHeader() {
    let record = Decoded(cda: Sample.document("<recordTarget><patientRole><id extension=\"T2\"/></patientRole></recordTarget>")).records.first ?? ""
    #expect(record.contains("@extension=T900001") && record.contains("@extension=T2"))
  }

  @Test func prefixedRootIsTheSameDocument() {
    let text = "<v3:ClinicalDocument xmlns:v3=\"urn:hl7-org:v3\"><v3:code code=\"34133-9\"/></v3:ClinicalDocument>"
    #expect(Decoded(cda: text).records == ["header 1 h:ClinicalDocument(h:code(@code=34133-9))"])
  }

  @Test func namespaceMayChangeItsPrefixInside() {
    let text = Sample.document("<x:title xmlns:x=\"urn:hl7-org:v3\">T</x:title><s:id xmlns:s=\"urn:hl7-org:sdtc\"/>")
    #expect(Decoded(cda: text).records.first?.hasSuffix("h:title('T') sdtc:id)") == true)
  }

  @Test func onePrefixMayMeanTwoNamespaces() {
    let text = Sample.document("<p:a xmlns:p=\"urn:hl7-org:v3\"/><p:a xmlns:p=\"urn:hl7-org:sdtc\"/><p:a xmlns:p=\"urn:other\"/>")
    #expect(Decoded(cda: text).records.first?.hasSuffix("h:a sdtc:a {urn:other}a)") == true)
  }

  @Test func characterDataSectionsAreText() {
    #expect(Decoded(cda: Sample.document("<title>a <![CDATA[<b> & ]]>c</title>")).records.first?.hasSuffix("h:title('a <b> & c'))") == true)
  }

  @Test func whiteSpaceBetweenTextsIsKept() {
    #expect(Decoded(cda: Sample.document("<title> a &amp; b </title>")).records.first?.hasSuffix("h:title(' a & b '))") == true)
  }

  @Test func nullFlavorsNegationAndTranslationsAreKept() {
    let value = "<value xsi:type=\"CD\" nullFlavor=\"UNK\"><translation code=\"x\"/></value>"
    let entry = "<entry><observation negationInd=\"true\">\(value)</observation></entry>"
    let record = Decoded(cda: Sample.document(Sample.body(Sample.section("1", entry)))).records[1]
    #expect(record.hasSuffix("h:entry(h:observation(@negationInd=true h:value(@nullFlavor=UNK @xsi:type=CD h:translation(@code=x)))))") || record.contains("h:translation(@code=x)"))
    #expect(record.contains("@nullFlavor=UNK") && record.contains("@xsi:type=CD") && record.contains("@negationInd=true"))
  }

  @Test func sectionsAreTalliedByWhatTheySay() {
    func section(_ inside: String, _ attributes: String = "") -> String { "<component><section \(attributes)>\(inside)</section></component>" }
    let sections = [
      section("<text>TEST</text><entry/>"), section("<entry/>"), section("<text>TEST</text>"), section("<text> <br/> </text>"), section(""),
      section("<text>TEST</text>", "nullFlavor=\"NI\""),
    ]
    let tally = Decoded(cda: Sample.document(Sample.body(sections.joined()))).summary.sections
    #expect([tally.present, tally.narrativeOnly, tally.empty, tally.missing] == [2, 1, 2, 1])
  }

  @Test func inspectionTellsHowSectionsStand() {
    let inspector = Inspector()
    inspector.push(Array(Sample.problems.utf8))
    #expect(inspector.finish().json(file: "a", sha256: "")["section_states"] == ["present": 2])
  }

  @Test func attributesThatAreTooManyInWhatIsKeptHoldTheDocument() {
    let many = (0..<300).map { "a\($0)=\"x\"" }.joined(separator: " ")
    #expect(Decoded(cda: Sample.document(Sample.body(Sample.section("1", "<entry><act \(many)/></entry>")))).fates == ["held XML-LIMIT"])
  }

  @Test func whiteSpaceCountsAgainstTheEntry() {
    let blanks = String(repeating: " ", count: 4_000)
    let text = Sample.document(Sample.body(Sample.section("1", "<entry><act>\(blanks)</act></entry>")))
    #expect(Decoded(cda: text) { $0.limits.entryBytes = 2_000 }.fates == ["held ENTRY-LIMIT"])
  }

  @Test(arguments: [
    "<!DOCTYPE ClinicalDocument SYSTEM \"http://127.0.0.1/x.dtd\">", "<!DOCTYPE a [<!ENTITY b \"bb\">]>", "<?xml version=\"1.0\"?><!-- c --><!DOCTYPE a>",
  ]) func anyDocumentTypeIsRefusedBeforeAnEntityExists(doctype: String) {
    #expect(Decoded(cda: doctype + Sample.document("<title>&b;</title>")).fates == ["rejected DOCTYPE-REFUSED"])
  }
}
