import Core
import Decode
import Testing

/// Each type of document that senders call CDA is read by the same rules; nothing depends on its templates.
@Suite struct CDADocumentTypeTests {
  private func parts(_ document: SampleDocument) -> [String] {
    Decoded(cda: document.text).records.map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
  }

  private func inspect(_ document: SampleDocument) -> JSONValue {
    let inspector = Inspector()
    inspector.push(Array(document.text.utf8))
    return inspector.finish().json(file: "a", sha256: "")
  }

  @Test(arguments: SampleDocument.types) func everyTypeIsDecodedWithoutAFinding(document: SampleDocument) {
    let decoded = Decoded(cda: document.text)
    #expect(decoded.fates == ["decoded"] && decoded.advice == [])
    #expect(decoded.tails.first?.rawType == Array(document.code.utf8))
  }

  @Test(arguments: SampleDocument.types) func everyTypeGivesItsHeaderFirstWithTemplatesIdAndPatient(document: SampleDocument) {
    let header = Decoded(cda: document.text).records.first ?? ""
    #expect(header.hasPrefix("header 1 h:ClinicalDocument(h:typeId"))
    for template in document.templates { #expect(header.contains("@root=" + template.prefix { $0 != ":" })) }
    #expect(header.contains("@extension=D1") && header.contains("@extension=T900001") && !header.contains("h:section"))
  }

  @Test(arguments: SampleDocument.types) func everyTypeIsTheSameHoweverItIsCut(document: SampleDocument) {
    let whole = Decoded(cda: document.text)
    #expect(Decoded(pieces: Array(document.text.utf8).map { [$0] }, format: .cda) == whole)
  }

  @Test func consolidatedCDAGivesItsEntriesAndSections() {
    #expect(parts(.ccdaR11) == ["header 1", "entry 1", "section 1", "section 2"])
    #expect(inspect(.ccdaR11)["entries"] == ["problem_concern": 1, "problem_observation": 1])
    #expect(inspect(.ccdaR11)["section_states"] == ["present": 1, "narrative_only": 1])
  }

  @Test func templateVersionsOfRelease21CountAsTheirRoots() {
    #expect(parts(.ccdaR21) == ["header 1", "entry 1", "section 1", "section 2"])
    #expect(inspect(.ccdaR21)["entries"] == inspect(.ccdaR11)["entries"])
    #expect(inspect(.ccdaR21)["section_states"] == ["present": 1, "missing": 1])
  }

  @Test func entriesOfC32AreReadAndHaveNoConsolidatedTemplates() {
    #expect(parts(.c32) == ["header 1", "entry 1", "section 1"])
    #expect(Decoded(cda: SampleDocument.c32.text).records[1].contains("@root=2.16.840.1.113883.10.20.1.28"))
    #expect(inspect(.c32)["sections"] == ["11450-4": 1] && inspect(.c32)["entries"] == [:])
  }

  @Test func caseReportGivesEverySectionWithItsEntries() {
    #expect(parts(.eICR) == ["header 1", "entry 1", "section 1", "section 2", "entry 2", "section 3"])
    #expect(inspect(.eICR)["sections"] == ["46240-8": 1, "29299-5": 1, "11450-4": 1])
    #expect(inspect(.eICR)["entries"] == ["encounter_activity": 1, "problem_concern": 1, "problem_observation": 1])
  }

  @Test func qualityReportGivesMeasureParametersAndPatientData() {
    #expect(parts(.qrdaI) == ["header 1", "entry 1", "section 1", "entry 2", "section 2", "entry 3", "section 3"])
    #expect(inspect(.qrdaI)["sections"] == ["55186-1": 1, "55187-9": 1, "55188-7": 1])
  }

  @Test func headerOnlyHasNoSections() {
    #expect(parts(.headerOnly) == ["header 1"])
    #expect(inspect(.headerOnly)["sections"] == [:])
  }

  @Test func unstructuredBodyGoesOutAsAnAttachment() {
    let decoded = Decoded(cda: SampleDocument.unstructured.text)
    #expect(decoded.records.count == 1)
    #expect(decoded.events.contains(.attachmentBytes(Array("TEST".utf8))))
  }

  @Test func everyRecordTargetStandsInTheHeaderAndInReachOfTheEntries() {
    var document = SampleDocument.ccdaR11
    let second = "<id root=\"2.16.840.1.113883.19.1\" extension=\"T900002\"/>"
    document.body = "<recordTarget><patientRole>\(second)</patientRole></recordTarget>" + document.body
    let decoder = DropDecoder(DecodeSettings(format: .cda))
    var targets: [Int] = []
    func take(_ event: DecodeEvent, _ record: SourceRecord) {
      let name = record.arena.nameID("h:recordTarget")
      if event == .record, record.part == .entry { targets.append(record.arena.nodes.count { $0.name == name && $0.kind == .element }) }
    }
    decoder.push(Array(document.text.utf8), take)
    _ = decoder.finish(take)
    #expect(targets == [2])
  }
}
