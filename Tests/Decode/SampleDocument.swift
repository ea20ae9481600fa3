import Testing

/// A synthetic document of one of the types that senders call CDA, as small as its header and sections allow.
struct SampleDocument: CustomTestStringConvertible {
  var name: String
  /// LOINC code of the document.
  var code: String
  /// `root` or `root:extension`, each a templateId of the header.
  var templates: [String]
  /// What stands behind the header.
  var body: String

  var testDescription: String { name }

  var text: String {
    let ids = templates.map(Self.template).joined()
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
      <typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>\(ids)<id root="2.16.840.1.113883.19.5" extension="D1"/>
      <code code="\(code)" codeSystem="2.16.840.1.113883.6.1"/><title>Synthetic</title><effectiveTime value="20260301081500-0600"/>
      <recordTarget><patientRole><id root="2.16.840.1.113883.19.1" extension="T900001"/>
      <patient><name><given>ALPHA</given><family>TEST</family></name></patient></patientRole></recordTarget>
      \(body)
      </ClinicalDocument>
      """
  }

  static func template(_ id: String) -> String {
    let parts = id.split(separator: ":")
    return "<templateId root=\"\(parts[0])\"" + (parts.count > 1 ? " extension=\"\(parts[1])\"/>" : "/>")
  }

  static func section(_ code: String, _ templates: [String], _ inside: String) -> String {
    let head = templates.map(template).joined() + "<code code=\"\(code)\" codeSystem=\"2.16.840.1.113883.6.1\"/><title>Synthetic</title>"
    return "<component><section>\(head)\(inside)</section></component>"
  }

  /// A concern with one observation in it.
  static func concern(_ act: String, _ observation: String, id: String = "A1") -> String {
    """
    <entry typeCode="DRIV"><act classCode="ACT" moodCode="EVN">\(template(act))<statusCode code="active"/>
    <entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN">\(template(observation))
    <id root="2.16.840.1.113883.19.9" extension="\(id)"/><value xsi:type="CD" code="38341003"/></observation></entryRelationship></act></entry>
    """
  }

  static func structured(_ sections: String...) -> String { "<component><structuredBody>\(sections.joined())</structuredBody></component>" }
}

// MARK: - The types

extension SampleDocument {
  private static let ccda = "2.16.840.1.113883.10.20.22."

  static let ccdaR11 = SampleDocument(
    name: "C-CDA R1.1", code: "34133-9", templates: [ccda + "1.1", ccda + "1.2"],
    body: structured(
      section("11450-4", [ccda + "2.5.1"], "<text>TEST</text>" + concern(ccda + "4.3", ccda + "4.4")),
      section("10160-0", [ccda + "2.1.1"], "<text>None</text>")))

  static let ccdaR21 = SampleDocument(
    name: "C-CDA R2.1", code: "34133-9", templates: [ccda + "1.1", ccda + "1.1:2015-08-01", ccda + "1.2:2015-08-01"],
    body: structured(
      section("11450-4", [ccda + "2.5.1:2015-08-01"], "<text>TEST</text>" + concern(ccda + "4.3:2015-08-01", ccda + "4.4:2015-08-01")),
      "<component><section nullFlavor=\"NI\"><code code=\"48765-2\"/><text>TEST</text></section></component>"))

  static let c32 = SampleDocument(
    name: "C32", code: "34133-9", templates: ["2.16.840.1.113883.3.88.11.32.1", "2.16.840.1.113883.10.20.1"],
    body: structured(
      section(
        "11450-4", ["2.16.840.1.113883.3.88.11.83.103"],
        "<text>TEST</text>" + concern("2.16.840.1.113883.10.20.1.27", "2.16.840.1.113883.10.20.1.28"))))

  static let eICR = SampleDocument(
    name: "eICR", code: "55751-2", templates: ["2.16.840.1.113883.10.20.15.2:2016-12-01", ccda + "1.1:2015-08-01"],
    body: structured(
      section(
        "46240-8", [ccda + "2.22.1:2015-08-01"],
        "<text>TEST</text><entry><encounter classCode=\"ENC\" moodCode=\"EVN\">\(template(ccda + "4.49"))</encounter></entry>"),
      section("29299-5", [ccda + "2.12"], "<text>TEST</text>"),
      section("11450-4", [ccda + "2.5.1:2015-08-01"], "<text>TEST</text>" + concern(ccda + "4.3", ccda + "4.4"))))

  static let qrdaI = SampleDocument(
    name: "QRDA I", code: "55182-0", templates: ["2.16.840.1.113883.10.20.24.1.1:2017-08-01", ccda + "1.1"],
    body: structured(
      section("55186-1", ["2.16.840.1.113883.10.20.24.2.2"], "<text/><entry><organizer classCode=\"CLUSTER\" moodCode=\"EVN\"/></entry>"),
      section("55187-9", ["2.16.840.1.113883.10.20.17.2.1"], "<text/><entry><act classCode=\"ACT\" moodCode=\"EVN\"/></entry>"),
      section("55188-7", ["2.16.840.1.113883.10.20.17.2.4"], "<text/>" + concern("2.16.840.1.113883.10.20.24.3.137", ccda + "4.4"))))

  static let headerOnly = SampleDocument(name: "header only", code: "34133-9", templates: [ccda + "1.1"], body: "")

  static let unstructured = SampleDocument(
    name: "unstructured", code: "34133-9", templates: [ccda + "1.10:2015-08-01"],
    body: "<component><nonXMLBody><text mediaType=\"text/plain\" representation=\"B64\">VEVTVA==</text></nonXMLBody></component>")

  static let types = [ccdaR11, ccdaR21, c32, eICR, qrdaI, headerOnly, unstructured]
}
