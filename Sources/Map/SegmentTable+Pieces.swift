import Core

/// A run of a message's bytes.
struct Piece: Sendable, Equatable {
  var lower: Int32
  var upper: Int32

  init(_ lower: Int, _ upper: Int) {
    self.lower = Int32(truncatingIfNeeded: lower)
    self.upper = Int32(truncatingIfNeeded: upper)
  }

  init(lower: Int32, upper: Int32) { (self.lower, self.upper) = (lower, upper) }

  init(_ range: Range<Int>) { self.init(range.lowerBound, range.upperBound) }

  static let none = Piece(0, 0)

  var isEmpty: Bool { lower >= upper }
  var count: Int { Int(upper) - Int(lower) }
  var range: Range<Int> { Int(lower)..<Int(upper) }
}

extension SegmentTable {
  /// The repetition that begins where `rest` does.
  func firstRepetition(_ rest: Piece) -> Piece {
    let bytes = bytes.span, end = Int(rest.upper), mark = delimiters.repetition
    var at = Int(rest.lower)
    while at < end, bytes[at] != mark { at += 1 }
    return Piece(Int(rest.lower), at)
  }

  /// Repetition `number` (one-based) of a field; empty when there are fewer.
  func repetition(_ field: Piece, _ number: Int32) -> Piece { Piece(part(field.range, Int(number), by: delimiters.repetition)) }

  /// A component (0: the whole repetition) or its subcomponent (0: the whole component) of the repetition that begins where `rest` does.
  ///
  /// - Cost: one scan up to the end of the part; what follows is not looked at.
  func part(_ rest: Piece, _ component: Int32, _ subcomponent: Int32) -> Piece {
    let bytes = bytes.span, end = Int(rest.upper), repetition = delimiters.repetition
    let cut = component == 0 ? repetition : delimiters.component
    var at = Int(rest.lower), left = component
    while left > 1 {
      while at < end, bytes[at] != cut, bytes[at] != repetition { at += 1 }
      if at >= end || bytes[at] != cut { return Piece(at, at) }
      at += 1
      left -= 1
    }
    guard subcomponent > 0 else {
      let start = at
      while at < end, bytes[at] != cut, bytes[at] != repetition { at += 1 }
      return Piece(start, at)
    }
    return subpart(Piece(at, end), subcomponent)
  }

  /// Subcomponent `number` of the component that begins where `rest` does.
  private func subpart(_ rest: Piece, _ number: Int32) -> Piece {
    let bytes = bytes.span, end = Int(rest.upper), (cut, component, repetition) = (delimiters.subcomponent, delimiters.component, delimiters.repetition)
    var start = Int(rest.lower), left = number
    var at = start
    while at < end {
      let byte = bytes[at]
      if byte == component || byte == repetition { break }
      if byte == cut {
        left -= 1
        if left == 0 { return Piece(start, at) }
        start = at + 1
      }
      at += 1
    }
    return left == 1 ? Piece(start, at) : Piece(at, at)
  }

  /// True where the repetition that begins here is `""`.
  func isNullRepetition(_ rest: Piece) -> Bool {
    let start = Int(rest.lower), end = Int(rest.upper)
    guard end - start >= 2 else { return false }
    let bytes = bytes.span
    guard bytes[start] == 0x22, bytes[start + 1] == 0x22 else { return false }
    return end - start == 2 || bytes[start + 2] == delimiters.repetition
  }

  /// True where the piece is `""` and nothing else.
  func isNull(_ piece: Piece) -> Bool { piece.count == 2 && bytes[Int(piece.lower)] == 0x22 && bytes[Int(piece.lower) + 1] == 0x22 }

  /// False for a repetition of delimiters and blanks alone.
  func hasContent(_ piece: Piece) -> Bool {
    let bytes = bytes.span
    for at in piece.range {
      let byte = bytes[at]
      if byte != delimiters.component, byte != delimiters.subcomponent, !MapEvaluator.isBlank(byte) { return true }
    }
    return false
  }

  /// True where an escape character stands in a piece.
  func holdsEscape(_ piece: Piece) -> Bool {
    // Cut first and every byte looked at, whatever was found: so many are compared at once.
    let bytes = bytes.span.extracting(piece.range), mark = delimiters.escape
    var found: UInt8 = 0
    for at in bytes.indices { found |= bytes[at] == mark ? 1 : 0 }
    return found != 0 && mark != 0
  }

  func equals(_ piece: Piece, _ text: some Collection<UInt8>) -> Bool { bytes[piece.range].elementsEqual(text) }
}

extension Span<UInt8> {
  /// A range without the blanks at its ends.
  func trimmed(_ range: Range<Int>) -> Range<Int> {
    var lower = range.lowerBound, upper = range.upperBound
    while upper > lower, MapEvaluator.isBlank(self[upper - 1]) { upper -= 1 }
    while lower < upper, MapEvaluator.isBlank(self[lower]) { lower += 1 }
    return lower..<upper
  }
}
