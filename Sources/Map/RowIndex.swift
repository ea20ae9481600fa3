import Core

/// Where the first row of each entity, key and event time of a message stands: one open-addressing table, reused from message to message.
///
/// A hash only says where to look; the caller compares the rows.
struct RowIndex: Sendable {
  private struct Slot: Sendable {
    var hash: UInt64 = 0
    /// Of another message than the present one: empty.
    var message: UInt32 = 0
    var row: Int32 = 0
    var statement: Int32 = 0
    var joins = false
  }

  /// What hashes begin with.
  let seed = RowHash.processSeed
  private var slots = [Slot](repeating: Slot(), count: 64)
  private var count = 0
  private var message: UInt32 = 1

  /// Forgets the rows; a table that a large message left behind is given back.
  mutating func removeAll() {
    count = 0
    message &+= 1
    if slots.count > 1 << 16 || message == 0 { self = RowIndex() }
  }

  /// Where to begin to look for the rows of a hash.
  mutating func start(of hash: UInt64) -> Int {
    if count * 2 >= slots.count { grow() }
    return Int(truncatingIfNeeded: hash) & (slots.count - 1)
  }

  /// The next row of this hash from a slot on, which moves to it; nil at an empty slot, where a row of this hash belongs.
  mutating func next(_ hash: UInt64, at slot: inout Int) -> KeyedRow? {
    while slots[slot].message == message {
      if slots[slot].hash == hash { return KeyedRow(row: Int(slots[slot].row), statement: Int(slots[slot].statement), joins: slots[slot].joins) }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// The slot behind one.
  mutating func step(_ slot: inout Int) { slot = (slot + 1) & (slots.count - 1) }

  /// Puts a row into the empty slot that `next` found.
  mutating func put(_ row: KeyedRow, _ hash: UInt64, at slot: Int) {
    slots[slot] = Slot(hash: hash, message: message, row: Int32(row.row), statement: Int32(row.statement), joins: row.joins)
    count += 1
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(), count: old.count * 2)
    for slot in old where slot.message == message {
      var at = Int(truncatingIfNeeded: slot.hash) & (slots.count - 1)
      while slots[at].message == message { at = (at + 1) & (slots.count - 1) }
      slots[at] = slot
    }
  }
}

/// A hash over words, seeded anew in each process: a sender cannot choose keys that share a slot.
struct RowHash {
  private(set) var value: UInt64

  init(seed: UInt64) { value = seed }

  fileprivate static let processSeed = UInt64(bitPattern: Int64(Hasher().finalize()))

  mutating func add(_ word: UInt64) {
    value = (value ^ word) &* 0x9FB2_1C65_1E98_DF25
    value ^= value >> 32
  }

  /// The bytes of a range and how many they are.
  mutating func add(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    var at = range.lowerBound
    while at + 8 <= range.upperBound {
      add(UInt64(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self)))
      at += 8
    }
    var word = UInt64(range.count)
    while at < range.upperBound {
      word = word << 8 | UInt64(bytes[at])
      at += 1
    }
    add(word)
  }
}
