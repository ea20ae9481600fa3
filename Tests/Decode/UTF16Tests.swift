import Core
import Decode
import Support
import Testing

@Suite struct UTF16Tests {
  static let text = "MSH|^~\\&|DEMO|NORTH|||20260301||ADT^A01|M1|T|2.5.1|||||||UNICODE\rPID|1||T900001||T\u{CB}ST^\u{4E2D}\u{1F600}\r"

  private static func bytes(_ text: String, big: Bool = false, mark: Bool = true) -> [UInt8] {
    ((mark ? [0xFEFF] : []) + Array(text.utf16)).flatMap { big ? [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] : [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
  }

  @Test(arguments: [(true, true), (true, false), (false, true), (false, false)]) func eitherOrderIsReadWithAMarkAndWithout(big: Bool, mark: Bool) {
    let decoded = Decoded(bytes: Self.bytes(Self.text, big: big, mark: mark))
    #expect(decoded.fates == ["decoded"])
    #expect(decoded.records == Decoded(Self.text).records)
    #expect(decoded.tails.map(\.digest) == Decoded(Self.text).tails.map(\.digest))
  }

  @Test func declaredSetDoesNotMatter() {
    #expect(Decoded(bytes: Self.bytes(Self.text)) { $0.charset = "windows-1252" }.records == Decoded(Self.text).records)
  }

  @Test func positionsAreThoseOfTheFile() {
    let decoded = Decoded(bytes: Self.bytes(Self.text + "MSH|^~\\&|\u{1F600}\u{0}\r"))
    #expect(decoded.heads.map(\.byteOffset) == [2, 2 + 2 * Self.text.utf16.count])
    #expect(decoded.offsets == [2 + 2 * Self.text.utf16.count + 2 * 11])
  }

  @Test(arguments: [[0xD800], [0xDC00], [0xD83D, 0xD83D, 0xDE00]] as [[UInt16]]) func loneSurrogateRejectsItsMessageAtItsPlace(units: [UInt16]) {
    let head = Self.bytes("MSH|^~\\&|A||||||ADT^A01|")
    let drop = head + units.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] } + Self.bytes("|\r" + Self.text, mark: false)
    let decoded = Decoded(bytes: drop)
    #expect(decoded.fates == ["rejected CHARSET-UNDECODABLE", "decoded"])
    #expect(decoded.offsets == [head.count])
  }

  @Test func bytesThatEndInsideACharacterHoldTheLastMessage() {
    #expect(Decoded(bytes: Self.bytes(Self.text) + [0x4D]).fates == ["held DROP-TRUNCATED"])
  }

  @Test func surrogateAtTheEndIsAloneThere() {
    #expect(Decoded(bytes: Self.bytes("MSH|^~\\&|A") + [0x3D, 0xD8]).fates == ["rejected CHARSET-UNDECODABLE"])
  }

  @Test(arguments: [true, false]) func chunksNeverShow(big: Bool) {
    let drop = Self.bytes(Self.text + "\u{FEFF}" + Self.text, big: big)
    #expect(Drip.differingSplits(of: drop) { Decoded(pieces: $0, format: .hl7v2) } == [])
  }

  @Test func inspectorReadsItToo() {
    let inspector = Inspector()
    inspector.push(Self.bytes(Self.text, mark: false))
    #expect(inspector.finish().messageTypes == ["ADT^A01": 1])
  }
}
