import Core
import Decode
import Testing

@Suite struct EnvelopeTests {
  private let head = "FHS|^~\\&\r", open = "BHS|^~\\&\r", message = Sample.message()

  private func totals(_ text: String) -> [String] {
    Decoded(text).totals.map { total in
      let declared = total.declared.map(String.init) ?? "-", agrees = total.agrees.map { $0 ? "yes" : "no" } ?? "-"
      let parts = (total.hasHeader ? "" : " no header") + (total.hasTrailer ? "" : " no trailer")
      return "\(total.ordinal) \(total.unit.rawValue) \(declared) of \(total.counted) \(agrees)" + parts
    }
  }

  @Test func trailersAreComparedWithWhatCame() {
    #expect(totals(Sample.batch) == ["0 BTS 2 of 2 yes", "1 BTS 3 of 1 no", "2 FTS 2 of 2 yes"])
    #expect(Decoded(Sample.batch).dropFindings == [.trailerMismatch])
  }

  @Test func messagesNameTheirBatch() {
    #expect(Decoded(Sample.batch + message).heads.map(\.batch) == [0, 0, 1, -1])
  }

  @Test func declaredMessagesAreThoseInBatchesWithANumber() {
    #expect(Decoded(Sample.batch + message).summary.messagesDeclared == 3)
    #expect(Decoded(open + message + "BTS|\r").summary.messagesDeclared == 0)
  }

  @Test func messagesRightUnderTheFileAreOneBatch() {
    #expect(totals(head + message + message + "FTS|1\r") == ["0 FTS 1 of 1 yes"])
  }

  @Test(arguments: [("BTS\r", ""), ("BTS|\r", ""), ("BTS|two\r", "TRAILER-NOT-NUMERIC"), ("BTS|-1\r", "TRAILER-NOT-NUMERIC")])
  func trailerWithoutANumberDoesNotAgreeOrDisagree(trailer: String, code: String) {
    #expect(totals(open + message + trailer) == ["0 BTS - of 1 -"])
    #expect(Decoded(open + message + trailer).dropFindings.map(\.rawValue).joined() == code)
  }

  @Test func trailerWithoutAHeaderIsAnOrphan() {
    #expect(totals(message + "BTS|1\r") == ["0 BTS 1 of 1 - no header"])
    #expect(Decoded(message + "BTS|1\r").dropFindings == [.trailerOrphan])
  }

  @Test func doubledHeaderClosesTheBatchBefore() {
    let text = open + message + open + message + "BTS|1\r"
    #expect(totals(text) == ["0 BTS - of 1 - no trailer", "1 BTS 1 of 1 yes"])
    #expect(Decoded(text).dropFindings == [.headerDoubled])
    #expect(Decoded(text).fates == ["decoded", "decoded"])
  }

  @Test func fileThatIsNeverClosedHoldsItsLastMessage() {
    let decoded = Decoded(head + open + message + Sample.message("M2") + "BTS|2\r")
    #expect(decoded.fates == ["decoded", "held DROP-TRUNCATED"])
    #expect(decoded.dropFindings == [.envelopeUnclosed])
    #expect(decoded.summary.truncated)
  }

  @Test func batchThatIsNeverClosedHoldsItsLastMessage() {
    #expect(Decoded(open + message + Sample.message("M2")).fates == ["decoded", "held DROP-TRUNCATED"])
  }

  @Test func fileTrailerClosesAnOpenBatch() {
    let decoded = Decoded(head + open + message + "FTS|1\r")
    #expect(decoded.dropFindings == [.envelopeUnclosed])
    #expect(decoded.fates == ["decoded"])
  }

  @Test func envelopeWithoutAMessageIsAnEmptyDrop() {
    #expect(Decoded(head + open + "BTS|0\rFTS|1\r").fates == ["rejected DROP-EMPTY"])
  }

  @Test func doubledTrailerIsAnOrphan() {
    #expect(totals(open + message + "BTS|1\rBTS|1\r") == ["0 BTS 1 of 1 yes", "1 BTS 1 of 0 - no header"])
    #expect(totals(head + "FTS|0\rFTS|0\r") == ["0 FTS 0 of 0 yes", "1 FTS 0 of 0 - no header"])
  }

  @Test func doubledFileHeaderClosesTheFileBefore() {
    let text = head + open + message + head + open + message + "BTS|1\rFTS|1\r"
    #expect(totals(text) == ["0 BTS - of 1 - no trailer", "1 FTS - of 1 - no trailer", "2 BTS 1 of 1 yes", "3 FTS 1 of 1 yes"])
    #expect(Decoded(text).dropFindings == [.headerDoubled, .headerDoubled])
  }

  @Test func severalFilesAndBatchesInOneDropAreEachCounted() {
    let file = head + open + message + "BTS|1\r" + open + message + message + "BTS|2\rFTS|2\r"
    #expect(totals(file + file) == (0...1).flatMap { ["\($0 * 3) BTS 1 of 1 yes", "\($0 * 3 + 1) BTS 2 of 2 yes", "\($0 * 3 + 2) FTS 2 of 2 yes"] })
    #expect(Decoded(file + file).heads.map(\.batch) == [0, 1, 1, 2, 3, 3])
  }

  @Test func batchesAfterMessagesRightUnderTheFileCountOneMore() {
    #expect(totals(head + message + open + message + "BTS|1\rFTS|2\r") == ["0 BTS 1 of 1 yes", "1 FTS 2 of 2 yes"])
  }

  @Test func manyMessagesWithoutAnEnvelopeAreReadAndDeclareNothing() {
    let decoded = Decoded(String(repeating: message, count: 5))
    #expect(decoded.fates == Array(repeating: "decoded", count: 5))
    #expect(decoded.totals.isEmpty && decoded.summary.messagesDeclared == 0 && !decoded.summary.truncated)
  }

  @Test func eachHeaderMayDeclareItsOwnDelimiters() {
    let text = "FHS$%*!@$\rBHS#^~\\&#\r" + message + "MSH!^~\\&!B!!!!!!ADT^A04\rPID!1\rBTS#2\rFTS$1\r"
    #expect(totals(text) == ["0 BTS 2 of 2 yes", "1 FTS 1 of 1 yes"])
    #expect(Decoded(text).fates == ["decoded", "decoded"])
    #expect(Decoded(text).dropFindings == [.delimitersUnusual, .delimitersUnusual])
  }

  @Test func trailerMayUseTheSeparatorOfItsLastMessage() {
    #expect(totals(open + "MSH!^~\\&!B!!!!!!ADT^A04\rBTS!1\r") == ["0 BTS 1 of 1 yes"])
  }

  @Test func headerWithoutUsableDelimitersStillOpensItsBatch() {
    let decoded = Decoded("BHS|\r" + message + "BTS|1\r")
    #expect(decoded.heads.map(\.batch) == [0])
    #expect(decoded.dropFindings == [.delimitersInvalid])
  }

  @Test func totalComesAfterTheLastMessageOfItsBatch() {
    let kinds = Decoded(Sample.batch).events.map { event in
      switch event {
      case .begin: "begin"
      case .record: "record"
      case .attachment, .attachmentBytes, .attachmentEnd: "attachment"
      case .end: "end"
      case .batch(let total): total.unit.rawValue
      case .finding: "finding"
      }
    }
    #expect(kinds.joined(separator: " ") == "begin record end begin record end BTS begin record end BTS finding FTS")
  }
}
