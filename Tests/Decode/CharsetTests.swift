import Core
import Support
import Testing

@testable import Decode

/// What python3's codecs say of bytes and text.
enum Codec {
  /// The scalar value of every byte sequence that a Python expression lists, 0 where the codec refuses it.
  static func scalars(_ codec: String, of sequences: String) throws -> [UInt32] {
    let program = """
      def one(b):
          try: s = b.decode('\(codec)')
          except UnicodeDecodeError: return 0
          return ord(s) if len(s) == 1 else 0
      import sys; sys.stdout.write(' '.join(str(one(bytes(b))) for b in \(sequences)))
      """
    return try run(program).split(separator: UInt8(ascii: " ")).compactMap { UInt32(String(decoding: $0, as: UTF8.self)) }
  }

  static func encode(_ text: String, _ codec: String) throws -> [UInt8] {
    try run("import sys; sys.stdout.buffer.write(bytes.fromhex('\(Hex.text(Array(text.utf8)))').decode('utf-8').encode('\(codec)'))")
  }

  private static func run(_ program: String) throws -> [UInt8] {
    let result = try Tools.run("python3", ["-c", program])
    guard result.exit == 0 else { throw TestFailure("python3 could not encode or decode") }
    return result.standardOutput
  }
}

@Suite struct CharsetTableTests {
  @Test("Every byte of a single-byte set means what an independent codec says", arguments: [
    (Charset.latin1, "iso8859_1"), (.latin2, "iso8859_2"), (.latin3, "iso8859_3"), (.latin4, "iso8859_4"), (.cyrillic, "iso8859_5"), (.arabic, "iso8859_6"),
    (.greek, "iso8859_7"), (.hebrew, "iso8859_8"), (.latin5, "iso8859_9"), (.latin9, "iso8859_15"), (.windows1252, "cp1252"), (.ascii, "ascii"),
  ])
  func singleByte(charset: Charset, codec: String) throws {
    let wanted = try Codec.scalars(codec, of: "([b] for b in range(256))")
    #expect((0...255).map { Self.scalar([UInt8($0)], charset) } == wanted)
  }

  @Test("Every pair of a double-byte set means what an independent codec says", arguments: [(Charset.ksX1001, "euc_kr"), (.big5, "big5")])
  func doubleByte(charset: Charset, codec: String) throws {
    let wanted = try Codec.scalars(codec, of: "([a, b] for a in range(128, 256) for b in range(256))")
    #expect(Self.pairs.map { Self.scalar($0, charset) } == wanted)
  }

  @Test("GB 18030 refuses private use and what its editions disagree on; the rest is as an independent codec says") func gb18030() throws {
    let wanted = try Codec.scalars("gb18030", of: "([a, b] for a in range(128, 256) for b in range(256))")
    #expect(Self.pairs.map { Self.scalar($0, .gb18030) } == wanted.map { (0xE000..<0xF900).contains($0) || $0 == 0x1E3F ? 0 : $0 })
  }

  @Test("Four bytes of GB 18030 reach every plane") func gb18030FourBytes() throws {
    let wanted = try Codec.scalars("gb18030", of: "([a, b, c, d] for a in (0x81, 0x82, 0x84, 0x90, 0xE3) for b in range(0x30, 0x3A) for c in range(0x81, 0xFF, 5) for d in range(0x30, 0x3A))")
    let leads: [UInt8] = [0x81, 0x82, 0x84, 0x90, 0xE3]
    let sequences = leads.flatMap { a in (0x30...0x39).flatMap { b in stride(from: 0x81, to: 0xFF, by: 5).flatMap { c in (0x30...0x39).map { [a, UInt8(b), UInt8(c), UInt8($0)] } } } }
    let got = sequences.map { Self.scalar($0, .gb18030) }
    #expect(zip(got, wanted).filter { $0 != $1 && !($0 == 0 && (0xE000..<0xE865).contains($1) || $1 == 0x1E3F) }.isEmpty && got.count == wanted.count)
  }

  @Test("Every cell of the Japanese sets means what an independent codec says", arguments: [(Charset.jisX0208, "[0x80 | a, 0x80 | b]"), (.jisX0212, "[0x8F, 0x80 | a, 0x80 | b]")])
  func japanese(charset: Charset, sequence: String) throws {
    let wanted = try Codec.scalars("euc_jp", of: "(\(sequence) for a in range(0x21, 0x7F) for b in range(0x21, 0x7F))")
    let opening: [UInt8] = charset == .jisX0208 ? [0x1B, 0x24, 0x42] : [0x1B, 0x24, 0x28, 0x44]
    let got = (0x21...0x7E).flatMap { a in (0x21...0x7E).map { Self.scalar(opening + [UInt8(a), UInt8($0)], charset) } }
    #expect(got == wanted.map { $0 == 0x7E ? 0xFF5E : $0 })
  }

  private static let pairs: [[UInt8]] = (128...255).flatMap { a in (0...255).map { [UInt8(a), UInt8($0)] } }

  private static func scalar(_ bytes: [UInt8], _ charset: Charset) -> UInt32 {
    guard charset.firstMisfit(in: bytes) == nil else { return 0 }
    let text = String(decoding: charset.utf8(of: bytes), as: UTF8.self).unicodeScalars
    return text.count == 1 ? text.first?.value ?? 0 : 0
  }
}

@Suite struct CharacterSetTests {
  struct Golden: Sendable, CustomTestStringConvertible {
    let declared: String
    let codec: String
    let name: String
    var testDescription: String { declared }
  }

  static let golden: [Golden] = [
    Golden(declared: "", codec: "utf-8", name: "TËST^ĄЖ試"), Golden(declared: "8859/1", codec: "iso8859_1", name: "TËST^ÆÐ"),
    Golden(declared: "8859/2", codec: "iso8859_2", name: "TŁST^ĄŽ"), Golden(declared: "8859/5", codec: "iso8859_5", name: "ТЕСТ^АЛФА"),
    Golden(declared: "8859/7", codec: "iso8859_7", name: "ΤΕΣΤ^ΑΛΦΑ"), Golden(declared: "8859/8", codec: "iso8859_8", name: "טסט^אלפא"),
    Golden(declared: "8859/9", codec: "iso8859_9", name: "TEŞT^İğ"), Golden(declared: "8859/15", codec: "iso8859_15", name: "TŒST^€Ž"),
    Golden(declared: "WINDOWS-1252", codec: "cp1252", name: "TEST’S^—€"), Golden(declared: "~ISO IR87", codec: "iso2022_jp", name: "TEST^試験^テスト"),
    Golden(declared: "GB 18030-2000", codec: "gb18030", name: "測試^乗俓㐀𠀀"), Golden(declared: "BIG-5", codec: "big5", name: "測試^許功蓋"),
    Golden(declared: "KS X 1001", codec: "euc_kr", name: "시험^알파"), Golden(declared: "ASCII~ISO IR87~ISO IR159", codec: "iso2022_jp_1", name: "丂試"),
  ]

  private func message(_ charset: String, _ bytes: [UInt8]) -> [UInt8] {
    Array("MSH|^~\\&|A||||||ADT^A01|||2.5||||||\(charset)\rPID|1||||".utf8) + bytes + Array("|x\r".utf8)
  }

  private func name(_ decoded: Decoded) -> String? { decoded.records.first?.split(separator: "¦").dropLast().last.map(String.init) }

  @Test("One message in many encodings is one message in UTF-8", arguments: golden) func encodings(golden: Golden) throws {
    let decoded = Decoded(bytes: message(golden.declared, try Codec.encode(golden.name, golden.codec)))
    #expect(decoded.fates == ["decoded"])
    #expect(name(decoded) == golden.name)
    #expect(!decoded.records.contains { $0.contains("\u{FFFD}") })
  }

  @Test("A byte that no character begins with is named by its place in the file", arguments: [
    ("ASCII", [0x54, 0x80], 1), ("8859/3", [0x54, 0x54, 0xA5], 2), ("8859/6", [0xC1, 0xA1], 1), ("WINDOWS-1252", [0x81], 0), ("GB 18030-2000", [0xB0, 0xA1, 0xFF], 2),
    ("BIG-5", [0xA4, 0x20], 0), ("KS X 1001", [0x41, 0xB0], 1), ("~ISO IR87", [0x1B, 0x24, 0x42, 0x7E, 0x7E, 0x1B, 0x28, 0x42], 3),
    ("~ISO IR87", [0x54, 0x1B, 0x24, 0x28, 0x44, 0x30], 1), ("ISO IR14", [0xB1, 0xE0], 1), ("UNICODE UTF-8", [0x54, 0xE2, 0x82], 1),
  ] as [(String, [UInt8], Int)])
  func misfits(declared: String, bytes: [UInt8], offset: Int) {
    let decoded = Decoded(bytes: message(declared, bytes))
    #expect(decoded.fates == ["rejected CHARSET-UNDECODABLE"])
    #expect(decoded.offsets == [message(declared, []).count - 3 + offset])
  }

  @Test("Delimiters inside a character are no delimiters") func delimitersInsideCharacters() throws {
    let bytes = try Codec.encode("功|蓋", "big5")
    #expect(bytes.contains(UInt8(ascii: "\\")))
    let decoded = Decoded(bytes: message("BIG-5", bytes))
    #expect(decoded.records.first?.hasSuffix("PID¦1¦¦¦¦功¦蓋¦x") == true)
  }

  @Test("A switch spelled in HL7 is read where the set was declared, and kept where it was not") func spelledSwitches() {
    let sent = Array(#"A\M2442\;n83\C2842\B"#.utf8)
    #expect(name(Decoded(bytes: message("ASCII~ISO IR87", sent))) == "A試験B")
    #expect(name(Decoded(bytes: message("ASCII", sent))) == #"A\M2442\;n83\C2842\B"#)
  }

  @Test("The right half of a set can be switched and falls back at the end of the line") func rightHalves() {
    let text = Array("MSH|^~\\&|A||||||ADT^A01|||2.5||||||8859/1~8859/2\rNTE|1||".utf8) + [0xA3, 0x1B, 0x2D, 0x42, 0xA3, 0x0D] + Array("NTE|2||".utf8) + [0xA3, 0x0D]
    #expect(Decoded(bytes: text).records.first?.hasSuffix("NTE¦1¦¦£Ł\nNTE¦2¦¦£") == true)
  }

  @Test("The feed's set goes before the message's, with its escapes") func feedGoesFirst() throws {
    let bytes = message("8859/1", try Codec.encode("試験", "iso2022_jp"))
    #expect(name(Decoded(bytes: bytes) { $0.charset = "ISO IR87" }) == "試験")
  }

  @Test("Sets that are not read hold a message only where it needs them", arguments: ["UNICODE UTF-16", "UNICODE UTF-32", "CNS 11643-1992"])
  func unsupported(declared: String) {
    #expect(Decoded(bytes: message(declared, [0x54])).fates == ["decoded"])
    #expect(Decoded(bytes: message(declared, [0xC3, 0x84])).fates == ["rejected CHARSET-UNSUPPORTED"])
  }

  @Test("Names are known in the spellings that senders use", arguments: [
    ("iso-8859-1", Charset.latin1), ("ISO8859/1", .latin1), ("Latin1", .latin1), ("8859/15", .latin9), ("ISO_8859-15", .latin9), ("cp1252", .windows1252), ("utf8", .utf8),
    ("UNICODE UTF-8", .utf8), ("ISO IR6", .ascii), ("us-ascii", .ascii), ("ISO IR14", .jisX0201), ("ISO-2022-JP", .jisX0208), ("EUC-KR", .ksX1001), ("Big5", .big5), ("GBK", .gb18030), ("GB2312", .gb18030),
  ])
  func spellings(name: String, charset: Charset) { #expect(Charset(name: name.utf8) == charset) }

  @Test("Every set knows its own name", arguments: Charset.allCases) func ownNames(charset: Charset) { #expect(Charset(name: charset.rawValue.utf8) == charset) }

  @Test("Any bytes are read or refused, never replaced", arguments: ["~ISO IR87~ISO IR159~ISO IR14", "GB 18030-2000", "BIG-5", "KS X 1001~8859/2", "8859/1~8859/5"])
  func anyBytes(declared: String) {
    var generator = SeededGenerator(7)
    for _ in 0..<2_000 {
      let bytes = (0..<8).map { _ in UInt8.random(in: 0x1B...0xFF, using: &generator) }
      guard case .success(let text) = CharacterSets(Array(declared.utf8)[...], repetition: 0x7E)?.utf8(of: bytes, escape: 0x5C) else { continue }
      #expect(String(validating: text, as: UTF8.self)?.contains("\u{FFFD}") == false)
    }
  }
}

@Suite struct PrintingTests {
  @Test("A message that is printed and decoded again is the same message", arguments: SeededGenerator.seeds(10)) func messages(seed: UInt64) {
    let text = Sample.message() + "NTE|1||a\\F\\b\rcut line\rZX1|é~\"\"\r"
    Mutate.copies(of: Array(text.utf8), count: 200, seed: seed) { copy in
      guard let table = Self.first(copy) else { return }
      let again = Self.first(table.printed())
      #expect(again?.bytes == table.bytes && again.map(Self.pieces) == Self.pieces(table) && again?.delimiters == table.delimiters)
    }
  }

  /// Where the pieces of the message begin; behind them stands what is left of a longer message before it.
  private static func pieces(_ table: SegmentTable) -> [Int32] {
    table.segments.flatMap { table.pieceStarts[Int($0.firstPiece)...Int($0.firstPiece + $0.pieceCount)] }.map { Int32($0) }
  }

  private static func first(_ bytes: [UInt8]) -> SegmentTable? {
    let decoder = DropDecoder(DecodeSettings(format: .hl7v2, charset: "UTF-8"))
    var table: SegmentTable?
    decoder.push(bytes) { if table == nil, $0 == .record { table = $1.segments } }
    _ = decoder.finish { if table == nil, $0 == .record { table = $1.segments } }
    return table
  }
}
