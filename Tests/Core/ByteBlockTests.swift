@testable import Core
import Testing

@Suite struct ByteBlockTests {
  private let bytes = (0..<200).map { UInt8(truncatingIfNeeded: ($0 * 37 + $0 / 7) % 11) }

  /// What a loop over the bytes finds.
  private func places(_ marks: [UInt8], from at: Int) -> UInt64 {
    (at..<min(at + 64, bytes.count)).reduce(0) { $0 | (marks.contains(bytes[$1]) ? 1 << UInt64($1 - at) : 0) }
  }

  @Test func everyPlaceOfAMarkIsFoundFromEveryIndex() {
    for at in bytes.indices { #expect(bytes.span.bytes.places(of: 3, from: at) == places([3], from: at)) }
  }

  @Test func everyPlaceOfFourMarksIsFoundFromEveryIndex() {
    for at in bytes.indices { #expect(bytes.span.bytes.places(ofAny: [3, 5, 7, 0], from: at) == places([3, 5, 7, 0], from: at)) }
  }

  @Test func behindTheEndOfAFewBytesNothingIsFound() {
    let few: [UInt8] = [0, 1, 0]
    #expect(few.span.bytes.places(of: 0, from: 0) == 0b101)
    #expect(few.span.bytes.places(of: 0, from: 2) == 1)
  }
}
