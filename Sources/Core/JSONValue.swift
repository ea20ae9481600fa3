/// JSON as a value, written one way only: keys sorted by UTF-8 bytes, no blanks (or two-space indents), integers and texts,
/// so that equal values are equal bytes.
public enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  /// A number that is not an integer, in the text it is to have.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  public subscript(key: String) -> JSONValue? {
    if case .object(let members) = self { return members[key] }
    return nil
  }

  public var string: String? { if case .string(let text) = self { text } else { nil } }
  public var integer: Int? { if case .integer(let value) = self { value } else { nil } }
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  public var array: [JSONValue]? { if case .array(let items) = self { items } else { nil } }
  public var object: [String: JSONValue]? { if case .object(let members) = self { members } else { nil } }

  /// The canonical bytes: one line, sorted keys.
  public var canonical: [UInt8] {
    var out: [UInt8] = []
    write(into: &out, indent: nil)
    return out
  }

  /// For files that people open: sorted keys, two-space indents, a final line feed.
  public var pretty: [UInt8] {
    var out: [UInt8] = []
    write(into: &out, indent: 0)
    out.append(0x0A)
    return out
  }

  private func write(into out: inout [UInt8], indent: Int?) {
    switch self {
    case .null: out += "null".utf8
    case .bool(let value): out += (value ? "true" : "false").utf8
    case .integer(let value): out += String(value).utf8
    case .number(let text): out += text.utf8
    case .string(let text): Self.quote(text, into: &out)
    case .array(let items): Self.writeList(items.map { (nil, $0) }, "[", "]", &out, indent)
    case .object(let members):
      let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      Self.writeList(sorted.map { ($0.key, $0.value) }, "{", "}", &out, indent)
    }
  }

  private static func writeList(_ items: [(String?, JSONValue)], _ open: String, _ close: String, _ out: inout [UInt8], _ indent: Int?) {
    out += open.utf8
    let inner = indent.map { $0 + 2 }
    for (index, item) in items.enumerated() {
      if index > 0 { out.append(0x2C) }
      newLine(&out, inner)
      if let key = item.0 {
        quote(key, into: &out)
        out += (indent == nil ? ":" : ": ").utf8
      }
      item.1.write(into: &out, indent: inner)
    }
    if !items.isEmpty { newLine(&out, indent) }
    out += close.utf8
  }

  private static func newLine(_ out: inout [UInt8], _ indent: Int?) {
    guard let indent else { return }
    out.append(0x0A)
    out += repeatElement(0x20, count: indent)
  }

  /// A JSON string (RFC 8259, 7): control characters, quote and backslash escaped, everything else as UTF-8.
  public static func quote(_ text: String, into out: inout [UInt8]) {
    out.append(0x22)
    for byte in text.utf8 {
      switch byte {
      case 0x22: out += "\\\"".utf8
      case 0x5C: out += "\\\\".utf8
      case 0x0A: out += "\\n".utf8
      case 0x0D: out += "\\r".utf8
      case 0x09: out += "\\t".utf8
      case 0..<0x20: out += ("\\u00" + Hex.text(CollectionOfOne(byte))).utf8
      default: out.append(byte)
      }
    }
    out.append(0x22)
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last })) }
  public init(nilLiteral: ()) { self = .null }
}
