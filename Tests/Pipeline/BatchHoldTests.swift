import Core
@testable import Pipeline
import Testing

@Suite struct BatchHoldTests {
  private func total(_ unit: BatchTotal.Unit, agrees: Bool?, header: Bool = true) -> BatchTotal {
    BatchTotal(unit: unit, ordinal: 0, declared: 2, counted: 1, agrees: agrees, hasTrailer: true, hasHeader: header)
  }

  private func message(_ batch: Int) -> MappedMessage {
    var message = MappedMessage()
    message.batch = batch
    return message
  }

  @Test func theNthBatchWithAHeaderIsTheNthBatch() {
    var hold = BatchHold(held: [])
    #expect(hold.lying(under: total(.batch, agrees: nil, header: false)).isEmpty)
    #expect(hold.lying(under: total(.batch, agrees: true)).isEmpty)
    #expect(hold.lying(under: total(.batch, agrees: false)) == [1])
  }

  @Test func aLyingFileTrailerSpeaksOfAllItsBatches() {
    var hold = BatchHold(held: [])
    _ = hold.settle(message(0))
    _ = hold.settle(message(1))
    #expect(hold.lying(under: total(.file, agrees: false)) == [0, 1])
  }

  @Test func aMessageOfAHeldBatchLosesItsRows() {
    var hold = BatchHold(held: [1])
    #expect(hold.settle(message(0)).verdict == .rows)
    #expect(hold.settle(message(1)).verdict == .held(Finding(.batchHeld)))
  }
}
