public import Core

/// Looks on while a feed's messages are mapped, and counts what stands in them: beside the evaluator, with no say in what it does.
///
/// - Sample: see `CoverageSample`. Unmapped codes are counted in every message.
public struct CoverageObserver: Sendable {
  private static let unmappedLimit = 256

  private let rules: CoverageRules
  private let format: SourceFormat
  private var sample: CoverageSample
  private var segments: SegmentCoverage
  private var nodes: NodeCoverage
  private var rows: RowCoverage
  private var resources: ResourceCoverage
  /// As it begins: making it anew costs more than many a message.
  private let freshSegments: SegmentCoverage
  private let freshRows: RowCoverage
  private var unmapped: [Unmapped: CodeCounts] = [:]
  /// For each rule the first one that reports the same path: rules of several mappings that read one place are one place.
  private let places: [Int]
  private var messages = 0
  private var looked = 0
  private var looksHere = false
  private var patient: UInt64 = 0

  private struct Unmapped: Hashable, Sendable {
    var set: Int
    var place: Int
  }

  /// - isWhole: look at every message, whatever their number.
  public init(_ rules: CoverageRules, isWhole: Bool = false) {
    self.rules = rules
    format = rules.plan.format
    sample = CoverageSample(isWhole: isWhole)
    freshSegments = SegmentCoverage(rules)
    segments = freshSegments
    nodes = NodeCoverage(rules)
    freshRows = RowCoverage(rules)
    rows = freshRows
    resources = ResourceCoverage(rules)
    var first: [String: Int] = [:]
    places = rules.plan.program.reports.enumerated().map { number, path in
      defer { first[path] = first[path] ?? number }
      return first[path] ?? number
    }
  }

  /// Begins a drop.
  ///
  /// - Parameter number: of the drop among those of its feed's night, one-based: which documents are looked at does not depend on which drops went
  ///   before in this process. Nil counts on.
  public mutating func begin(drop number: Int? = nil) {
    if let number { sample.begin(drop: number) }
    if !unmapped.isEmpty { unmapped = [:] }
    (messages, looked) = (0, 0)
    if format == .cda { return nodes.begin() }
    if format == .fhir { return resources = ResourceCoverage(rules) }
    if format == .csv { rows = freshRows } else { segments = freshSegments }
    sample.begin()
  }

  /// Looks at a record after the evaluator has taken it, and takes the codes over that no set holds.
  public mutating func record(_ record: SourceRecord, _ evaluator: inout MapEvaluator) {
    if record.part == .message || record.part == .header || record.part == .resource { beginMessage(record) }
    if looksHere {
      switch format {
      case .hl7v2: segments.look(record.segments)
      case .cda: nodes.look(record, takenBy: evaluator.readers)
      case .csv: rows.look(record)
      case .fhir: resources.look(record, takenBy: evaluator.readers)
      }
    }
    guard !evaluator.unmapped.isEmpty else { return }
    take(&evaluator.unmapped, record)
  }

  /// Takes the end of a message. Rows that are held because their file lacks a column, or has one twice, are looked at too: the missing column is seen
  /// by the name of it.
  public mutating func end(_ tail: MessageTail, _ record: SourceRecord) {
    guard format == .csv, case .held(let finding) = tail.outcome, finding.code == .columnMissing || finding.code == .columnRepeated else { return }
    beginMessage(record)
    if looksHere { rows.look(record) }
  }

  private mutating func beginMessage(_ record: SourceRecord) {
    messages += 1
    patient = 0
    looksHere = format == .cda ? sample.takesDocument() : format == .fhir ? sample.takesResource(number: messages) : sample.takes(record.segments, number: messages)
    if looksHere { looked += 1 }
  }

  // MARK: Unmapped codes

  private mutating func take(_ codes: inout UnmappedCodes, _ record: SourceRecord) {
    if patient == 0 { patient = self.patient(record) }
    codes.forEach { set, rule, value in
      unmapped[Unmapped(set: set, place: places[rule]), default: CodeCounts(limit: Self.unmappedLimit)].add(value, message: messages, patient: patient)
    }
    codes.removeAll()
  }

  private func patient(_ record: SourceRecord) -> UInt64 {
    switch format {
    case .hl7v2: SegmentCoverage.patient(record.segments)
    case .cda: NodeCoverage.patient(record.arena)
    case .csv: rows.patient(record.segments)
    case .fhir: ResourceCoverage.patient(record.arena)
    }
  }

  // MARK: The tally

  /// What was counted since `begin`.
  public func tally() -> FeedTally {
    var tally = FeedTally()
    (tally.messages, tally.looked) = (messages, looked)
    switch format {
    case .hl7v2: segments.write(into: &tally)
    case .cda: nodes.write(into: &tally)
    case .csv: rows.write(into: &tally)
    case .fhir: resources.write(into: &tally)
    }
    for (place, counts) in unmapped { write(place, counts, into: &tally) }
    return tally
  }

  /// Writes `tally()` in the form of the wire.
  public func write(to writer: inout ByteWriter) {
    guard format == .cda, looked > 0 else { return tally().write(to: &writer) }
    var rest = FeedTally()
    for (place, counts) in unmapped { write(place, counts, into: &rest) }
    writer.write(messages)
    writer.write(looked)
    let start = writer.count
    writer.write(Int32(0))
    let count = nodes.write(to: &writer) + rest.sights.count
    for (item, sight) in rest.list(.unmapped) {
      item.write(to: &writer)
      sight.write(to: &writer)
    }
    writer.patch(Int32(truncatingIfNeeded: count), at: start)
  }

  private func write(_ place: Unmapped, _ counts: CodeCounts, into tally: inout FeedTally) {
    let path = rules.plan.program.reports[place.place], set = rules.plan.codeSets[place.set].name
    if counts.isOpen {
      var sight = FeedTally.Sight()
      sight.isOpen = true
      return tally.sights[.init(.unmapped, scope: set, path: path), default: .init()].merge(sight)
    }
    counts.forEach { value, sight in tally.sights[.init(.unmapped, scope: set, path: path, value: value), default: .init()].merge(sight) }
  }
}
