import Core

/// The tokens of one JSON text, checked as RFC 8259 says it, and more strictly where readers differ: a name that stands twice in one object and
/// half of a surrogate pair are faults, for nobody can say what was meant.
///
/// - Shape: tokens in the order of the text. Behind an object stand its members, name and value in turn; behind an array its items. `next` is the
///   token behind all that is inside of one.
/// - Limits: depth and tokens; beyond them the text is not read.
/// - Cost: one pass, one entry of 16 bytes a token; nothing is allocated for one.
struct JSONTokens {
  enum Kind: UInt8 { case object, array, string, number, word, null }

  struct Token {
    var kind: Kind
    /// Of a string: an escape stands in it.
    var hasEscape = false
    /// Of a string without its quotes.
    var start: Int32
    var end: Int32
    var next: Int32
  }

  enum Fault: Error, Equatable {
    /// Where the text stops being JSON.
    case malformed(at: Int)
    /// Where it passes a limit.
    case limit(at: Int)
    /// Where it is not UTF-8.
    case undecodable(at: Int)
  }

  private(set) var items: [Token] = []
  private var at = 0
  private var depth = 0
  private let depthLimit: Int
  private let tokenLimit: Int
  private var names: [Int32] = []

  init(depth: Int, tokens: Int) {
    depthLimit = depth
    tokenLimit = tokens
  }

  /// Reads one text; what was read before is forgotten.
  mutating func read(_ bytes: [UInt8]) throws(Fault) {
    items.removeAll(keepingCapacity: true)
    (at, depth) = (0, 0)
    if let misfit = Charset.utf8.firstMisfit(in: bytes) { throw .undecodable(at: misfit) }
    let text = bytes.span
    skipBlanks(text)
    try value(text)
    skipBlanks(text)
    if at < text.count { throw .malformed(at: at) }
  }

  private mutating func skipBlanks(_ text: Span<UInt8>) {
    while at < text.count, text[at] == 0x20 || text[at] == 0x0A || text[at] == 0x0D || text[at] == 0x09 { at += 1 }
  }

  private mutating func add(_ kind: Kind, _ start: Int, _ end: Int, hasEscape: Bool = false) throws(Fault) {
    guard items.count < tokenLimit else { throw .limit(at: start) }
    items.append(
      Token(
        kind: kind, hasEscape: hasEscape, start: Int32(truncatingIfNeeded: start), end: Int32(truncatingIfNeeded: end),
        next: Int32(truncatingIfNeeded: items.count + 1)))
  }

  private mutating func value(_ text: Span<UInt8>) throws(Fault) {
    guard at < text.count else { throw .malformed(at: at) }
    switch text[at] {
    case UInt8(ascii: "{"): try group(.object, text)
    case UInt8(ascii: "["): try group(.array, text)
    case UInt8(ascii: "\""): try string(text)
    case UInt8(ascii: "t"): try word("true", .word, text)
    case UInt8(ascii: "f"): try word("false", .word, text)
    case UInt8(ascii: "n"): try word("null", .null, text)
    default: try number(text)
    }
  }

  // MARK: Objects and arrays

  private mutating func group(_ kind: Kind, _ text: Span<UInt8>) throws(Fault) {
    let own = items.count, close = kind == .object ? UInt8(ascii: "}") : UInt8(ascii: "]")
    guard depth < depthLimit else { throw .limit(at: at) }
    try add(kind, at, at)
    depth += 1
    at += 1
    skipBlanks(text)
    if at < text.count, text[at] == close { at += 1 } else { try members(kind, close, text) }
    depth -= 1
    items[own].end = Int32(truncatingIfNeeded: at)
    items[own].next = Int32(truncatingIfNeeded: items.count)
    if kind == .object { try refuseTwins(own, text) }
  }

  private mutating func members(_ kind: Kind, _ close: UInt8, _ text: Span<UInt8>) throws(Fault) {
    while true {
      if kind == .object { try name(text) }
      try value(text)
      skipBlanks(text)
      guard at < text.count, text[at] == close || text[at] == UInt8(ascii: ",") else { throw .malformed(at: at) }
      at += 1
      if text[at - 1] == close { return }
      skipBlanks(text)
    }
  }

  private mutating func name(_ text: Span<UInt8>) throws(Fault) {
    guard at < text.count, text[at] == UInt8(ascii: "\"") else { throw .malformed(at: at) }
    try string(text)
    skipBlanks(text)
    guard at < text.count, text[at] == UInt8(ascii: ":") else { throw .malformed(at: at) }
    at += 1
    skipBlanks(text)
  }

  /// A name that stands twice in one object (RFC 8259, 4: what a reader makes of it cannot be foreseen).
  private mutating func refuseTwins(_ object: Int, _ text: Span<UInt8>) throws(Fault) {
    names.removeAll(keepingCapacity: true)
    var name = object + 1
    while name < items[object].next {
      names.append(Int32(truncatingIfNeeded: name))
      name = Int(items[name + 1].next)
    }
    guard names.count > 1 else { return }
    if names.count <= 24 {
      for later in 1..<names.count {
        for earlier in 0..<later where order(names[earlier], names[later], text) == 0 { throw .malformed(at: place(later)) }
      }
      return
    }
    let sorted = names.sorted { let order = order($0, $1, text); return order == 0 ? $0 < $1 : order < 0 }
    for index in 1..<sorted.count where order(sorted[index - 1], sorted[index], text) == 0 {
      throw .malformed(at: Int(items[Int(sorted[index])].start) - 1)
    }
  }

  private func place(_ index: Int) -> Int { Int(items[Int(names[index])].start) - 1 }

  /// Below, at or above zero, by the bytes of two names.
  private func order(_ left: Int32, _ right: Int32, _ text: Span<UInt8>) -> Int {
    let one = items[Int(left)], other = items[Int(right)]
    if one.hasEscape || other.hasEscape { return unescapedOrder(one, other, text) }
    let count = Int(one.end - one.start), difference = count - Int(other.end - other.start)
    if difference != 0 { return difference }
    for offset in 0..<count {
      let step = Int(text[Int(one.start) + offset]) - Int(text[Int(other.start) + offset])
      if step != 0 { return step }
    }
    return 0
  }

  private func unescapedOrder(_ left: Token, _ right: Token, _ text: Span<UInt8>) -> Int {
    var one: [UInt8] = [], other: [UInt8] = []
    Self.append(left, of: text, to: &one)
    Self.append(right, of: text, to: &other)
    if one.count != other.count { return one.count - other.count }
    return one == other ? 0 : one.lexicographicallyPrecedes(other) ? -1 : 1
  }

  // MARK: Strings

  private mutating func string(_ text: Span<UInt8>) throws(Fault) {
    let open = at
    var hasEscape = false
    at += 1
    while at < text.count {
      let byte = text[at]
      if byte == UInt8(ascii: "\"") {
        at += 1
        return try add(.string, open + 1, at - 1, hasEscape: hasEscape)
      }
      if byte < 0x20 { throw .malformed(at: at) }
      if byte == UInt8(ascii: "\\") {
        hasEscape = true
        try escape(text)
      } else {
        at += 1
      }
    }
    throw .malformed(at: open)
  }

  private mutating func escape(_ text: Span<UInt8>) throws(Fault) {
    let start = at
    guard at + 1 < text.count else { throw .malformed(at: start) }
    at += 2
    switch text[at - 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return
    case UInt8(ascii: "u"):
      guard let first = Self.unit(text, at), !(0xDC00...0xDFFF).contains(first) else { throw .malformed(at: start) }
      at += 4
      guard (0xD800...0xDBFF).contains(first) else { return }
      guard at + 1 < text.count, text[at] == UInt8(ascii: "\\"), text[at + 1] == UInt8(ascii: "u"), let second = Self.unit(text, at + 2),
        (0xDC00...0xDFFF).contains(second)
      else { throw .malformed(at: start) }
      at += 6
    default: throw .malformed(at: start)
    }
  }

  private static func unit(_ text: Span<UInt8>, _ start: Int) -> UInt32? {
    guard start + 4 <= text.count else { return nil }
    var value: UInt32 = 0
    for at in start..<start + 4 {
      switch text[at] {
      case 0x30...0x39: value = value << 4 | UInt32(text[at] - 0x30)
      case 0x41...0x46: value = value << 4 | UInt32(text[at] - 0x37)
      case 0x61...0x66: value = value << 4 | UInt32(text[at] - 0x57)
      default: return nil
      }
    }
    return value
  }

  /// What a string says, its escapes resolved. The token must be one that was read.
  static func append(_ token: Token, of text: Span<UInt8>, to out: inout [UInt8]) {
    var at = Int(token.start)
    while at < Int(token.end) {
      guard text[at] == UInt8(ascii: "\\") else {
        out.append(text[at])
        at += 1
        continue
      }
      at += 2
      switch text[at - 1] {
      case UInt8(ascii: "b"): out.append(0x08)
      case UInt8(ascii: "f"): out.append(0x0C)
      case UInt8(ascii: "n"): out.append(0x0A)
      case UInt8(ascii: "r"): out.append(0x0D)
      case UInt8(ascii: "t"): out.append(0x09)
      case UInt8(ascii: "u"): appendUnit(text, &at, &out)
      default: out.append(text[at - 1])
      }
    }
  }

  private static func appendUnit(_ text: Span<UInt8>, _ at: inout Int, _ out: inout [UInt8]) {
    var scalar = unit(text, at) ?? 0xFFFD
    at += 4
    if (0xD800...0xDBFF).contains(scalar) {
      scalar = 0x10000 + (scalar - 0xD800) << 10 + ((unit(text, at + 2) ?? 0xDC00) - 0xDC00)
      at += 6
    }
    out.appendUTF8(scalar)
  }

  // MARK: Numbers and words

  private mutating func word(_ word: StaticString, _ kind: Kind, _ text: Span<UInt8>) throws(Fault) {
    let start = at
    guard text.count - at >= word.utf8CodeUnitCount else { throw .malformed(at: start) }
    let isWord = word.withUTF8Buffer { letters in
      for index in 0..<letters.count where unsafe letters[index] != text[start + index] { return false }
      return true
    }
    guard isWord else { throw .malformed(at: start) }
    at += word.utf8CodeUnitCount
    try add(kind, start, at)
  }

  /// RFC 8259, 6: no plus, no leading zero, digits on both sides of the point and behind an exponent.
  private mutating func number(_ text: Span<UInt8>) throws(Fault) {
    let start = at
    if at < text.count, text[at] == UInt8(ascii: "-") { at += 1 }
    let isZero = at < text.count && text[at] == UInt8(ascii: "0")
    let whole = digits(text)
    guard whole > 0, !isZero || whole == 1 else { throw .malformed(at: start) }
    if at < text.count, text[at] == UInt8(ascii: ".") {
      at += 1
      if digits(text) == 0 { throw .malformed(at: start) }
    }
    if at < text.count, text[at] == UInt8(ascii: "e") || text[at] == UInt8(ascii: "E") {
      at += 1
      if at < text.count, text[at] == UInt8(ascii: "+") || text[at] == UInt8(ascii: "-") { at += 1 }
      if digits(text) == 0 { throw .malformed(at: start) }
    }
    try add(.number, start, at)
  }

  private mutating func digits(_ text: Span<UInt8>) -> Int {
    let start = at
    while at < text.count, (0x30...0x39).contains(text[at]) { at += 1 }
    return at - start
  }
}

// MARK: - Reading

extension JSONTokens {
  /// The value of a member of an object, or nil.
  func member(_ name: StaticString, of object: Int, _ text: Span<UInt8>) -> Int? {
    guard items[object].kind == .object else { return nil }
    var at = object + 1
    while at < items[object].next {
      if says(name, at, text) { return at + 1 }
      at = Int(items[at + 1].next)
    }
    return nil
  }

  /// True where a string is this word, behind its escapes.
  func says(_ word: StaticString, _ token: Int, _ text: Span<UInt8>) -> Bool {
    let item = items[token], start = Int(item.start)
    if item.hasEscape {
      var said: [UInt8] = []
      Self.append(item, of: text, to: &said)
      return item.kind == .string && said.elementsEqual(word.description.utf8)
    }
    guard item.kind == .string, Int(item.end) - start == word.utf8CodeUnitCount else { return false }
    return word.withUTF8Buffer { letters in
      for index in 0..<letters.count where unsafe letters[index] != text[start + index] { return false }
      return true
    }
  }

  /// What a string, number or word says; nil for anything else.
  func value(_ token: Int, _ text: Span<UInt8>) -> [UInt8]? {
    guard items[token].kind != .object, items[token].kind != .array, items[token].kind != .null else { return nil }
    var out: [UInt8] = []
    Self.append(items[token], of: text, to: &out)
    return out
  }
}
