import Core
import Testing

@Suite struct Bytes16Tests {
  private let bytes: [UInt8] = [0xFF, 0, 1, 2, 3, 4, 5, 6, 0x80, 9, 10, 11, 12, 13, 14, 0xFE]

  @Test("Sixteen bytes come out as they went in")
  func roundTrip() { #expect(Bytes16(bytes)?.bytes == bytes) }

  @Test("Fifteen and seventeen bytes are none", arguments: [0, 15, 17])
  func otherCounts(count: Int) { #expect(Bytes16([UInt8](repeating: 1, count: count)) == nil) }

  @Test("They stand in the order of their bytes")
  func order() throws {
    var last = bytes
    last[15] = 0xFF
    #expect(try #require(Bytes16(bytes)) < #require(Bytes16(last)) && #require(Bytes16(last)) < #require(Bytes16([UInt8](repeating: 0xFF, count: 16))))
  }

  @Test("A writer gives them the length that it gives a list")
  func written() throws {
    var one = ByteWriter(), other = ByteWriter()
    one.write(try #require(Bytes16(bytes)))
    other.write(bytes)
    #expect(one.bytes == other.bytes)
  }
}
