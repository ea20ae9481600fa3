import Core
import Decode
import Support
import Testing

/// ED and RP values of OBX-5.
@Suite struct EmbeddedDataTests {
  static func message(_ observations: String...) -> String {
    "MSH|^~\\&|DEMO|NORTH|||20260301||ORU^R01|M1|T|2.5.1\rPID|1||T900001\r" + observations.map { $0 + "\r" }.joined()
  }

  static func data(_ value: String, type: String = "ED") -> String { "OBX|1|\(type)|18842-5^Summary||\(value)||||||F" }

  /// What the attachments of a drop say, one text an event.
  static func story(_ decoded: Decoded) -> [String] {
    decoded.events.compactMap { event in
      switch event {
      case .attachment(let head): "\(head.number)|\(head.position.text)|\(head.encoding)|\(head.mediaType)"
      case .attachmentBytes(let bytes): String(decoding: bytes, as: UTF8.self)
      case .attachmentEnd(let tail): "end \(tail.byteCount) \(tail.isWhole)"
      default: nil
      }
    }
  }

  /// The observation in the record.
  static func kept(_ decoded: Decoded) -> String { decoded.records.first?.split(separator: "\n", maxSplits: 2).last.map(String.init) ?? "" }

  @Test func base64GoesOutAndItsOBXStays() {
    let decoded = Decoded(Self.message(Self.data("LAB^AP^PDF^Base64^VEVTVCBQREY=")))
    #expect(Self.story(decoded) == ["0|OBX-5, occurrence 1|base64|application/pdf", "TEST PDF", "end 8 true"])
    #expect(Self.kept(decoded) == "OBX¦1¦ED¦18842-5^Summary¦¦LAB^AP^PDF^Base64^¦¦¦¦¦¦F")
    #expect(decoded.fates == ["decoded"] && decoded.advice == [])
  }

  @Test(arguments: [
    ("^IM^JPEG^Hex^54 4553\\.br\\54", "hex|image/jpeg", "TEST"),
    ("^TEXT^^A^a \\T\\ b\\.br\\c\\XC3\\\\XA9\\", "text|text/plain", "a & b\nc\u{E9}"),
    ("^application^xml^base64^VEVTVA", "base64|text/xml", "TEST"), ("^^DOE-JANE^^x&y", "text|", "x&y"),
    ("^multipart^x-hl7-cda-level-one^A^<x/>", "text|multipart/x-hl7-cda-level-one", "<x/>"),
  ]) func encodingAndTypeAreRead(value: String, head: String, text: String) {
    let decoded = Decoded(Self.message(Self.data(value)))
    #expect(Self.story(decoded) == ["0|OBX-5, occurrence 1|\(head)", text, "end \(text.utf8.count) true"])
  }

  @Test func pointerIsToldAndStays() {
    let decoded = Decoded(Self.message(Self.data("scan.pdf^^AP^PDF~~\"\"", type: "RP")))
    #expect(Self.story(decoded) == ["0|OBX-5, occurrence 1|reference|application/pdf", "end 0 true"])
    #expect(Self.kept(decoded).contains("¦scan.pdf^^AP^PDF~~\"\"¦"))
  }

  @Test func eachRepetitionAndEachOBXIsItsOwn() {
    let text = Self.message("OBX|1|NM|||5", Self.data("^^^A^a~x~^AP^PDF^A^b^rest"), Self.data("^^^A^c"))
    let story = Self.story(Decoded(text)).filter { $0.contains("|") }
    #expect(story == ["0|OBX-5, occurrence 2|text|", "1|OBX-5, occurrence 2, repetition 3|text|application/pdf", "2|OBX-5, occurrence 3|text|"])
    #expect(Self.kept(Decoded(text)).contains("¦^^^A^~x~^AP^PDF^A^^rest¦"))
  }

  @Test(arguments: ["LAB^NS^Octet-stream^Base64", "LAB^AP^PDF^Base64^", "\"\"", "^AP^PDF^Base64^\"\"", ""])
  func valueWithoutDataStays(value: String) {
    let decoded = Decoded(Self.message(Self.data(value)))
    #expect(Self.story(decoded) == [])
    #expect(Self.kept(decoded).contains("¦¦\(value)¦¦"))
  }

  @Test func brokenAlphabetIsKeptAsItCameWithItsPlace() {
    let text = Self.message(Self.data("^AP^PDF^Base64^QUJDRE%G\\T\\SA=="))
    let decoded = Decoded(text), finding = decoded.tails.first?.findings.first
    #expect(Self.story(decoded).dropFirst() == ["ABCRE%G\\T\\SA==", "end 14 false"])
    #expect(finding?.code == .attachmentInvalid && finding?.position.path == "OBX-5")
    #expect(Array(text.utf8)[finding?.position.byteOffset ?? 0] == UInt8(ascii: "%"))
  }

  @Test(arguments: ["VEVT\\.br\\VA==", "VEVT\\X0D\\\\X0A\\VA==", "VE\\.sp2\\VT VA\\H\\==\\.ce\\", "VEVT\\X56\\A==", "VEVT\\E\\.br\\E\\VA=="])
  func escapesInsideAreReadForWhatTheyMean(data: String) {
    let decoded = Decoded(Self.message(Self.data("^AP^PDF^Base64^" + data)))
    #expect(Self.story(decoded).dropFirst() == ["TEST", "end 4 true"])
  }

  @Test(arguments: ["\\E\\", "\\Q\\", "\\", "\\\\"]) func otherEscapesDoNotFit(escape: String) {
    let text = Self.message(Self.data("^AP^PDF^Base64^VEVT" + escape + "VA=="))
    let decoded = Decoded(text)
    #expect(Self.story(decoded).dropFirst() == ["TES\(escape)VA==", "end \(7 + escape.utf8.count) false"])
    #expect(decoded.tails.first?.findings.first?.position.byteOffset == text.utf8.count - "\(escape)VA==||||||F\r".utf8.count)
  }

  @Test func unknownEncodingIsKeptAsItCame() {
    let decoded = Decoded(Self.message(Self.data("^AP^PDF^uuencode^a\\T\\b")))
    #expect(Self.story(decoded).dropFirst() == ["a\\T\\b", "end 5 false"])
    #expect(decoded.advice == [.attachmentInvalid])
  }

  @Test(arguments: ["\r", "\n", "\r\n"]) func wrappedDataIsOne(end: String) {
    let decoded = Decoded(Self.message(Self.data("^AP^PDF^Base64^" + ["VEVT", "MSH/", "VA=="].joined(separator: end)), "NTE|1||x"))
    #expect(Self.story(decoded).last == "end 7 true")
    #expect(decoded.advice == [.segmentInvalid])
    #expect(Self.kept(decoded) == "OBX¦1¦ED¦18842-5^Summary¦¦^AP^PDF^Base64^¦¦¦¦¦¦F\nNTE¦1¦¦x")
  }

  @Test func digestCoversWhatWasSent() {
    let text = Self.message(Self.data("^AP^PDF^Base64^VEVT\rVA=="), "NTE|1||x")
    let tail = Decoded(text).tails.first
    #expect(tail?.digest == SHA256.digest(Array(text.utf8.dropLast())))
    #expect(tail?.byteCount == text.utf8.count - 1)
  }

  @Test func placesBehindDataAreThoseOfTheFile() {
    let text = Self.message(Self.data("^AP^PDF^Base64^VEVT\rVA==") + "\0")
    #expect(Decoded(text).fates == ["rejected NUL-BYTE"])
    #expect(Decoded(text).offsets == [Array(text.utf8).firstIndex(of: 0) ?? -1])
  }

  @Test func nulInDataRejectsAsAnywhere() {
    let text = Self.message(Self.data("^TEXT^^A^VE\0VT\0"))
    #expect(Decoded(text).fates == ["rejected NUL-BYTE"])
    #expect(Decoded(text).offsets == [Array(text.utf8).firstIndex(of: 0) ?? -1])
  }

  static let samples = [
    message(data("LAB^AP^PDF^Base64^VEV\\.br\\TVC\rBQR\nEY=~^^^Hex^4142~^^^A^a\\T\\b\u{1C}c"), data("x^^AP^PDF~y", type: "RP"), "NTE|1||z"),
    message(data("^AP^PDF^Base64^VE%\\T\\VT\rMSH+"), data("^^^Q^\"\"~^^^A^\"\"~^^^A^\"\"\"") + "\0"),
    "\u{0B}" + message(data("^AP^PDF^Base64^VEVT")).dropLast() + "\u{1C}\r",
    "\u{0B}" + message("OBX|1|ED|||^^^A^xyz"), message("OBX|1|ED|||^^", "^Base64^VEVT", "\"\"", "||F", "more"),
  ]

  @Test(arguments: samples) func chunksNeverShow(text: String) {
    #expect(Drip.differingSplits(of: Array(text.utf8)) { Decoded(pieces: $0, format: .hl7v2) } == [])
    let wide = text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    #expect(Drip.differingSplits(of: wide, at: Array(stride(from: 1, to: wide.count, by: 7))) { Decoded(pieces: $0, format: .hl7v2) } == [])
  }

  @Test(arguments: samples, [60, 100, 130]) func chunksNeverShowUnderASmallLimit(text: String, limit: Int) {
    let bytes = Array(text.utf8), splits = Drip.boundaries(of: bytes, movedBy: 0)
    #expect(Drip.differingSplits(of: bytes, at: splits) { Decoded(pieces: $0, format: .hl7v2) { $0.limits.messageBytes = limit } } == [])
  }

  @Test(arguments: samples, [2, 3, 4]) func chunksNeverShowUnderFewLines(text: String, limit: Int) {
    let bytes = Array(text.utf8), splits = Drip.boundaries(of: bytes, movedBy: 0)
    #expect(Drip.differingSplits(of: bytes, at: splits) { Decoded(pieces: $0, format: .hl7v2) { $0.limits.fieldsPerMessage = limit } } == [])
  }

  @Test func charactersOfTwoBytesAreReadToo() {
    let units = Self.message(Self.data("^AP^PDF^Base64^VEVTVA==%")).utf16
    let decoded = Decoded(bytes: units.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] })
    #expect(Self.story(decoded).dropFirst() == ["TEST%", "end 5 false"])
    #expect(decoded.tails.first?.findings.first?.position.byteOffset == 2 * (units.count - "%||||||F\r".count))
  }
}
