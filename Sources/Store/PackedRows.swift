import Core

/// Rows on their way into a table, in one buffer: the binary form of COPY (a count of values, then each with its length, big-endian; -1 is
/// null), and beside it the kind of each value, which SQLite wants to know.
struct PackedRows {
  enum Kind: UInt8 {
    case null, integer, text, blob
  }

  private(set) var bytes: [UInt8] = []
  private(set) var kinds: [Kind] = []
  /// How many rows there are.
  private(set) var count = 0
  /// Where each row begins, among the bytes.
  private var starts: [Int] = []
  /// True where an open column may hold text and a text may hold NUL.
  private let keepsText: Bool

  init(keepsText: Bool) { self.keepsText = keepsText }

  /// Begins a row of so many values, which follow.
  mutating func begin(columns: Int) {
    starts.append(bytes.count)
    count += 1
    append(columns, bytes: 2)
  }

  mutating func null() {
    kinds.append(.null)
    append(-1, bytes: 4)
  }

  mutating func integer(_ number: Int) {
    kinds.append(.integer)
    append(8, bytes: 4)
    append(number, bytes: 8)
  }

  /// PostgreSQL keeps no NUL in a text: it is shown as the symbol for NUL.
  mutating func text(_ text: String) {
    kinds.append(.text)
    if keepsText { return list(text.utf8) }
    list(PostgresParameters.bytes(of: text))
  }

  mutating func blob(_ content: [UInt8]) {
    kinds.append(.blob)
    list(content)
  }

  mutating func blob(_ content: Bytes16) {
    kinds.append(.blob)
    append(16, bytes: 4)
    content.append(to: &bytes)
  }

  /// A value of an open field: text where the engine keeps it and the bytes are one.
  mutating func open(_ content: [UInt8]) {
    kinds.append(keepsText && Self.isText(content) ? .text : .blob)
    list(content)
  }

  /// Bytes that a closure appends.
  mutating func blob(_ fill: (inout [UInt8]) throws -> Void) rethrows {
    kinds.append(.blob)
    let start = bytes.count
    append(0, bytes: 4)
    try fill(&bytes)
    patch(bytes.count - start - 4, at: start, bytes: 4)
  }

  mutating func append(_ value: SQLValue) {
    switch value {
    case .null: null()
    case .integer(let number): integer(number)
    case .text(let content): text(content)
    case .blob(let content): blob(content)
    }
  }

  mutating func append(row: [SQLValue]) {
    begin(columns: row.count)
    for value in row { append(value) }
  }

  /// Writes over an integer of a row.
  mutating func set(_ column: Int, of row: Int, to number: Int) {
    var at = starts[row] + 2
    for _ in 0..<column { at += 4 + max(Self.number(bytes.span, at, 4), 0) }
    patch(number, at: at + 4, bytes: 8)
  }

  /// The values again, of all rows one after the other.
  var values: [SQLValue] {
    var values: [SQLValue] = [], row = 0, at = 0
    for kind in kinds {
      if row < starts.count, at == starts[row] { (row, at) = (row + 1, at + 2) }
      let count = Self.number(bytes.span, at, 4), content = at + 4
      at = content + max(count, 0)
      switch kind {
      case .null: values.append(.null)
      case .integer: values.append(.integer(Self.number(bytes.span, content, 8)))
      case .text: values.append(.text(String(decoding: bytes[content..<at], as: UTF8.self)))
      case .blob: values.append(.blob(Array(bytes[content..<at])))
      }
    }
    return values
  }

  /// Forgets the rows and keeps their room.
  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    kinds.removeAll(keepingCapacity: true)
    starts.removeAll(keepingCapacity: true)
    count = 0
  }

  private static func isText(_ content: [UInt8]) -> Bool {
    if content.allSatisfy({ $0 > 0 && $0 < 0x80 }) { return true }
    return !content.contains(0) && String(validating: content, as: UTF8.self) != nil
  }

  private mutating func list(_ content: some Collection<UInt8>) {
    append(content.count, bytes: 4)
    bytes.append(contentsOf: content)
  }

  private mutating func append(_ number: Int, bytes count: Int) {
    var big = (number << (8 * (8 - count))).bigEndian
    unsafe withUnsafeBytes(of: &big) { unsafe bytes.append(contentsOf: $0.prefix(count)) }
  }

  private mutating func patch(_ number: Int, at start: Int, bytes count: Int) {
    for offset in 0..<count { bytes[start + offset] = UInt8(truncatingIfNeeded: number >> (8 * (count - 1 - offset))) }
  }

  /// A big-endian number with its sign.
  static func number(_ bytes: Span<UInt8>, _ at: Int, _ count: Int) -> Int {
    var number = Int(Int8(bitPattern: bytes[at]))
    for offset in 1..<count { number = number << 8 | Int(bytes[at + offset]) }
    return number
  }
}
