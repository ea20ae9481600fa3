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

  @Test func unknownCharsetIsRefused() {
    let text = Sample.document("", declaration: "<?xml version=\"1.0\" encoding=\"X-TEST\"?>")
    #expect(Decoded(cda: text).fates == ["rejected CHARSET-UNSUPPORTED"])
  }
}
