/// Element and attribute names as numbers, in the spelling of `NodeArena`: `h:entry`, `sdtc:raceCode`, `@xsi:type`, `{uri}name`.
///
/// - Cost: one hash over the name's bytes; a text is made only for a name that is new.
struct XMLNames: Sendable, Equatable {
  private(set) var texts: [String] = []
  private var bytes: [UInt8] = []
  /// Where each name ends in `bytes`.
  private var ends: [Int] = []
  /// Open addressing: the number of a name, or -1.
  private var slots = [Int32](repeating: -1, count: 1_024)
  /// How many there may be.
  var limit = Int.max

  init(seed: [String]) {
    texts.reserveCapacity(seed.count + 128)
    ends.reserveCapacity(seed.count + 128)
    for name in seed { _ = number(of: name) }
  }

  var isOverLimit: Bool { texts.count > limit }

  mutating func number(of name: String) -> Int32 {
    bytes += name.utf8
    return numberOfLast()
  }

  mutating func number(of name: ArraySlice<UInt8>) -> Int32 {
    bytes += name
    return numberOfLast()
  }

  /// The number of the name that stands in `bytes` behind the others; it goes where it is known already.
  private mutating func numberOfLast() -> Int32 {
    let start = ends.last ?? 0
    var slot = hash(start..<bytes.count) & (slots.count - 1)
    while slots[slot] >= 0 {
      if isName(Int(slots[slot]), from: start) {
        bytes.removeLast(bytes.count - start)
        return slots[slot]
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = Int32(texts.count)
    texts.append(String(decoding: bytes[start...], as: UTF8.self))
    ends.append(bytes.count)
    if texts.count * 2 > slots.count { grow() }
    return Int32(texts.count - 1)
  }

  private func isName(_ number: Int, from last: Int) -> Bool {
    let start = number == 0 ? 0 : ends[number - 1]
    guard ends[number] - start == bytes.count - last else { return false }
    for offset in 0..<bytes.count - last where bytes[start + offset] != bytes[last + offset] { return false }
    return true
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: slots.count * 2)
    for number in texts.indices {
      var slot = hash((number == 0 ? 0 : ends[number - 1])..<ends[number]) & (slots.count - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = Int32(number)
    }
  }

  /// Keyed anew in each process, so that no sender can choose names that fall together. Not below zero.
  private func hash(_ name: Range<Int>) -> Int {
    var hasher = Hasher()
    unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: $0[name])) }
    return hasher.finalize() & .max
  }

  // MARK: Spelling

  /// The longest name, its namespace included, in bytes.
  static let longest = 256

  private static let namespaces: [(uri: [UInt8], mark: [UInt8])] = [
    ("urn:hl7-org:v3", "h:"), ("urn:hl7-org:sdtc", "sdtc:"), ("http://www.w3.org/2001/XMLSchema-instance", "xsi:"),
    ("http://www.w3.org/XML/1998/namespace", "xml:"),
  ].map { (Array($0.0.utf8), Array($0.1.utf8)) }
  private static let knownPrefixes = ["sdtc", "xsi"].map { Array($0.utf8) }

  typealias Word = UnsafeBufferPointer<UInt8>

  /// The number of an element.
  ///
  /// - Parameter prefix: used where `uri` is nil: a prefix that certified products forget to declare means what it always means.
  mutating func element(_ local: Word, uri: Word?, prefix: Word?) -> Int32 {
    unsafe spell(uri: uri, prefix: prefix)
    unsafe bytes.append(contentsOf: local)
    return numberOfLast()
  }

  /// The number of an attribute; the same.
  mutating func attribute(_ local: Word, uri: Word?, prefix: Word?) -> Int32 {
    bytes.append(UInt8(ascii: "@"))
    if unsafe uri != nil || prefix != nil { unsafe spell(uri: uri, prefix: prefix) }
    unsafe bytes.append(contentsOf: local)
    return numberOfLast()
  }

  private mutating func spell(uri: Word?, prefix: Word?) {
    if let uri = unsafe uri {
      guard let known = Self.namespaces.first(where: { unsafe uri.elementsEqual($0.uri) }) else { return unsafe spell(unknown: uri) }
      bytes += known.mark
    } else if let prefix = unsafe prefix, Self.knownPrefixes.contains(where: { unsafe prefix.elementsEqual($0) }) {
      unsafe bytes.append(contentsOf: prefix)
      bytes.append(UInt8(ascii: ":"))
    } else {
      unsafe spell(braced: prefix ?? Word(start: nil, count: 0))
    }
  }

  /// libxml2 hands over an ampersand in a namespace as `&#38;`, as it does in attributes.
  private mutating func spell(unknown uri: Word) {
    let mark = Array("&#38;".utf8)
    bytes.append(UInt8(ascii: "{"))
    var at = 0
    while at < uri.count {
      let byte = unsafe uri[at]
      let isMark = unsafe uri[at...].starts(with: mark)
      bytes.append(byte)
      at += isMark ? mark.count : 1
    }
    bytes.append(UInt8(ascii: "}"))
  }

  private mutating func spell(braced text: Word) {
    bytes.append(UInt8(ascii: "{"))
    unsafe bytes.append(contentsOf: text)
    bytes.append(UInt8(ascii: "}"))
  }
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
