/// Element and attribute names as numbers, in the spelling of `NodeArena`: `h:entry`, `sdtc:raceCode`, `@xsi:type`, `{uri}name`.
///
/// - Cost: one hash over the name's bytes; a text is made only for a name that is new.
struct XMLNames {
  private(set) var texts: [String] = []
  private var bytes: [UInt8] = []
  /// Where each name ends in `bytes`.
  private var ends: [Int] = []
  /// Open addressing: the number of a name, or -1.
  private var slots = [Int32](repeating: -1, count: 1_024)
  let limit: Int

  init(seed: [String], limit: Int) {
    self.limit = limit
    for name in seed { _ = number(of: name) }
  }

  var isOverLimit: Bool { texts.count > limit }

  mutating func number(of name: String) -> Int32 { number(of: Array(name.utf8)) }

  mutating func number(of name: [UInt8]) -> Int32 {
    var slot = Self.hash(name) & (slots.count - 1)
    while slots[slot] >= 0 {
      if isName(Int(slots[slot]), name) { return slots[slot] }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = Int32(texts.count)
    texts.append(String(decoding: name, as: UTF8.self))
    bytes += name
    ends.append(bytes.count)
    if texts.count * 2 > slots.count { grow() }
    return Int32(texts.count - 1)
  }

  private func isName(_ number: Int, _ name: [UInt8]) -> Bool {
    let start = number == 0 ? 0 : ends[number - 1]
    guard ends[number] - start == name.count else { return false }
    for index in name.indices where bytes[start + index] != name[index] { return false }
    return true
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: slots.count * 2)
    for number in texts.indices {
      let start = number == 0 ? 0 : ends[number - 1]
      var slot = Self.hash(bytes[start..<ends[number]]) & (slots.count - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(number)
    }
  }

  /// FNV-1a.
  private static func hash(_ name: some Sequence<UInt8>) -> Int {
    var hash: UInt32 = 2_166_136_261
    for byte in name { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    return Int(hash ^ hash >> 15)
  }

  // MARK: Spelling

  /// The longest name, its namespace included, in bytes.
  static let longest = 256

  private static let namespaces: [(uri: [UInt8], mark: [UInt8])] = [
    ("urn:hl7-org:v3", "h:"), ("urn:hl7-org:sdtc", "sdtc:"), ("http://www.w3.org/2001/XMLSchema-instance", "xsi:"),
    ("http://www.w3.org/XML/1998/namespace", "xml:"),
  ].map { (Array($0.0.utf8), Array($0.1.utf8)) }
  private static let knownPrefixes = ["sdtc", "xsi"].map { Array($0.utf8) }

  /// - Parameter prefix: used where `uri` is nil: a prefix that certified products forget to declare means what it always means.
  static func element(_ local: [UInt8], uri: [UInt8]?, prefix: [UInt8]?) -> [UInt8] {
    if let uri { return (namespaces.first { $0.uri == uri }?.mark ?? braced(uri)) + local }
    guard let prefix else { return braced([]) + local }
    return (knownPrefixes.contains(prefix) ? prefix + [UInt8(ascii: ":")] : braced(prefix)) + local
  }

  static func attribute(_ local: [UInt8], uri: [UInt8]?, prefix: [UInt8]?) -> [UInt8] {
    [UInt8(ascii: "@")] + (uri == nil && prefix == nil ? local : element(local, uri: uri, prefix: prefix))
  }

  private static func braced(_ text: [UInt8]) -> [UInt8] { [UInt8(ascii: "{")] + text + [UInt8(ascii: "}")] }
}

/// From the addresses of a name and its namespace to the name's number: libxml2 keeps one copy of each, so its address stands for it.
struct XMLNameCache {
  private struct Slot {
    var local: UInt = 0
    var space: UInt = 0
    var number: Int32 = -1
  }

  private var slots = [Slot](repeating: Slot(), count: 512)
  private var count = 0

  /// The number, or -1.
  func number(_ local: UInt, _ space: UInt) -> Int32 {
    var index = Self.place(local, space) & (slots.count - 1)
    while true {
      let slot = slots[index]
      if slot.number < 0 || (slot.local == local && slot.space == space) { return slot.number }
      index = (index + 1) & (slots.count - 1)
    }
  }

  mutating func set(_ number: Int32, _ local: UInt, _ space: UInt) {
    if count * 2 > slots.count { grow() }
    insert(Slot(local: local, space: space, number: number))
    count += 1
  }

  private mutating func insert(_ slot: Slot) {
    var index = Self.place(slot.local, slot.space) & (slots.count - 1)
    while slots[index].number >= 0 { index = (index + 1) & (slots.count - 1) }
    slots[index] = slot
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(), count: old.count * 2)
    for slot in old where slot.number >= 0 { insert(slot) }
  }

  private static func place(_ local: UInt, _ space: UInt) -> Int {
    Int(truncatingIfNeeded: ((local &+ space &* 31) &* 0x9E37_79B9_7F4A_7C15) >> 40)
  }
}
