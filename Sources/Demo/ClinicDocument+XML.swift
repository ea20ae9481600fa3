import Core

/// Writes the document as C-CDA R2.1 (Continuity of Care Document). OIDs below 2.16.840.1.113883.19 are HL7's for examples.
extension ClinicDocument {
  var xml: String {
    """
    <?xml version="1.0" encoding="UTF-8"?>
    <ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:sdtc="urn:hl7-org:sdtc">
    \(header)
      <component>
        <structuredBody>
    \(section(.problems, problems.enumerated().map { problemEntry($0.offset, $0.element) }, problems))
    \(section(.medications, medications.enumerated().map { medicationEntry($0.offset, $0.element) }, medications))
    \(section(.allergies, allergies.enumerated().map { allergyEntry($0.offset, $0.element) }, allergies))
        </structuredBody>
      </component>
    </ClinicalDocument>

    """
  }

  private var written: String { "\(day)160000-0600" }
  private var onset: String { "\(2010 + person.number)0\(1 + person.number % 9)15" }

  private var header: String {
    """
      <realmCode code="US"/>
      <typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
      <templateId root="2.16.840.1.113883.10.20.22.1.1" extension="2015-08-01"/>
      <templateId root="2.16.840.1.113883.10.20.22.1.2" extension="2015-08-01"/>
      <id root="2.16.840.1.113883.19.5.99999.1" extension="\(id)"/>
      <code code="34133-9" codeSystem="2.16.840.1.113883.6.1" displayName="Summarization of Episode Note"/>
      <title>Synthetic Continuity of Care Document</title>
      <effectiveTime value="\(written)"/>
      <confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/>
      <languageCode code="en-US"/>
      <recordTarget>
        <patientRole>
          <id root="2.16.840.1.113883.19.5.99999.2" extension="\(person.recordNumber)"/>
          <addr use="HP"><streetAddressLine>\(person.street)</streetAddressLine><city>SAMPLETOWN</city><state>ZZ</state><postalCode>00000</postalCode><country>US</country></addr>
          <telecom use="HP" value="tel:\(person.phone)"/>
          <telecom value="mailto:\(person.email)"/>
          <patient>
            <name use="L"><given>\(person.given)</given><family>\(person.family)</family></name>
            <administrativeGenderCode code="\(person.sex)" codeSystem="2.16.840.1.113883.5.1"/>
            <birthTime value="\(person.birthDate)"/>
          </patient>
        </patientRole>
      </recordTarget>
      <author>
        <time value="\(written)"/>
        <assignedAuthor>
          <id root="2.16.840.1.113883.19.5.99999.3" extension="ZZ9003"/>
          <assignedPerson><name><given>DOCTOR</given><family>TEST</family></name></assignedPerson>
        </assignedAuthor>
      </author>
      <custodian>
        <assignedCustodian>
          <representedCustodianOrganization>
            <id root="2.16.840.1.113883.19.5.99999"/>
            <name>SYNTHETIC CLINIC</name>
          </representedCustodianOrganization>
        </assignedCustodian>
      </custodian>
    """
  }

  private func section(_ kind: Section, _ entries: [String], _ items: [Coded]) -> String {
    let lines = items.enumerated().map { "<item ID=\"\(kind.rawValue)\($0.offset + 1)\">\($0.element.name)</item>" }.joined()
    return """
          <component>
            <section>
              <templateId root="\(kind.template.root)"/>
              <templateId root="\(kind.template.root)" extension="\(kind.template.version)"/>
              <code code="\(kind.code)" codeSystem="2.16.840.1.113883.6.1"/>
              <title>\(kind.title)</title>
              <text><paragraph>\(note)</paragraph><list>\(lines)</list></text>
      \(entries.joined(separator: "\n"))
            </section>
          </component>
      """
  }

  private enum Section: String {
    case problems = "problem", medications = "medication", allergies = "allergy"

    var code: String {
      switch self {
      case .problems: "11450-4"
      case .medications: "10160-0"
      case .allergies: "48765-2"
      }
    }

    var title: String {
      switch self {
      case .problems: "Problems"
      case .medications: "Medications"
      case .allergies: "Allergies and adverse reactions"
      }
    }

    /// The section template with entries required.
    var template: (root: String, version: String) {
      switch self {
      case .problems: ("2.16.840.1.113883.10.20.22.2.5.1", "2015-08-01")
      case .medications: ("2.16.840.1.113883.10.20.22.2.1.1", "2014-06-09")
      case .allergies: ("2.16.840.1.113883.10.20.22.2.6.1", "2015-08-01")
      }
    }
  }

  private func template(_ number: Int, _ version: String) -> String {
    "<templateId root=\"2.16.840.1.113883.10.20.22.4.\(number)\"/><templateId root=\"2.16.840.1.113883.10.20.22.4.\(number)\" extension=\"\(version)\"/>"
  }

  private func entryId(_ kind: String, _ number: Int) -> String {
    "<id root=\"2.16.840.1.113883.19.5.99999.4\" extension=\"\(id)-\(kind)\(number + 1)\"/>"
  }

  private func problemEntry(_ number: Int, _ problem: Coded) -> String {
    let value =
      problem.code.map { "<value xsi:type=\"CD\" code=\"\($0)\" codeSystem=\"2.16.840.1.113883.6.96\" displayName=\"\(problem.name)\"/>" }
      ?? "<value xsi:type=\"CD\" nullFlavor=\"UNK\"/>"
    return """
              <entry typeCode="DRIV">
                <act classCode="ACT" moodCode="EVN">
                  \(template(3, "2015-08-01"))\(entryId("PC", number))
                  <code code="CONC" codeSystem="2.16.840.1.113883.5.6"/>
                  <statusCode code="active"/>
                  <effectiveTime><low value="\(onset)"/></effectiveTime>
                  <entryRelationship typeCode="SUBJ">
                    <observation classCode="OBS" moodCode="EVN">
                      \(template(4, "2015-08-01"))\(entryId("PO", number))
                      <code code="55607006" codeSystem="2.16.840.1.113883.6.96" displayName="Problem"/>
                      <text><reference value="#problem\(number + 1)"/></text>
                      <statusCode code="completed"/>
                      <effectiveTime><low value="\(onset)"/></effectiveTime>
                      \(value)
                    </observation>
                  </entryRelationship>
                </act>
              </entry>
      """
  }

  private func medicationEntry(_ number: Int, _ medication: Coded) -> String {
    """
            <entry typeCode="DRIV">
              <substanceAdministration classCode="SBADM" moodCode="EVN">
                \(template(16, "2014-06-09"))\(entryId("MA", number))
                <text><reference value="#medication\(number + 1)"/></text>
                <statusCode code="active"/>
                <effectiveTime xsi:type="IVL_TS"><low value="\(onset)"/></effectiveTime>
                <effectiveTime xsi:type="PIVL_TS" operator="A"><period value="\(12 * (1 + number % 2))" unit="h"/></effectiveTime>
                <doseQuantity value="1"/>
                <consumable>
                  <manufacturedProduct classCode="MANU">
                    \(template(23, "2014-06-09"))
                    <manufacturedMaterial>
                      <code code="\(medication.code ?? "")" codeSystem="2.16.840.1.113883.6.88" displayName="\(medication.name)"/>
                    </manufacturedMaterial>
                  </manufacturedProduct>
                </consumable>
              </substanceAdministration>
            </entry>
    """
  }

  private func allergyEntry(_ number: Int, _ allergen: Coded) -> String {
    let negation = deniesAllergy ? " negationInd=\"true\"" : ""
    return """
              <entry typeCode="DRIV">
                <act classCode="ACT" moodCode="EVN">
                  \(template(30, "2015-08-01"))\(entryId("AC", number))
                  <code code="CONC" codeSystem="2.16.840.1.113883.5.6"/>
                  <statusCode code="active"/>
                  <effectiveTime><low value="\(onset)"/></effectiveTime>
                  <entryRelationship typeCode="SUBJ">
                    <observation classCode="OBS" moodCode="EVN"\(negation)>
                      \(template(7, "2014-06-09"))\(entryId("AO", number))
                      <code code="ASSERTION" codeSystem="2.16.840.1.113883.5.4"/>
                      <text><reference value="#allergy\(number + 1)"/></text>
                      <statusCode code="completed"/>
                      <effectiveTime><low value="\(onset)"/></effectiveTime>
                      <value xsi:type="CD" code="416098002" codeSystem="2.16.840.1.113883.6.96" displayName="Allergy to drug"/>
                      <participant typeCode="CSM">
                        <participantRole classCode="MANU">
                          <playingEntity classCode="MMAT">
                            <code code="\(allergen.code ?? "")" codeSystem="2.16.840.1.113883.6.88" displayName="\(allergen.name)"/>
                          </playingEntity>
                        </participantRole>
                      </participant>
                    </observation>
                  </entryRelationship>
                </act>
              </entry>
      """
  }
}
