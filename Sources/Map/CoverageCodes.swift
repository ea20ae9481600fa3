import Core

/// The different values of one place, counted: as many as are few.
struct CodeCounts: Sendable {
  fileprivate struct Entry: Sendable {
    var hash: UInt64
    var value: [UInt8]
    var messages = 0
    var occurrences = 0
    var lastMessage = -1
    /// The first three; 0 for none.
    var patients = (UInt64(0), UInt64(0), UInt64(0))
  }

  /// A longer value is no code.
  static let longest = 64

  let limit: Int
  private(set) var isOpen = false
  private var entries: [Entry] = []
  /// Index of the entry by the low bits of its hash, and on to the next free one; -1 for none. Twice as many as the limit at least.
  private var slots: [Int16] = []

  /// - limit: at most 16,384.
  init(limit: Int) { self.limit = limit }

  /// Counts one value; more than the limit open the place, and its values are forgotten.
  mutating func add(_ value: some Collection<UInt8>, message: Int, patient: UInt64) {
    guard !isOpen else { return }
    guard value.count <= Self.longest else { return open() }
    if slots.isEmpty { slots = [Int16](repeating: -1, count: max(limit, 8).nextPowerOfTwo * 2) }
    let hash = Self.hash(value)
    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[slot] >= 0 {
      let number = Int(slots[slot])
      if entries[number].hash == hash { return entries[number].count(message, patient) }
      slot = (slot + 1) & (slots.count - 1)
    }
    guard entries.count < limit else { return open() }
    slots[slot] = Int16(truncatingIfNeeded: entries.count)
    entries.append(Entry(hash: hash, value: Array(value)))
    entries[entries.count - 1].count(message, patient)
  }

  private mutating func open() {
    isOpen = true
    entries = []
    slots = []
  }

  /// Forgets what was counted; the room is kept.
  mutating func removeAll() {
    isOpen = false
    entries.removeAll(keepingCapacity: true)
    for slot in slots.indices { slots[slot] = -1 }
  }

  /// Values that are told apart.
  var count: Int { entries.count }

  /// Each value with what was seen of it.
  func forEach(_ body: (_ value: String, _ sight: FeedTally.Sight) -> Void) {
    for entry in entries {
      var sight = FeedTally.Sight()
      (sight.messages, sight.occurrences) = (entry.messages, entry.occurrences)
      for patient in [entry.patients.0, entry.patients.1, entry.patients.2] where patient != 0 { sight.patients.append(patient) }
      body(String(decoding: entry.value, as: UTF8.self), sight)
    }
  }

  /// FNV-1a of 64 bits: for tables in memory, and to tell one patient from another.
  static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash
  }
}

extension CodeCounts.Entry {
  fileprivate mutating func count(_ message: Int, _ patient: UInt64) {
    occurrences += 1
    if lastMessage != message {
      lastMessage = message
      messages += 1
    }
    if patient == 0 || patient == patients.0 || patient == patients.1 || patient == patients.2 { return }
    if patients.0 == 0 { patients.0 = patient } else if patients.1 == 0 { patients.1 = patient } else if patients.2 == 0 { patients.2 = patient }
  }
}

extension Int {
  fileprivate var nextPowerOfTwo: Int { 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}

/// One populated place, counted.
struct CoverageCell: Sendable {
  private(set) var messages = 0
  private(set) var occurrences = 0
  private(set) var lettered = 0
  private var lastMessage = -1
  private(set) var lengths = LengthCounts()

  mutating func add(_ value: some Collection<UInt8>, message: Int) {
    occurrences += 1
    if lastMessage != message {
      lastMessage = message
      messages += 1
    }
    lengths.add(value.count)
    if !Self.isNumber(value) { lettered += 1 }
  }

  /// Digits and points, after one sign at most.
  private static func isNumber(_ value: some Collection<UInt8>) -> Bool {
    var isFirst = true
    for byte in value {
      let isSign = isFirst && (byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+"))
      guard isSign || (0x30...0x39).contains(byte) || byte == UInt8(ascii: ".") else { return false }
      isFirst = false
    }
    return true
  }

  /// Without the lengths.
  var counts: FeedTally.Sight {
    var sight = FeedTally.Sight()
    (sight.messages, sight.occurrences, sight.lettered) = (messages, occurrences, lettered)
    return sight
  }

  var sight: FeedTally.Sight {
    var sight = counts
    lengths.forEach { step, count in sight.lengths[step] = count }
    return sight
  }
}
