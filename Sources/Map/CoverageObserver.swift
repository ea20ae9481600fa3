public import Core

/// Looks on while a feed's messages are mapped, and counts what stands in them: beside the evaluator, with no say in what it does.
///
/// - Sample: the first 256 messages of a drop whole, then one in 32, chosen by its number; and any message with a segment, a segment length or a
///   type that was not met before, up to 1,024 of these. Of documents the first 32 of a session, then one in 64.
/// - Unmapped codes are counted in every message.
public struct CoverageObserver: Sendable {
  private static let wholeMessages = 256
  private static let oneIn = 32
  private static let novelties = 1_024
  private static let wholeDocuments = 32
  private static let oneDocumentIn = 64
  private static let unmappedLimit = 256

  private let rules: CoverageRules
  private let isOfDocuments: Bool
  /// All messages are looked at.
  private let isWhole: Bool
  private var segments: SegmentCoverage
  private var nodes: NodeCoverage
  /// The two as they begin: making them anew costs more than many a document.
  private let freshSegments: SegmentCoverage
  private let freshNodes: NodeCoverage
  private var unmapped: [Unmapped: CodeCounts] = [:]
  private var messages = 0
  private var looked = 0
  private var looksHere = false
  private var patient: UInt64 = 0
  /// Documents of the session, over its drops.
  private var documents = 0
  private var noveltiesMet = 0
  private var shapes = [Bool](repeating: false, count: 4_096)

  private struct Unmapped: Hashable, Sendable {
    var set: Int
    var rule: Int
  }

  /// - isWhole: look at every message, whatever their number.
  public init(_ rules: CoverageRules, isWhole: Bool = false) {
    self.rules = rules
    self.isWhole = isWhole
    isOfDocuments = rules.plan.format == .cda
    freshSegments = SegmentCoverage(rules)
    freshNodes = NodeCoverage(rules)
    segments = freshSegments
    nodes = freshNodes
  }

  /// Begins a drop.
  public mutating func begin() {
    segments = freshSegments
    nodes = freshNodes
    unmapped = [:]
    (messages, looked, noveltiesMet) = (0, 0, 0)
    if isOfDocuments { return }
    for index in shapes.indices { shapes[index] = false }
  }

  /// Looks at a record after the evaluator has taken it, and takes the codes over that no set holds.
  public mutating func record(_ record: SourceRecord, _ evaluator: inout MapEvaluator) {
    if record.part == .message || record.part == .header { beginMessage(record) }
    if looksHere {
      if isOfDocuments { nodes.look(record, takenBy: evaluator.readers) } else { segments.look(record.segments) }
    }
    guard !evaluator.unmapped.isEmpty else { return }
    take(&evaluator.unmapped, record)
  }

  private mutating func beginMessage(_ record: SourceRecord) {
    messages += 1
    patient = 0
    looksHere = isOfDocuments ? isChosenDocument() : isChosen(record.segments)
    if looksHere { looked += 1 }
  }

  private mutating func isChosenDocument() -> Bool {
    documents += 1
    return isWhole || documents <= Self.wholeDocuments || documents % Self.oneDocumentIn == 0
  }

  private mutating func isChosen(_ table: SegmentTable) -> Bool {
    let isNew = isOfNewShape(table)
    if isWhole || messages <= Self.wholeMessages || Self.mixed(messages) % UInt64(Self.oneIn) == 0 { return true }
    guard isNew, noveltiesMet < Self.novelties else { return false }
    noveltiesMet += 1
    return true
  }

  /// True where a segment name with that many fields, or the type, was not met before.
  private mutating func isOfNewShape(_ table: SegmentTable) -> Bool {
    guard let first = table.segments.first else { return false }
    var isNew = false
    for segment in table.segments { see(UInt64(segment.name) << 16 | UInt64(UInt32(bitPattern: segment.pieceCount) & 0xFFFF), &isNew) }
    if first.name == SegmentTable.msh { see(CodeCounts.hash(table.bytes[table.field(0, 9)]), &isNew) }
    return isNew
  }

  private mutating func see(_ shape: UInt64, _ isNew: inout Bool) {
    let slot = Int(truncatingIfNeeded: (shape &* 0x9E37_79B9_7F4A_7C15) >> 52)
    if shapes[slot] { return }
    shapes[slot] = true
    isNew = true
  }

  /// Spreads the numbers of messages, so that no period of a sender's hides from the sample.
  private static func mixed(_ number: Int) -> UInt64 {
    let mixed = UInt64(truncatingIfNeeded: number) &* 0x9E37_79B9_7F4A_7C15
    return mixed >> 33
  }

  // MARK: Unmapped codes

  private mutating func take(_ codes: inout UnmappedCodes, _ record: SourceRecord) {
    if patient == 0 { patient = isOfDocuments ? NodeCoverage.patient(record.arena) : SegmentCoverage.patient(record.segments) }
    codes.forEach { set, rule, value in
      unmapped[Unmapped(set: set, rule: rule), default: CodeCounts(limit: Self.unmappedLimit)].add(value, message: messages, patient: patient)
    }
    codes.removeAll()
  }

  // MARK: The tally

  /// What was counted since `begin`.
  public func tally() -> FeedTally {
    var tally = FeedTally()
    (tally.messages, tally.looked) = (messages, looked)
    if isOfDocuments { nodes.write(into: &tally) } else { segments.write(into: &tally) }
    for (place, counts) in unmapped { write(place, counts, into: &tally) }
    return tally
  }

  private func write(_ place: Unmapped, _ counts: CodeCounts, into tally: inout FeedTally) {
    let path = rules.plan.program.reports[place.rule], set = rules.plan.codeSets[place.set].name
    if counts.isOpen {
      var sight = FeedTally.Sight()
      sight.isOpen = true
      return tally.sights[.init(.unmapped, scope: set, path: path), default: .init()].merge(sight)
    }
    counts.forEach { value, sight in tally.sights[.init(.unmapped, scope: set, path: path, value: value), default: .init()].merge(sight) }
  }
}
