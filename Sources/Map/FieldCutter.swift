import Core

/// Cuts the part of a field that a quick rule reads, by the delimiters of its message.
struct FieldCutter: Sendable {
  private var component: UInt8 = 0
  /// See `MapEvaluator.escapes`.
  private var escapes = Piece.none
  private var escapeMark = ByteMark(0)
  private var repetitionMark = ByteMark(0)
  private var componentMarks = ByteMarks(0, 0, 0)
  private var subcomponentMarks = ByteMarks(0, 0, 0)
  /// The field that was cut last, as an index into `pieceStarts`, and where a component of it begins: the next rule as a rule reads that one
  /// or a later one.
  private var cutField = -1
  private var cutComponent: Int32 = 0
  private var cutStart = 0

  init() {}

  init(_ delimiters: SegmentTable.Delimiters, _ escapes: Piece) {
    self.escapes = escapes
    component = delimiters.component
    escapeMark = ByteMark(delimiters.escape)
    repetitionMark = ByteMark(delimiters.repetition)
    componentMarks = ByteMarks(delimiters.component, delimiters.repetition, delimiters.repetition)
    subcomponentMarks = ByteMarks(delimiters.component, delimiters.repetition, delimiters.subcomponent)
  }

  /// False for what is empty or null, needs unescaping, begins with a blank or, where the rule cuts blanks, ends with one.
  ///
  /// Mutating, though it changes nothing: otherwise each call would copy the cutter.
  @inline(__always)
  mutating func isOrdinary(_ piece: Piece, _ rule: QuickRule, _ bytes: Span<UInt8>) -> Bool {
    let lower = Int(piece.lower), upper = Int(piece.upper)
    // A blank, a quote and an exclamation mark are the first of all that are printed.
    guard upper > lower, bytes[lower] > 0x22 || bytes[lower] == 0x21 else { return false }
    if rule.isScalar, bytes[upper &- 1] <= 0x20 { return false }
    return piece.upper <= escapes.lower || piece.lower >= escapes.upper || isUnescaped(bytes, piece)
  }

  /// True where no escape character stands in a piece.
  @inline(never)
  private mutating func isUnescaped(_ bytes: Span<UInt8>, _ piece: Piece) -> Bool {
    bytes.first(escapeMark, Int(piece.lower), Int(piece.upper)) >= Int(piece.upper)
  }

  /// The component of the first repetition of a field, up to its first subcomponent where the rule reads that.
  @inline(__always)
  mutating func cut(_ bytes: Span<UInt8>, _ index: Int, _ field: Piece, _ rule: QuickRule) -> Piece {
    let end = Int(field.upper)
    if rule.component == 0, !rule.endsAtSubcomponent {
      return Piece(Int(field.lower), bytes.first(repetitionMark, Int(field.lower), end))
    }
    let start = start(of: max(rule.component, 1), bytes, index, field)
    if start < 0 { return .none }
    let at = rule.endsAtSubcomponent ? bytes.first(subcomponentMarks, start, end) : bytes.first(componentMarks, start, end)
    let isEnd = at < end && bytes[at] == component, number = max(rule.component, 1)
    (cutField, cutComponent, cutStart) = isEnd ? (index, number &+ 1, at &+ 1) : (index, number, start)
    return Piece(start, at)
  }

  /// Where a component of the first repetition begins; -1 where there are fewer.
  @inline(__always)
  private mutating func start(of number: Int32, _ bytes: Span<UInt8>, _ index: Int, _ field: Piece) -> Int {
    let isNear = cutField == index && cutComponent <= number, end = Int(field.upper)
    var at = isNear ? cutStart : Int(field.lower), left = isNear ? number &- cutComponent : number &- 1
    while left > 0 {
      at = bytes.first(componentMarks, at, end)
      if at >= end || bytes[at] != component { return -1 }
      at &+= 1
      left &-= 1
    }
    return at
  }
}
