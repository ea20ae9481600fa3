/// The place where JSON stops being JSON: a byte offset, no text.
public struct JSONError: Error, Sendable, Equatable {
  public let offset: Int
}

extension JSONValue {
  /// Parses one JSON text (RFC 8259), depth at most 64. Numbers that are not integers keep their text.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    var parser = JSONParser(bytes: bytes)
    self = try parser.document()
  }
}

private struct JSONParser {
  let bytes: [UInt8]
  var at = 0
  var depth = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  var failure: JSONError { JSONError(offset: at) }

  mutating func document() throws(JSONError) -> JSONValue {
    let value = try value()
    skipBlanks()
    guard at == bytes.count else { throw failure }
    return value
  }

  mutating func skipBlanks() {
    while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x0A || bytes[at] == 0x0D || bytes[at] == 0x09 { at += 1 }
  }

  mutating func value() throws(JSONError) -> JSONValue {
    skipBlanks()
    guard at < bytes.count, depth < 64 else { throw failure }
    switch bytes[at] {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  mutating func word(_ text: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
    guard bytes[at...].starts(with: text.utf8) else { throw failure }
    at += text.utf8.count
    return value
  }

  mutating func number() throws(JSONError) -> JSONValue {
    let start = at
    while at < bytes.count, "+-.eE0123456789".utf8.contains(bytes[at]) { at += 1 }
    guard at > start else { throw failure }
    let text = String(decoding: bytes[start..<at], as: UTF8.self)
    guard Self.isNumber(bytes[start..<at]) else { throw failure }
    if let value = Int(text) { return .integer(value) }
    guard Double(text) != nil else { throw failure }
    return .number(text)
  }

  /// RFC 8259, 6: no plus, no leading zero, digits on both sides of the point.
  static func isNumber(_ text: ArraySlice<UInt8>) -> Bool {
    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    var rest = text.first == UInt8(ascii: "-") ? text.dropFirst() : text
    let whole = rest.prefix(while: isDigit)
    guard !whole.isEmpty, whole.count == 1 || whole.first != UInt8(ascii: "0") else { return false }
    rest = rest.dropFirst(whole.count)
    guard rest.first == UInt8(ascii: ".") else { return true }
    return rest.dropFirst().first.map(isDigit) ?? false
  }

  mutating func expect(_ byte: UInt8) throws(JSONError) {
    skipBlanks()
    guard at < bytes.count, bytes[at] == byte else { throw failure }
    at += 1
  }

  mutating func closes(_ byte: UInt8) -> Bool {
    skipBlanks()
    guard at < bytes.count, bytes[at] == byte else { return false }
    at += 1
    return true
  }

  mutating func array() throws(JSONError) -> JSONValue {
    at += 1
    depth += 1
    defer { depth -= 1 }
    var items: [JSONValue] = []
    if closes(UInt8(ascii: "]")) { return .array(items) }
    repeat { items.append(try value()) } while closes(UInt8(ascii: ","))
    try expect(UInt8(ascii: "]"))
    return .array(items)
  }

  mutating func object() throws(JSONError) -> JSONValue {
    at += 1
    depth += 1
    defer { depth -= 1 }
    var members: [String: JSONValue] = [:]
    if closes(UInt8(ascii: "}")) { return .object(members) }
    repeat {
      skipBlanks()
      guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { throw failure }
      let key = try string()
      try expect(UInt8(ascii: ":"))
      members[key] = try value()
    } while closes(UInt8(ascii: ","))
    try expect(UInt8(ascii: "}"))
    return .object(members)
  }

  mutating func string() throws(JSONError) -> String {
    at += 1
    var out: [UInt8] = []
    while at < bytes.count {
      let byte = bytes[at]
      at += 1
      if byte == UInt8(ascii: "\"") {
        guard let text = String(validating: out, as: UTF8.self) else { throw failure }
        return text
      }
      if byte < 0x20 { throw failure }
      if byte == UInt8(ascii: "\\") { try escape(into: &out) } else { out.append(byte) }
    }
    throw failure
  }

  mutating func escape(into out: inout [UInt8]) throws(JSONError) {
    guard at < bytes.count else { throw failure }
    let byte = bytes[at]
    at += 1
    switch byte {
    case UInt8(ascii: "n"): out.append(0x0A)
    case UInt8(ascii: "r"): out.append(0x0D)
    case UInt8(ascii: "t"): out.append(0x09)
    case UInt8(ascii: "b"): out.append(0x08)
    case UInt8(ascii: "f"): out.append(0x0C)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(byte)
    case UInt8(ascii: "u"): out += Array(String(try scalar()).utf8)
    default: throw failure
    }
  }

  mutating func scalar() throws(JSONError) -> Character {
    let first = try unit()
    if let scalar = Unicode.Scalar(first) { return Character(scalar) }
    guard first >= 0xD800, first < 0xDC00, at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u") else { throw failure }
    at += 2
    let second = try unit()
    guard second >= 0xDC00, second < 0xE000, let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) else { throw failure }
    return Character(scalar)
  }

  mutating func unit() throws(JSONError) -> UInt32 {
    guard at + 4 <= bytes.count, bytes[at] != UInt8(ascii: "+"), let value = UInt32(String(decoding: bytes[at..<(at + 4)], as: UTF8.self), radix: 16) else { throw failure }
    at += 4
    return value
  }
}
