import Core
import Support
import Testing

@Suite struct JSONTests {
  private func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

  @Test("Equal values are equal bytes: keys sorted by UTF-8, no blanks") func canonical() throws {
    let value = try parse(" { \"b\" : [ 1 , 2.50, null ] ,\n \"a\" : { } , \"é\": true, \"Z\": \"x\\/y\" } ")
    #expect(String(decoding: value.canonical, as: UTF8.self) == #"{"Z":"x/y","a":{},"b":[1,2.50,null],"é":true}"#)
  }

  @Test("Pretty text reads back to the same value") func pretty() throws {
    let value: JSONValue = ["a": [1, ["b": nil], []], "c": "line\nfeed \"q\" \\ \u{1}", "d": [:], "e": false]
    #expect(try JSONValue(parsing: value.pretty) == value)
    #expect(value.pretty.last == 0x0A)
  }

  @Test("Any string survives", arguments: SeededGenerator.seeds(3)) func strings(seed: UInt64) throws {
    var generator = SeededGenerator(seed)
    for _ in 0..<200 {
      let scalars = (0..<20).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &generator) >> UInt32.random(in: 0...14, using: &generator)) }
      let value = JSONValue.string(String(String.UnicodeScalarView(scalars)))
      #expect(try JSONValue(parsing: value.canonical) == value)
    }
  }

  @Test("Escapes are resolved, surrogate pairs too") func escapes() throws {
    #expect(try parse(#""\u0041\u00e9\uD83D\uDE00\b\f\n\r\t\"\\\/""#).string == "A\u{e9}\u{1F600}\u{8}\u{c}\n\r\t\"\\/")
  }

  @Test("What is not JSON is refused", arguments: [
    "", " ", "{", "[", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "\"a", "\"\\x\"", "\"\\u12\"", "\"\\u+123\"", "\"\\uD83D\"", "\"\\uDE00\"", "\"\\uD83D\\u0041\"",
    "tru", "nulll", "1 2", "\"\u{1}\"", "+1", "01", "-01", "1.", ".5", "-", "1e", "1e+", "--1", "1-2", "0x1", "'a'", "NaN", "Infinity", "\u{feff}1",
  ])
  func refused(text: String) { #expect(throws: JSONError.self) { try parse(text) } }

  @Test("Numbers that are numbers are accepted", arguments: ["0", "-0", "-1", "10", "1.5", "-0.0", "1e5", "1E-5", "0.25e+10", "9223372036854775808"])
  func numbers(text: String) throws {
    switch try parse(text) {
    case .integer(let value): #expect(value == Int(text))
    case .number(let kept): #expect(kept == text)
    default: Issue.record("not a number")
    }
  }

  @Test("Bytes that are not UTF-8 are refused", arguments: [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80]] as [[UInt8]])
  func badText(bytes: [UInt8]) { #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22] + bytes + [0x22]) } }

  @Test("Depth 64 is read, depth 65 and a bomb are refused") func depth() throws {
    #expect(throws: Never.self) { try parse(String(repeating: "[", count: 64) + String(repeating: "]", count: 64)) }
    for count in [65, 200_000] { #expect(throws: JSONError.self) { try parse(String(repeating: "[", count: count) + String(repeating: "]", count: count)) } }
    #expect(throws: JSONError.self) { try parse(String(repeating: "{\"a\":", count: 100_000)) }
  }

  @Test("Every truncation of an object is refused") func truncations() {
    let value: JSONValue = ["a": [1, .number("-2.5"), "x\u{1F600}\n", true, nil], "b": ["c": "d"]]
    let bytes = value.canonical
    for count in 0..<bytes.count { #expect(throws: JSONError.self) { try JSONValue(parsing: Array(bytes[..<count])) } }
  }
}
