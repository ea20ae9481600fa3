import Core

/// Which messages are looked at place by place.
///
/// - Of a drop: the first 256 messages; the first 64 of each type (of 64 types); one in 64 up to message 4,096, then one in 1,024, chosen by
///   their number; and each message with a segment, a number of fields in it or a type that was not met before in the drop, up to 1,024 of these.
/// - Of documents: the first 24 of a feed's night, then one in 256.
struct CoverageSample: Sendable {
  private static let wholeMessages = 256
  private static let wholeOfType = 64
  private static let types = 64
  private static let densely = 4_096
  private static let oneInDense = 64
  private static let oneIn = 1_024
  private static let novelties = 1_024
  private static let wholeDocuments = 24
  private static let oneDocumentIn = 256

  /// All messages are looked at.
  private let isWhole: Bool
  /// Documents so far, over the drops.
  private var documents = 0
  private var noveltiesMet = 0
  /// A mark for each segment name with a number of fields.
  private var shapes = [Bool](repeating: false, count: 4_096)
  /// The shapes of whole messages met, by their low bits: most messages are like one before, and need no look at their segments.
  private var wholes = [UInt64](repeating: 0, count: 1_024)
  private var isTouched = false
  private var typesMet: [(type: UInt64, messages: Int)] = []

  init(isWhole: Bool) { self.isWhole = isWhole }

  /// Begins a drop of messages.
  mutating func begin() {
    noveltiesMet = 0
    typesMet.removeAll(keepingCapacity: true)
    guard isTouched else { return }
    isTouched = false
    for index in shapes.indices { shapes[index] = false }
    for index in wholes.indices { wholes[index] = 0 }
  }

  /// Begins the drop of that number, one-based, among those of the feed's night: of these each holds one document.
  mutating func begin(drop number: Int) { documents = number - 1 }

  mutating func takesDocument() -> Bool {
    documents += 1
    return isWhole || documents <= Self.wholeDocuments || documents % Self.oneDocumentIn == 0
  }

  /// - number: of the resource in its drop, one-based.
  func takesResource(number: Int) -> Bool { isWhole || number <= Self.wholeMessages || Self.mixed(number) % UInt64(Self.oneInDense) == 0 }

  /// - number: of the message in its drop, one-based.
  mutating func takes(_ table: SegmentTable, number: Int) -> Bool {
    let type = Self.type(table)
    let isNew = isNewShape(table, type), isOfRareType = isFew(type)
    if isWhole || number <= Self.wholeMessages || isOfRareType { return true }
    if Self.mixed(number) % UInt64(number <= Self.densely ? Self.oneInDense : Self.oneIn) == 0 { return true }
    guard isNew, noveltiesMet < Self.novelties else { return false }
    noveltiesMet += 1
    return true
  }

  /// MSH-9 as a number; 0 for rows.
  private static func type(_ table: SegmentTable) -> UInt64 {
    guard let first = table.segments.first, first.name == SegmentTable.msh else { return 0 }
    var hash: UInt64 = 1
    for at in table.field(0, 9) { hash = (hash << 7 | hash >> 57) ^ UInt64(table.bytes[at]) }
    return hash
  }

  /// Counts a message of a type; true while there are few.
  private mutating func isFew(_ type: UInt64) -> Bool {
    for index in typesMet.indices where typesMet[index].type == type {
      guard typesMet[index].messages < Self.wholeOfType else { return false }
      typesMet[index].messages += 1
      return true
    }
    guard typesMet.count < Self.types else { return false }
    typesMet.append((type, 1))
    return true
  }

  /// True where a segment name with that many fields, or the type, was not met before.
  private mutating func isNewShape(_ table: SegmentTable, _ type: UInt64) -> Bool {
    var whole = type
    for segment in table.segments { whole = (whole << 5 | whole >> 59) &+ Self.shape(segment) &* 0x9E37_79B9_7F4A_7C15 }
    let slot = Int(truncatingIfNeeded: whole >> 54)
    if wholes[slot] == whole { return false }
    wholes[slot] = whole
    isTouched = true
    var isNew = false
    for segment in table.segments { see(Self.shape(segment), &isNew) }
    see(type, &isNew)
    return isNew
  }

  private static func shape(_ segment: SegmentTable.Segment) -> UInt64 {
    UInt64(segment.name) << 16 | UInt64(UInt32(bitPattern: segment.pieceCount) & 0xFFFF)
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
}
