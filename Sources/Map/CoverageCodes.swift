import Core

/// The different values of one place, counted: as many as are few.
struct CodeCounts: Sendable {
  private struct Entry: Sendable {
    var value: [UInt8]
    var messages = 0
    var occurrences = 0
    var lastMessage = -1
    var patients: [UInt64] = []
  }

  /// A longer value is no code.
  static let longest = 64

  let limit: Int
  private(set) var isOpen = false
  private var entries: [Entry] = []
  private var numbers: [UInt64: Int] = [:]

  init(limit: Int) { self.limit = limit }

  /// Counts one value; more than the limit open the place, and its values are forgotten.
  mutating func add(_ value: some Collection<UInt8>, message: Int, patient: UInt64) {
    guard !isOpen else { return }
    guard value.count <= Self.longest else { return open() }
    let hash = Self.hash(value)
    guard let number = numbers[hash] else {
      guard entries.count < limit else { return open() }
      numbers[hash] = entries.count
      entries.append(Entry(value: Array(value)))
      return count(entries.count - 1, message, patient)
    }
    count(number, message, patient)
  }

  private mutating func count(_ number: Int, _ message: Int, _ patient: UInt64) {
    entries[number].occurrences += 1
    if entries[number].lastMessage != message {
      entries[number].lastMessage = message
      entries[number].messages += 1
    }
    if patient != 0, entries[number].patients.count < 3, !entries[number].patients.contains(patient) { entries[number].patients.append(patient) }
  }

  private mutating func open() {
    isOpen = true
    entries = []
    numbers = [:]
  }

  /// Each value with what was seen of it.
  func forEach(_ body: (_ value: String, _ sight: FeedTally.Sight) -> Void) {
    for entry in entries {
      var sight = FeedTally.Sight()
      (sight.messages, sight.occurrences, sight.patients) = (entry.messages, entry.occurrences, entry.patients)
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

/// One populated place, counted.
struct CoverageCell: Sendable {
  private(set) var messages = 0
  private(set) var occurrences = 0
  private(set) var lettered = 0
  private var lastMessage = -1
  private var lengths = [Int](repeating: 0, count: 24)

  mutating func add(_ value: some Collection<UInt8>, message: Int) {
    occurrences += 1
    if lastMessage != message {
      lastMessage = message
      messages += 1
    }
    lengths[Int(LengthSteps.step(value.count))] += 1
    if !Self.isNumber(value) { lettered += 1 }
  }

  /// Digits and points, after one sign at most.
  private static func isNumber(_ value: some Collection<UInt8>) -> Bool {
    let hasSign = value.first == UInt8(ascii: "-") || value.first == UInt8(ascii: "+")
    return value.dropFirst(hasSign ? 1 : 0).allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
  }

  var sight: FeedTally.Sight {
    var sight = FeedTally.Sight()
    (sight.messages, sight.occurrences, sight.lettered) = (messages, occurrences, lettered)
    for (step, count) in lengths.enumerated() where count > 0 { sight.lengths[UInt8(step)] = count }
    return sight
  }
}
