import Core

/// The rows of a code set that are in force on a date, for lookup by the bytes of the source value: one open-addressing table over one arena.
struct CodeTable: Sendable {
  private struct Entry: Sendable {
    var source: MapProgram.Run
    var target: MapProgram.Run
  }

  private var bytes: [UInt8] = []
  private var entries: [Entry] = []
  /// Numbers of entries, -1 where none; a power of two long, half of it empty.
  private var slots: [Int32]

  init(_ set: CodeSet, on date: BusinessDate) {
    let rows = set.rows.filter { ($0.since.map { $0 <= date } ?? true) && ($0.until.map { date <= $0 } ?? true) }
    var size = 4
    while size < rows.count * 2 { size *= 2 }
    slots = [Int32](repeating: -1, count: size)
    for row in rows { add(row) }
  }

  private mutating func add(_ row: CodeSet.Row) {
    slots[slot(of: row.source.span, 0..<row.source.count)] = Int32(entries.count)
    let start = Int32(bytes.count), split = start + Int32(row.source.count)
    bytes += row.source + row.target
    entries.append(Entry(source: .init(first: start, count: split - start), target: .init(first: split, count: Int32(row.target.count))))
  }

  /// Where the value stands, or the empty slot where it would.
  private func slot(of value: Span<UInt8>, _ range: Range<Int>) -> Int {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for index in range { hash = (hash ^ UInt64(value[index])) &* 0x100_0000_01B3 }
    var slot = Int(truncatingIfNeeded: hash ^ hash >> 32) & (slots.count - 1)
    while slots[slot] >= 0, !equals(entries[Int(slots[slot])].source, value, range) { slot = (slot + 1) & (slots.count - 1) }
    return slot
  }

  private func equals(_ known: MapProgram.Run, _ value: Span<UInt8>, _ range: Range<Int>) -> Bool {
    guard Int(known.count) == range.count else { return false }
    for (left, right) in zip(known.indices, range) where bytes[left] != value[right] { return false }
    return true
  }

  /// Number of the value's entry, or nil.
  func entry(of value: Span<UInt8>, _ range: Range<Int>) -> Int? {
    let number = slots[slot(of: value, range)]
    return number < 0 ? nil : Int(number)
  }

  /// Appends what an entry's value becomes.
  func appendTarget(_ entry: Int, to out: inout [UInt8]) { out += bytes[entries[entry].target.indices] }
}
