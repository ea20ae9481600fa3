import Core
import Testing

@Suite struct DecimalNumberTests {
  @Test("A number has one canonical text", arguments: [
    ("0", "0"), ("-0", "0"), ("+7", "7"), ("007", "7"), ("1.50", "1.5"), (".5", "0.5"), ("5.", "5"), ("-12.340", "-12.34"), ("000.000", "0"), ("-.0", "0"),
    ("123456789012345678901234567890.1", "123456789012345678901234567890.1"),
  ])
  func canonical(sent: String, text: String) { #expect(DecimalNumber(sent.utf8)?.description == text) }

  @Test("What is not a plain decimal number is nothing", arguments: ["", ".", "+", "-", "1e3", "1,000", "1 000", " 1", "1.2.3", "--1", "+-1", "0x10", "NaN", "٣", "\"\""])
  func refused(sent: String) { #expect(DecimalNumber(sent.utf8) == nil) }

  @Test("Hundredths are exact or nothing", arguments: [
    ("12.3", 1_230), ("-12.34", -1_234), ("12", 1_200), ("0.01", 1), ("12.340", 1_234), ("92233720368547758.07", Int.max),
  ])
  func hundredths(sent: String, cents: Int) { #expect(DecimalNumber(sent.utf8)?.hundredths == cents) }

  @Test("Thirds of a cent and numbers past Int64 have no hundredths", arguments: ["0.001", "92233720368547758.08", "99999999999999999999"])
  func noHundredths(sent: String) throws { #expect(try #require(DecimalNumber(sent.utf8)).hundredths == nil) }

  @Test("Money prints two decimals and its sign", arguments: [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (1_230, "12.30"), (-123_456, "-1234.56"), (Int.min, "-92233720368547758.08")])
  func money(cents: Int, text: String) { #expect(Money(cents: cents).description == text) }
}

@Suite struct SHA256Tests {
  @Test("The digests are those of FIPS 180-4's examples", arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"), ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
  ])
  func vectors(text: String, digest: String) { #expect(Hex.text(SHA256.digest(Array(text.utf8))) == digest) }

  @Test("Cutting the input anywhere changes nothing, around every block border") func pieces() {
    let bytes = (0..<200).map { UInt8($0) }
    for count in [0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 200] {
      let whole = SHA256.digest(bytes[..<count])
      for cut in stride(from: 0, through: count, by: 9) {
        var hash = SHA256()
        hash.update(bytes[..<cut])
        hash.update(bytes[cut..<count])
        #expect(hash.finish() == whole)
      }
    }
  }

  @Test("A million times a is the published digest") func million() {
    var hash = SHA256()
    for _ in 0..<100 { hash.update([UInt8](repeating: 0x61, count: 10_000)) }
    #expect(Hex.text(hash.finish()) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test("Hexadecimal reads both cases and refuses the rest") func hex() {
    #expect(Hex.bytes("00fFAb") == [0, 255, 0xAB])
    #expect(Hex.bytes("") == [])
    for text in ["0", "0g", "0x00", " 00"] { #expect(Hex.bytes(text) == nil) }
  }
}

@Suite struct SmallVocabularyTests {
  @Test("The worst exit code is the first of the table that is there", arguments: [
    ([], ExitCode.closed), ([.closed, .waiting], .waiting), ([.waiting, .nothingUsable], .nothingUsable), ([.peer, .nothingUsable], .peer), ([.inputOutput, .peer], .inputOutput),
    ([.inputOutput, .internalError], .internalError), ([.locked, .internalError], .locked), ([.notPermitted, .locked], .notPermitted), (ExitCode.allCases, .configuration),
  ] as [([ExitCode], ExitCode)])
  func worst(codes: [ExitCode], wanted: ExitCode) {
    #expect(ExitCode.worst(codes) == wanted)
    #expect(ExitCode.worst(codes.reversed()) == wanted)
  }

  @Test("Spelling distance counts single edits", arguments: [("", "", 0), ("a", "", 1), ("kitten", "sitting", 3), ("arrival", "arival", 1), ("zone", "zone", 0), ("ab", "ba", 2)])
  func spelling(left: String, right: String, edits: Int) {
    #expect(Spelling.distance(left, right) == edits)
    #expect(Spelling.distance(right, left) == edits)
  }

  @Test("Received is the sum of the seven") func tally() {
    var tally = DispositionTally()
    for (index, kind) in Disposition.allCases.enumerated() { tally[kind] = 1 << index }
    #expect(tally.received == 127)
    tally += tally
    #expect(tally[.rejected] == 128)
  }

  @Test("A finding's hint is a sentence and its code is stable", arguments: FindingCode.allCases) func findings(code: FindingCode) {
    #expect(code.hint.hasSuffix(".") && code.rawValue == code.rawValue.uppercased())
    #expect(["operator", "steward", "analyst"].contains(code.ownerRole))
  }

  @Test("An unknown key names its place and the nearest legal one") func unknownKey() {
    let value = OutlineNode(.scalar("x"), file: "site.yaml", line: 3, column: 7)
    let node = OutlineNode(.mapping([.init(key: "zonne", keyLine: 3, keyColumn: 1, value: value)]), file: "site.yaml", line: 1, column: 1)
    let error = #expect(throws: ConfigurationError.self) { try node.allow(["zone", "store"], code: "CFG-101") }
    #expect(error?.summary == "site.yaml:3:1: unknown key 'zonne'")
    #expect(error?.hint == "Did you mean 'zone'? Legal keys: zone, store.")
    #expect(error?.exitCode == .configuration)
  }
}
