import Core
import Decode
import Support
import Testing

@Suite struct CDACharsetTests {
  private static func utf16(_ text: String, bigEndian: Bool) -> [UInt8] {
    (text.isEmpty ? [] : [0xFEFF] + Array(text.utf16)).flatMap { unit in
      let high = UInt8(unit >> 8), low = UInt8(unit & 0xFF)
      return bigEndian ? [high, low] : [low, high]
    }
  }

  private static func bytes(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8($0.value) } }
  private static let titled = Sample.document("<title>T\u{CB}ST</title>")

  @Test(arguments: [true, false]) func utf16IsRead(bigEndian: Bool) {
    let bytes = Self.utf16(Self.titled, bigEndian: bigEndian)
    #expect(Decoded(pieces: [bytes], format: .cda).records.first?.contains("h:title('TËST')") == true)
  }

  @Test func chunksNeverShowInUTF16() {
    #expect(Drip.differingSplits(of: Self.utf16(Self.titled, bigEndian: false)) { Decoded(pieces: $0, format: .cda) } == [])
  }

  @Test func feedsCharsetGoesBeforeTheDeclaration() {
    let text = Sample.document("<title>T\u{CB}ST</title>", declaration: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")
    let decoded = Decoded(pieces: [Self.bytes(text)], format: .cda) { $0.charset = "ISO-8859-1" }
    #expect(decoded.records.first?.contains("h:title('TËST')") == true)
  }

  @Test func feedsUTF8GoesBeforeALyingDeclaration() {
    let text = Sample.document("<title>T\u{CB}ST</title>", declaration: "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>")
    let decoded = Decoded(pieces: [Array(text.utf8)], format: .cda) { $0.charset = "UTF-8" }
    #expect(decoded.records.first?.contains("h:title('TËST')") == true)
  }

  @Test func windows1252IsRead() {
    let text = Self.bytes(Sample.document("<title>T\u{80}</title>", declaration: "<?xml version=\"1.0\" encoding=\"windows-1252\"?>"))
    #expect(Decoded(pieces: [text], format: .cda).records.first?.contains("h:title('T€')") == true)
  }

  @Test(arguments: [("UTF-8", 0xCB), ("US-ASCII", 0xCB), ("windows-1252", 0x81)]) func bytesThatDoNotFitAreRejectedWithTheirPlace(name: String, byte: Int) {
    var bytes = Array(Sample.document("<title>T?ST</title>", declaration: "<?xml version=\"1.0\" encoding=\"\(name)\"?>").utf8)
    let place = bytes.lastIndex(of: UInt8(ascii: "?")) ?? 0
    bytes[place] = UInt8(byte)
    let decoded = Decoded(pieces: [bytes], format: .cda)
    #expect(decoded.fates == ["rejected CHARSET-UNDECODABLE"])
    #expect(decoded.offsets == [place])
  }

  @Test(arguments: ["US-ASCII", "windows-1252", "Shift_JIS"]) func chunksNeverShowInBytesThatDoNotFit(name: String) {
    var bytes = Array(Sample.document("<title>T?ST</title>", declaration: "<?xml version=\"1.0\" encoding=\"\(name)\"?>").utf8)
    bytes[bytes.lastIndex(of: UInt8(ascii: "?")) ?? 0] = name == "Shift_JIS" ? 0xFF : 0x81
    #expect(Drip.differingSplits(of: bytes) { Decoded(pieces: $0, format: .cda) } == [])
    #expect(Decoded(pieces: [bytes], format: .cda).fates == ["rejected CHARSET-UNDECODABLE"])
  }

  /// Each would make the C library open a module of its own, with a history of faults (CVE-2024-2961, CVE-2021-3326).
  @Test(arguments: ["UTF-7", "ISO-2022-CN-EXT", "ISO-2022-KR", "IBM037", "IBM1390", "TSCII"]) func setsThatNobodySendsAreRefusedBeforeTheyAreLookedUp(name: String) {
    let decoded = Decoded(cda: Sample.document("", declaration: "<?xml version='1.0' encoding='\(name)'?>"))
    #expect(decoded.fates == ["rejected CHARSET-UNSUPPORTED"])
    #expect(decoded.offsets == [30])
  }

  @Test(arguments: [true, false]) func setsAreRefusedInWideCharactersToo(bigEndian: Bool) {
    let text = Sample.document("", declaration: "<?xml version=\"1.0\" encoding=\"UTF-7\"?>")
    #expect(Decoded(pieces: [Self.utf16(text, bigEndian: bigEndian)], format: .cda).fates == ["rejected CHARSET-UNSUPPORTED"])
  }

  @Test func bytesOfEBCDICAreRefused() {
    #expect(Decoded(pieces: [[0x4C, 0x6F, 0xA7, 0x94, 0x93, 0x40, 0xA5]], format: .cda).fates == ["rejected CHARSET-UNSUPPORTED"])
  }

  @Test func declarationThatHidesBehindBlanksIsHeld() {
    let blanks = String(repeating: " ", count: 10_000)
    #expect(Decoded(cda: Sample.document("", declaration: "<?xml version=\"1.0\"\(blanks) encoding=\"UTF-7\"?>")).fates == ["held XML-LIMIT"])
  }

  /// RFC 7303, 3.3.
  @Test(arguments: ["ISO-8859-1", "windows-1252", "US-ASCII"]) func byteOrderMarkGoesBeforeTheDeclaration(name: String) {
    let text = "\u{FEFF}" + Sample.document("<title>T\u{CB}ST</title>", declaration: "<?xml version=\"1.0\" encoding=\"\(name)\"?>")
    for bytes in [Array(text.utf8), Self.utf16(String(text.dropFirst()), bigEndian: false)] {
      #expect(Decoded(pieces: [bytes], format: .cda).records.first?.contains("h:title('TËST')") == true)
    }
  }

  @Test func unknownCharsetIsRefused() {
    let text = Sample.document("", declaration: "<?xml version=\"1.0\" encoding=\"X-TEST\"?>")
    #expect(Decoded(cda: text).fates == ["rejected CHARSET-UNSUPPORTED"])
  }
}
