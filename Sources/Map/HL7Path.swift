import Core

/// A field of an HL7 v2 message in the standard's notation: `PID-3[5=MR].1`, `OBX-5[*]`, `MSH-4.1`.
struct HL7Path: Sendable, Equatable {
  enum Selector: Sendable, Equatable {
    /// None written: the first repetition, or the current one where `each:` walks this field's repetitions.
    case plain
    /// `[n]`, one-based.
    case number(Int)
    /// `[*]`
    case all
    /// `[first]`: the first repetition that has a value.
    case first
    /// `[record]`: of a patient's numbers that of the record, see `RecordNumber`.
    case record
    /// `[5=MR]`: the first repetition whose component is that text.
    case matching(component: Int, text: [UInt8])
  }

  /// Where the segment stands in relation to the one that a row is made from.
  enum Place: Sendable, Equatable {
    case unresolved, current, parent
    /// Index into the block's context segments, and how far they reach.
    case context(Int, Block.Context.Reach)
  }

  var segment: UInt32
  /// 0 in `FT1-0`: which of the segments of its name in the message it is, from 1.
  var field: Int
  var selector = Selector.plain
  /// One-based; 0 means the whole repetition.
  var component = 0
  /// One-based; 0 means the whole component.
  var subcomponent = 0
  /// As written.
  var text: String
  /// The segment's name, for messages.
  var segmentName: String
  var place = Place.unresolved
  /// Where the type of the field keeps an identifier's value and assigner.
  let form: IdentifierForm
  /// `its RXR-1`, `OBR its SPM-2`: the segment follows the row's own or that one, in its group.
  var follows: Following?
  var test: Test?
  /// `PV1-19 with DG1-3 DG1-6`: the identifier goes on with these values.
  var parts: [HL7Path] = []

  /// A segment that stands behind another one, before anything that opens the next group.
  struct Following: Sendable, Equatable {
    /// The segment before it; empty for the row's own.
    var anchor: String
  }

  /// A field of the segment has this value, `OBX[2=CWE]-5`; else the path has none.
  struct Test: Sendable, Equatable {
    var field: Int
    var component: Int
    var text: [UInt8]
  }

  /// Where an identifier's value and assigner stand.
  enum IdentifierForm: UInt8, Sendable {
    /// CX: component 4, name space first.
    case extended
    /// EI: components 2 and 3.
    case entity
    /// XCN: component 9; a number of the national register of providers is one whoever sends it.
    case person
    /// EIP: the placer's identifier in component 1, else the filler's in component 2, their parts in subcomponents.
    case pair
    /// PLN: the kind of number in component 2, and who gave it out, as a state, in component 3.
    case license
  }

  /// True where this path looks for the same repetition of the same field as another one.
  func isAlike(_ other: HL7Path) -> Bool {
    (segment, field, selector, place) == (other.segment, other.field, other.selector, other.place) && follows == other.follows && test == other.test
  }

  /// Reads a path; nil when it is not of that form. Names and numbers are checked by `fault`.
  init?(_ source: String) {
    text = source
    var rest = Array(source.utf8)[...]
    follows = Self.following(&rest)
    guard rest.count > 4 else { return nil }
    segment = SegmentTable.name(rest.prefix(3))
    segmentName = String(decoding: rest.prefix(3), as: UTF8.self)
    rest = rest.dropFirst(3)
    if rest.first == UInt8(ascii: "[") {
      guard let test = Self.test(&rest) else { return nil }
      self.test = test
    }
    guard rest.first == UInt8(ascii: "-") else { return nil }
    rest = rest.dropFirst()
    let isOrdinal = rest.elementsEqual("0".utf8) && follows == nil && test == nil
    if isOrdinal { rest = rest.dropFirst() }
    guard let number = isOrdinal ? 0 : Self.number(&rest) else { return nil }
    field = number
    form = HL7Segments.identifierForm(segmentName, number)
    if rest.first == UInt8(ascii: "[") {
      guard let close = rest.firstIndex(of: UInt8(ascii: "]")), let chosen = Self.selector(rest[rest.startIndex + 1..<close]) else { return nil }
      selector = chosen
      rest = rest[(close + 1)...]
    }
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      guard let part = Self.number(&rest) else { return nil }
      component = part
    }
    if rest.first == UInt8(ascii: "."), component > 0 {
      rest.removeFirst()
      guard let part = Self.number(&rest) else { return nil }
      subcomponent = part
    }
    guard rest.isEmpty else { return nil }
  }

  /// `its ` or `OBR its ` in front of the path; nil where neither stands there.
  private static func following(_ rest: inout ArraySlice<UInt8>) -> Following? {
    if rest.starts(with: "its ".utf8) {
      rest = rest.dropFirst(4)
      return Following(anchor: "")
    }
    guard rest.count > 8, rest.dropFirst(3).starts(with: " its ".utf8) else { return nil }
    let anchor = String(decoding: rest.prefix(3), as: UTF8.self)
    rest = rest.dropFirst(8)
    return Following(anchor: anchor)
  }

  /// `[3=TEXT]` or `[3.1=TEXT]` behind the name of a segment.
  private static func test(_ rest: inout ArraySlice<UInt8>) -> Test? {
    guard let close = rest.firstIndex(of: UInt8(ascii: "]")), let equals = rest[..<close].firstIndex(of: UInt8(ascii: "=")) else { return nil }
    var place = rest[(rest.startIndex + 1)..<equals]
    let text = Array(rest[(equals + 1)..<close])
    guard !text.isEmpty, let field = number(&place) else { return nil }
    rest = rest[(close + 1)...]
    if place.isEmpty { return Test(field: field, component: 1, text: text) }
    guard place.removeFirst() == UInt8(ascii: "."), let component = number(&place), place.isEmpty else { return nil }
    return Test(field: field, component: component, text: text)
  }

  private static func number(_ rest: inout ArraySlice<UInt8>) -> Int? {
    let digits = rest.prefix { (0x30...0x39).contains($0) }
    guard let value = CalendarDay.number(digits), value > 0 else { return nil }
    rest = rest.dropFirst(digits.count)
    return value
  }

  private static func selector(_ body: ArraySlice<UInt8>) -> Selector? {
    if body.elementsEqual("*".utf8) { return .all }
    if body.elementsEqual("first".utf8) { return .first }
    if body.elementsEqual("record".utf8) { return .record }
    if let number = CalendarDay.number(body), number > 0 { return .number(number) }
    let parts = body.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let component = CalendarDay.number(parts[0]), component > 0, !parts[1].isEmpty else { return nil }
    return .matching(component: component, text: Array(parts[1]))
  }

  /// What is wrong with the segment, field or component; nil when nothing is.
  var fault: (summary: String, hint: String)? {
    guard let limit = HL7Segments.fieldLimit(segmentName) else {
      return ("'\(segmentName)' is not a segment of HL7 v2", "Did you mean '\(HL7Segments.nearest(segmentName))'? Z segments may have any name.")
    }
    if field > limit { return ("\(segmentName) has no field \(field)", "Its fields are 1 to \(limit).") }
    if selector == .record, form != .extended { return ("'\(text)' is no list of a patient's numbers", "Write PID-3[record].") }
    if component > 40 || subcomponent > 40 { return ("no data type has that many components", "Count components and subcomponents from 1.") }
    return nil
  }

  static let hint =
    "Write SEG-F, SEG-F.C or SEG-F.C.S, after F one of [n] [*] [first] [record] [c=TEXT]; for a segment behind the row 'its SEG-F'; for one that holds a text 'SEG[f=TEXT]-F'."
}

/// The segment names of HL7 v2 (2.1 to 2.8), with the number of fields of those that mappings read most.
enum HL7Segments {
  static func fieldLimit(_ name: String) -> Int? {
    if let limit = limits[name] { return limit }
    if name.hasPrefix("Z") { return 999 }
    return names.contains(name) ? 100 : nil
  }

  static func nearest(_ name: String) -> String {
    names.sorted().min { Spelling.distance($0, name) < Spelling.distance($1, name) } ?? ""
  }

  private static let limits = [
    "MSH": 28, "EVN": 8, "PID": 40, "PV1": 54, "PV2": 50, "OBR": 57, "OBX": 33, "FT1": 56, "ORC": 39, "NK1": 41, "PD1": 26, "BTS": 3, "FTS": 2,
  ]

  private static let names = Set(
    """
    ABS ACC ADD AFF AIG AIL AIP AIS AL1 APR ARQ ARV AUT BHS BLC BLG BPO BPX BTS BTX BUI CDM CDO CER CM0 CM1 CM2 CNS CON CSP CSR CSS CTD CTI CTR DB1 DEV DG1 DMI
    DON DPS DRG DSC DSP DST ECD ECR EDU EQP EQU ERR EVN FAC FHS FT1 FTS GOL GP1 GP2 GT1 HXX IAM IAR IIM ILT IN1 IN2 IN3 INV IPC IPR ISD ITM IVC IVT LAN LCC LCH
    LDP LOC LRL MCP MFA MFE MFI MRG MSA MSH NCK NDS NK1 NPU NSC NST NTE OBR OBX ODS ODT OH1 OH2 OH3 OH4 OM1 OM2 OM3 OM4 OM5 OM6 OM7 OMC ORC ORG OVR PAC PCE PCR
    PD1 PDA PDC PEO PES PID PKG PM1 PMT PR1 PRA PRB PRC PRD PRT PSG PSH PSL PSS PTH PV1 PV2 PYE QAK QID QPD QRD QRF QRI RCP RDF RDT REL RF1 RFI RGS RMI ROL RQ1 RQD RXA RXC
    RXD RXE RXG RXO RXR RXV SAC SCD SCH SCP SDD SFT SGH SGT SHP SID SLT SPM STF STZ TCC TCD TQ1 TQ2 TXA UAC UB1 UB2 URD URS VAR VND
    """.split { $0 == " " || $0 == "\n" }.map { String($0) })

  /// Stands once, at the head of a message.
  static func isGlobal(_ name: String) -> Bool { ["MSH", "SFT", "EVN", "UAC"].contains(name) }
  /// Belongs to the patient group that a PID opens.
  static func isOfPatient(_ name: String) -> Bool { ["PID", "PD1", "PV1", "PV2"].contains(name) }
  /// The segments that end a parent's group where they stand; a PID ends every group. Nil where any other segment does: a note belongs
  /// to what stands right before it (HL7 v2.5.1, chapters 4 and 7, abstract message syntax of ORU, OML, ORM, DFT and VXU).
  ///
  /// - Note: what ends the group of an OBR hangs on the type of the message too, see `OrderGroup`.
  static func closers(of parent: String, for child: String) -> [String]? {
    if child == "NTE" { return nil }
    switch parent {
    case "OBR", "RXA", "RXO", "RXE", "RXD", "RXG", "ODS", "ODT", "RQD": return ["ORC"]
    case "SPM": return ["ORC", "OBR"]
    case "OBX": return ["ORC", "OBR", "SPM", "RXA", "FT1", "PV1"]
    case "PR1", "DG1": return ["FT1", "PV1"]
    case "PRB": return ["ORC", "OBR", "GOL"]
    default: return []
    }
  }

  /// Opens the order group that the parent belongs to, before it.
  static func isLeading(_ name: String) -> Bool { name == "ORC" }
}

extension HL7Segments {
  /// By the data type that the standard gives the field; what it does not know is read as CX.
  static func identifierForm(_ segment: String, _ field: Int) -> HL7Path.IdentifierForm {
    if isEntityIdentifier(segment, field) { return .entity }
    return switch HL7Dictionary.standard.field(field, of: segment)?.type {
    case "EI": .entity
    case "EIP": .pair
    case "XCN", "PPN": .person
    case "PLN": .license
    default: .extended
    }
  }

  /// Fields that are entity identifiers in every version, whatever type the newest one gives them.
  private static func isEntityIdentifier(_ segment: String, _ field: Int) -> Bool {
    switch segment {
    case "OBR": [2, 3].contains(field)
    case "ORC": [2, 3, 4].contains(field)
    case "OBX": field == 21
    case "TXA": (12...16).contains(field)
    case "SCH", "ARQ": field <= 5
    default: false
    }
  }
}
