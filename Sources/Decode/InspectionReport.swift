public import Core

/// What `compline inspect` says of one file: counts and findings, no values.
public struct InspectionReport: Sendable, Equatable {
  public enum Format: String, Sendable { case hl7v2, cda, csv, fhir, unknown }

  public struct Trailer: Sendable, Equatable {
    /// `BTS` or `FTS`.
    public var segment: String
    /// Nil when the trailer has no count or the count is not a number.
    public var declared: Int?
    /// Nil when the trailer has no header.
    public var counted: Int?
    public var agrees: Bool?
  }

  public var format = Format.unknown
  // HL7 v2
  public var messages = 0
  public var messageTypes: [String: Int] = [:]
  public var segments: [String: Int] = [:]
  public var distinctPatientIDs = 0
  /// At most `trailerLimit`; the rest is counted in `trailersLeftOut`.
  public var trailers: [Trailer] = []
  public var trailersLeftOut = 0
  public static let trailerLimit = 10_000
  /// So many different types are told apart; a further one counts as `other`.
  public static let typeLimit = 1_000
  // Tables, beside `messages`: fields of the first line
  public var columns = 0
  // CDA
  public var code = ""
  public var sections: [String: Int] = [:]
  public var entries: [String: Int] = [:]
  public var negated: [String: Int] = [:]
  public var sectionStates = SectionTally()
  /// At most `findingLimit`; the rest is counted in `findingsLeftOut`.
  public var findings: [Finding] = []
  public var findingsLeftOut = 0
  public static let findingLimit = 1_000

  public init() {}

  /// Of a container that may not be read, or not to its end.
  public init(refused fault: ContainerFault) { findings = [Finding(fault.code)] }

  /// The object of `compline inspect --json`.
  ///
  /// - Parameters: `file` as the caller named it, `sha256` of the file's bytes in hex.
  public func json(file: String, sha256: String) -> JSONValue {
    var members: [String: JSONValue] = [
      "file": .string(file), "sha256": .string(sha256), "format": .string(format.rawValue), "findings": .array(findings.map(Self.json)),
    ]
    if format == .unknown, let code = findings.first?.code { members["hint"] = .string(code.hint) }
    if findingsLeftOut > 0 { members["findings_left_out"] = .integer(findingsLeftOut) }
    if trailersLeftOut > 0 { members["trailers_left_out"] = .integer(trailersLeftOut) }
    switch format {
    case .hl7v2: members.merge(messageMembers) { _, new in new }
    case .cda: members.merge(documentMembers) { _, new in new }
    case .fhir: members.merge(["messages": .integer(messages), "message_types": Self.counts(messageTypes)]) { _, new in new }
    case .csv: members.merge(["messages": .integer(messages), "columns": .integer(columns)]) { _, new in new }
    case .unknown: break
    }
    return .object(members)
  }

  /// The one finding of a file of text in which nothing was recognised: bytes that are no UTF-8, where that kept its rows from being read.
  mutating func explainUnknown(_ undecodableByte: Int?) {
    guard findings.contains(where: { $0.code == .notHL7 }) else { return }
    let finding = undecodableByte.map { Finding(.charsetUndecodable, at: SourcePosition(byteOffset: $0)) } ?? Finding(.formatUnknown, at: SourcePosition(byteOffset: 0))
    (findings, findingsLeftOut) = ([finding], 0)
  }

  private var messageMembers: [String: JSONValue] {
    [
      "messages": .integer(messages), "message_types": Self.counts(messageTypes), "segments": Self.counts(segments),
      "distinct_patient_ids": .integer(distinctPatientIDs), "trailers": .array(trailers.map(Self.json)),
    ]
  }

  private var documentMembers: [String: JSONValue] {
    let states = ["present": sectionStates.present, "narrative_only": sectionStates.narrativeOnly, "empty": sectionStates.empty, "missing": sectionStates.missing]
    return [
      "code": .string(code), "sections": Self.counts(sections), "entries": Self.counts(entries), "negated": Self.counts(negated),
      "section_states": Self.counts(states),
    ]
  }

  private static func counts(_ counts: [String: Int]) -> JSONValue { .object(counts.filter { $0.value > 0 }.mapValues { .integer($0) }) }

  private static func json(_ finding: Finding) -> JSONValue {
    let byte: JSONValue = finding.position.byteOffset < 0 ? .null : .integer(finding.position.byteOffset)
    return ["code": .string(finding.code.rawValue), "at": .string(finding.position.text), "byte": byte]
  }

  private static func json(_ trailer: Trailer) -> JSONValue {
    [
      "segment": .string(trailer.segment), "declared": trailer.declared.map { .integer($0) } ?? .null,
      "counted": trailer.counted.map { .integer($0) } ?? .null, "agrees": trailer.agrees.map { .bool($0) } ?? .null,
    ]
  }
}
