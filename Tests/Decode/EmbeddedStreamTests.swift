import Core
import Decode
import Support
import Testing

/// Data that is longer than a message may be.
@Suite struct EmbeddedStreamTests {
  private static let head = EmbeddedDataTests.message("OBX|1|ED|||LAB^AP^PDF^Base64^").dropLast()

  private static func sizes(_ decoded: Decoded) -> [Int] {
    decoded.events.compactMap { if case .attachmentBytes(let bytes) = $0 { bytes.count } else { nil } }
  }

  @Test func piecesHave64KiBWhateverTheChunks() {
    let text = Array((Self.head + String(repeating: "QUJD", count: 100_000) + "||||||F\rNTE|1||x\r").utf8)
    let whole = Decoded(bytes: text)
    #expect(Self.sizes(whole) == Array(repeating: 65_536, count: 4) + [37_856])
    for size in [1_000, 65_535, 65_536, 65_537, 70_000] { #expect(Decoded(pieces: Drip.pieces(of: text, size: size), format: .hl7v2) == whole) }
    for limit in [60_000, 65_536, 65_600, 300_000] {
      let limited = Decoded(bytes: text) { $0.limits.messageBytes = limit }
      #expect(Decoded(pieces: Drip.pieces(of: text, size: 999), format: .hl7v2) { $0.limits.messageBytes = limit } == limited)
    }
  }

  @Test(arguments: [false, true]) func dataOver20MBStaysOutOfMemory(isWrapped: Bool) {
    var settings = DecodeSettings(format: .hl7v2)
    settings.limits.messageBytes = 200_000
    let decoder = DropDecoder(settings), line = Array(String(repeating: "QUJD", count: 19).utf8) + (isWrapped ? [0x0D] : [])
    let piece = (0..<860).flatMap { _ in line }
    var largest = 0, count = 0, fate: MessageTail.Outcome?
    func look(_ event: DecodeEvent, _ record: SourceRecord) {
      largest = max(largest, record.segments.bytes.capacity)
      if case .attachmentBytes(let bytes) = event { count += bytes.count }
      if case .end(let tail) = event { fate = tail.outcome }
    }
    decoder.push(Array(Self.head.utf8), look)
    for _ in 0..<310 { decoder.push(piece, look) }
    decoder.push(Array("||||||F\r".utf8), look)
    _ = decoder.finish(look)
    #expect(fate == .decoded && count == 310 * 860 * 57)
    #expect(largest < 200_000)
  }

  @Test(arguments: ["\u{0B}", ""]) func dataThatTheFileCutsIsSaidAndHeldWhereItCanBeTold(mark: String) {
    let decoded = Decoded(mark + Self.head + String(repeating: "QUJD", count: 40_000))
    #expect(decoded.fates == [mark.isEmpty ? "decoded" : "held DROP-TRUNCATED"])
    #expect(Self.sizes(decoded) == [65_536, 54_464])
  }

  @Test func blockAroundLongDataIsItsFrame() {
    let message = Self.head + String(repeating: "QUJD", count: 40_000)
    let text = Array(("\u{0B}" + message + "\u{1C}\r\u{0B}" + Sample.message("M2") + "\u{1C}\r").utf8)
    let whole = Decoded(bytes: text)
    #expect(whole.fates == ["decoded", "decoded"] && whole.advice == [])
    #expect(whole.tails.first?.digest == SHA256.digest(Array(message.utf8)))
    #expect(Drip.differingSplits(of: text, at: Array((text.count - 200)..<text.count)) { Decoded(pieces: $0, format: .hl7v2) } == [])
  }

  @Test func messageOverItsLimitEndsItsDataUnfinished() {
    let text = Self.head + String(repeating: "QUJD", count: 40_000) + "^" + String(repeating: "x", count: 100_000) + "~^^^A^y\r"
    let decoded = Decoded(text) { $0.limits.messageBytes = 90_000 }
    #expect(decoded.fates == ["held MESSAGE-LIMIT"])
    #expect(Self.sizes(decoded) == [65_536, 54_464])
    #expect(decoded.tails.first?.digest == SHA256.digest(Array(text.utf8.dropLast())))
  }

  @Test func eventsStandBetweenBeginningAndEnd() {
    let kinds = Decoded(EmbeddedDataTests.message(EmbeddedDataTests.data("^^^A^x"))).events.map { String("\($0)".prefix { $0 != "(" }) }
    #expect(kinds == ["begin", "attachment", "attachmentBytes", "attachmentEnd", "record", "end"])
  }
}
