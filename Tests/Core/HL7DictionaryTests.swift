import Core
import Testing

@Suite struct HL7DictionaryTests {
  private let dictionary = HL7Dictionary.standard

  @Test("Every segment that occurs in practice is known", arguments: [
    "MSH EVN PID PD1 NK1 PV1 PV2 AL1 DG1 PR1 GT1 IN1 IN2 IN3 OBR OBX ORC NTE SPM TQ1 TXA FT1 RXA RXR RXE RXO RXD RXC RXG SCH AIS AIG AIL AIP RGS ARQ MRG MSA ERR",
    "QRD QRF QPD SFT FHS FTS BHS BTS ACC UB1 UB2 DRG CTD PRD RF1 AUT STF ROL PRB GOL PTH VAR CTI DB1 IAM",
  ])
  func segments(codes: String) {
    for code in codes.split(separator: " ") { #expect(dictionary.segment(String(code)) != nil, "\(code)") }
  }

  @Test("Fields have the standard's number, name and type", arguments: [
    ("PID", 3, "CX", "Patient Identifier List"), ("PID", 19, "ST", "SSN Number - Patient"), ("PID", 30, "ID", "Patient Death Indicator"), ("PID", 40, "XTN", "Patient Telecommunication Information"),
    ("PV1", 19, "CX", "Visit Number"), ("PV1", 44, "DTM", "Admit Date/Time"), ("PV1", 50, "CX", "Alternate Visit ID"), ("PV2", 22, "ID", "Visit Protection Indicator"),
    ("NK1", 33, "CX", "Next of Kin/Associated Party's Identifiers"), ("MSH", 18, "ID", "Character Set"), ("MSH", 21, "EI", "Message Profile Identifier"), ("OBX", 5, "varies", "Observation Value"),
    ("OBX", 14, "DTM", "Date/Time of the Observation"), ("OBX", 23, "XON", "Performing Organization Name"), ("OBR", 16, "XCN", "Ordering Provider"), ("OBR", 25, "ID", "Result Status"),
    ("OBR", 32, "NDL", "Principal Result Interpreter"), ("OBR", 44, "CNE", "Procedure Code"), ("ORC", 12, "XCN", "Ordering Provider"), ("ORC", 21, "XON", "Ordering Facility Name"),
    ("FT1", 11, "CP", "Transaction Amount - Extended"), ("FT1", 25, "CNE", "Procedure Code"), ("IN1", 16, "XPN", "Name Of Insured"), ("IN1", 36, "ST", "Policy Number"), ("IN1", 49, "CX", "Insured's ID Number"),
    ("IN2", 61, "CX", "Patient Member Number"), ("GT1", 12, "ST", "Guarantor SSN"), ("GT1", 51, "XON", "Guarantor Employer's Organization Name"), ("RXA", 20, "ID", "Completion Status"),
    ("RXE", 15, "ST", "Prescription Number"), ("RXO", 13, "NM", "Number Of Refills"), ("SPM", 17, "DR", "Specimen Collection Date/Time"), ("TXA", 12, "EI", "Unique Document Number"), ("TXA", 17, "ID", "Document Completion Status"),
    ("SCH", 25, "CWE", "Filler Status Code"), ("ARQ", 25, "EI", "Filler Order Number"), ("AL1", 5, "ST", "Allergy Reaction Code"), ("DG1", 15, "NM", "Diagnosis Priority"), ("DG1", 26, "CWE", "Present On Admission (POA) Indicator"),
    ("PR1", 16, "CNE", "Procedure Code Modifier"), ("PRB", 16, "DTM", "Problem Date of Onset"), ("MRG", 7, "XPN", "Prior Patient Name"), ("ERR", 12, "XTN", "Help Desk Contact Point"), ("BTS", 3, "NM", "Batch Totals"),
    ("ROL", 14, "XON", "Organization"), ("STF", 22, "DLN", "Driver's License Number - Staff"), ("UB2", 12, "ST", "Document Control Number"), ("IAM", 14, "XPN", "Reported By"), ("TQ1", 14, "NM", "Total occurrences"),
  ])
  func fields(code: String, number: Int, type: String, name: String) {
    #expect(dictionary.field(number, of: code).map { [$0.type, $0.name] } == [type, name])
  }

  @Test("A segment has as many fields as the standard counts", arguments: [
    ("MSH", 25), ("PID", 40), ("PV1", 54), ("PV2", 50), ("NK1", 41), ("OBR", 54), ("OBX", 28), ("ORC", 34), ("IN1", 55), ("IN2", 73), ("GT1", 57), ("FT1", 56), ("DG1", 26), ("PR1", 25), ("RXA", 29),
    ("RXE", 45), ("SPM", 32), ("TXA", 26), ("SCH", 28), ("EVN", 7), ("PD1", 23), ("STF", 41), ("DRG", 33), ("IAM", 30), ("TQ1", 14), ("RXO", 36), ("RXD", 34), ("RXG", 30), ("IN3", 31), ("UB2", 17), ("PRB", 28), ("GOL", 22),
  ])
  func counts(code: String, count: Int) { #expect(dictionary.segment(code)?.fields.count == count) }

  @Test("Components have names and types", arguments: [("CX", 4, "HD", "Assigning Authority"), ("XPN", 2, "ST", "Given Name"), ("XCN", 9, "HD", "Assigning Authority"), ("XAD", 5, "ST", "Zip or Postal Code"), ("DR", 1, "DTM", "Range Start Date/Time")])
  func components(type: String, number: Int, kind: String, name: String) {
    let element = dictionary.components(of: type)[number - 1]
    #expect([element.type, element.name] == [kind, name])
  }

  @Test("What the standard does not define has no name") func unknown() {
    #expect(dictionary.segment("ZPD") == nil)
    #expect(dictionary.field(99, of: "PID") == nil && dictionary.field(0, of: "PID") == nil)
    #expect(dictionary.components(of: "ST").isEmpty)
  }
}
