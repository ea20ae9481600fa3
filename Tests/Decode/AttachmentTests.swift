import Core
import Decode
import Support
import Testing

@Suite struct AttachmentTests {
  private static func unstructured(_ text: String) -> String { Sample.document("<component><nonXMLBody>\(text)</nonXMLBody></component>") }

  /// What the attachments of a document say, one text an event.
  private static func story(_ decoded: Decoded) -> [String] {
    decoded.events.compactMap { event in
      switch event {
      case .attachment(let head): "\(head.number)|\(head.encoding)|\(head.mediaType)|\(head.compression)"
      case .attachmentBytes(let bytes): String(decoding: bytes, as: UTF8.self)
      case .attachmentEnd(let tail): "end \(tail.byteCount) \(tail.isWhole)"
      default: nil
      }
    }
  }

  @Test func base64BodyComesDecoded() {
    let text = Self.unstructured("<text mediaType=\"application/pdf\" representation=\"B64\">\n VEVT\n VCBQ REY= </text>")
    #expect(Self.story(Decoded(cda: text)) == ["0|base64|application/pdf|", "TEST PDF", "end 8 true"])
  }

  @Test func textBodyComesAsItStands() {
    #expect(Self.story(Decoded(cda: Self.unstructured("<text mediaType=\"text/plain\"> TEST &amp; </text>"))) == ["0|text|text/plain|", " TEST & ", "end 8 true"])
  }

  @Test func compressionIsToldAndLeftAlone() {
    let text = Self.unstructured("<text compression=\"DF\" representation=\"B64\">QUJD</text>")
    #expect(Self.story(Decoded(cda: text)) == ["0|base64||DF", "ABC", "end 3 true"])
  }

  @Test func bodyElsewhereIsNamedAndNotFetched() {
    let text = Self.unstructured("<text mediaType=\"application/pdf\"> <reference value=\"scan.pdf\"/> </text>")
    #expect(Self.story(Decoded(cda: text)) == ["0|reference|application/pdf|", "end 0 true"])
  }

  @Test func brokenAlphabetIsKeptAsItCameWithItsPlace() {
    let text = Self.unstructured("<text representation=\"B64\">QUJDRE%GSA==</text>")
    let decoded = Decoded(cda: text)
    #expect(Self.story(decoded) == ["0|base64||", "ABCRE%GSA==", "end 11 false"])
    let offset = decoded.tails.first?.findings.first?.position.byteOffset ?? -1
    #expect(decoded.advice == [.attachmentInvalid])
    #expect(Array(text.utf8)[offset] == UInt8(ascii: "%"))
  }

  @Test(arguments: [("JVBERi0xLjQK", "application/pdf"), ("iVBORw0KGgo=", "image/png"), ("VEVTVA==", "")])
  func firstBytesSayWhatItIs(data: String, type: String) {
    let decoded = Decoded(cda: Self.unstructured("<text representation=\"B64\">\(data)</text>"))
    let sniffed = decoded.events.compactMap { if case .attachmentEnd(let tail) = $0 { tail.sniffedType } else { nil } }
    #expect(sniffed == [type])
  }

  @Test func textThatIsNoDataIsLeftOutAndReported() {
    let text = Self.unstructured("<text>abc<content>TEST</content>def</text>")
    let decoded = Decoded(cda: text)
    #expect(Self.story(decoded) == ["0|text||", "abcdef", "end 6 false"])
    #expect(decoded.advice == [.attachmentInvalid])
    let offset = decoded.tails.first?.findings.first?.position.byteOffset ?? 0
    #expect(Array(text.utf8)[offset...].starts(with: Array("TEST".utf8)))
  }

  @Test func thumbnailIsNoDataAndNoFault() {
    let thumbnail = "<thumbnail representation=\"B64\">QUJD</thumbnail>"
    let decoded = Decoded(cda: Self.unstructured("<text representation=\"B64\">VEVTVA==\(thumbnail)</text>"))
    #expect(Self.story(decoded) == ["0|base64||", "TEST", "end 4 true"] && decoded.advice == [])
  }

  @Test(arguments: ["</x>", "", "<a\">", "&unknown;"]) func attachmentEndsBeforeItsMessageHoweverThatEnds(rest: String) {
    let text = Self.unstructured("<text representation=\"B64\">VEVTVFRF|")
    let decoded = Decoded(cda: String(text.prefix { $0 != "|" }) + rest)
    #expect(decoded.fates == ["rejected XML-MALFORMED"])
    #expect(Self.story(decoded) == ["0|base64||", "TESTTE", "end 6 false"])
  }

  @Test func attachmentIsCutWhereALimitHoldsItsMessage() {
    let decoded = Decoded(cda: Self.unstructured("<text>TEST" + String(repeating: "<a>", count: 300) + "</text>"))
    #expect(decoded.fates == ["held XML-LIMIT"])
    #expect(Self.story(decoded) == ["0|text||", "TEST", "end 4 false"])
  }

  @Test func piecesHave64KiB() {
    let decoded = Decoded(cda: Self.unstructured("<text representation=\"B64\">" + String(repeating: "QUJD", count: 50_000) + "</text>"))
    let sizes = decoded.events.compactMap { if case .attachmentBytes(let bytes) = $0 { bytes.count } else { nil } }
    #expect(sizes == [65_536, 65_536, 18_928])
  }

  @Test func attachmentComesAfterTheHeaderAndBeforeTheEnd() {
    let kinds = Decoded(cda: Self.unstructured("<text>x</text>")).events.map { String("\($0)".prefix { $0 != "(" }) }
    #expect(kinds == ["begin", "record", "attachment", "attachmentBytes", "attachmentEnd", "end"])
  }

  @Test(arguments: ["<text representation=\"B64\"> QUJD\r\nREVG </text>", "<text representation=\"B64\">QU!D</text>", "<text>a<!-- c --> &#233;b</text>"])
  func chunksNeverShow(text: String) {
    #expect(Drip.differingSplits(of: Array(Self.unstructured(text).utf8)) { Decoded(pieces: $0, format: .cda) } == [])
  }

  private static func decode(_ pieces: [String], _ encoding: AttachmentDecoder.Encoding) -> (String, misfit: Int?, isWhole: Bool) {
    var decoder = AttachmentDecoder(encoding), out: [UInt8] = [], misfit: Int?
    for piece in pieces { misfit = decoder.decode(Array(piece.utf8).span, into: &out) ?? misfit }
    let isWhole = decoder.finish(into: &out)
    return (String(decoding: out, as: UTF8.self), misfit, isWhole)
  }

  @Test(arguments: [
    (["QUJDRA=="], "ABCD"), (["Q", "UJ", "DRA", "=", "="], "ABCD"), (["QUJDRA"], "ABCD"), (["QUJDREU="], "ABCDE"), ([""], ""), (["\r\n"], ""),
  ]) func base64IsDecoded(pieces: [String], text: String) {
    let (decoded, misfit, isWhole) = Self.decode(pieces, .base64)
    #expect(decoded == text && misfit == nil && isWhole)
  }

  @Test(arguments: [("QUJDR", "ABCR", nil), ("QUJDRA==QUJD", "ABCDQUJD", 8), ("Q=", "Q=", 1), ("QUI=x", "ABx", 4), ("QUJ\u{1}", "QUJ\u{1}", 3)])
  func base64ThatIsBrokenStays(text: String, kept: String, at: Int?) {
    let (decoded, misfit, isWhole) = Self.decode([text], .base64)
    #expect(decoded == kept && misfit == at && isWhole == (at != nil))
  }

  @Test func hexIsDecoded() {
    #expect(Self.decode(["41 4", "2\n4a"], .hex).0 == "ABJ")
    #expect(Self.decode(["41424"], .hex).0 == "AB4")
    #expect(Self.decode(["4142="], .hex) == ("AB=", misfit: 4, isWhole: true))
  }
}
