import Core

/// The repetitions of a field, one after the other, in one pass.
struct Repetitions: Sequence, IteratorProtocol {
  private let table: SegmentTable
  private var at: Int
  private let end: Int
  private var isDone: Bool

  init(_ table: SegmentTable, _ field: Range<Int>) {
    self.table = table
    at = field.lowerBound
    end = field.upperBound
    isDone = field.isEmpty
  }

  mutating func next() -> Range<Int>? {
    if isDone { return nil }
    let start = at
    while at < end, table.bytes[at] != table.delimiters.repetition { at += 1 }
    defer {
      isDone = at >= end
      at += 1
    }
    return start..<at
  }
}
