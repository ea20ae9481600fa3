import Core
import Testing

@testable import Decode

/// What is read many bytes at a time is read the same wherever it stands among them.
@Suite struct StrideTests {
  @Test("A byte that is no UTF-8 is found wherever it stands among ASCII", arguments: 0..<40) func misfit(place: Int) {
    var text = [UInt8](repeating: 0x41, count: 40)
    text[place] = 0xFF
    #expect(UTF8Check.firstMisfit(in: text) == place)
  }

  @Test("Characters of several bytes pass wherever they stand among ASCII", arguments: 0..<20) func characters(place: Int) {
    let text = String(repeating: "A", count: place) + "é€😀" + String(repeating: "A", count: 20 - place)
    #expect(UTF8Check.firstMisfit(in: Array(text.utf8)) == nil)
  }

  @Test("Fields are cut the same however long the one before them is", arguments: 0..<140) func fields(length: Int) {
    let long = String(repeating: "x", count: length)
    let segments = Self.segments(of: "MSH|^~\\&|A|B|||20260301||ADT^A01|1|T|2.5\rZX1|\(long)|b||d\rZX2|e\r")
    #expect(segments.dropFirst() == [["ZX1", long, "b", "", "d"], ["ZX2", "e"]])
  }

  /// The fields of the first message, each segment's name first.
  private static func segments(of text: String) -> [[String]] {
    var segments: [[String]] = []
    let decoder = DropDecoder(DecodeSettings(format: .hl7v2))
    let take = { (event: DecodeEvent, record: SourceRecord) in
      guard event == .record else { return }
      segments = record.segments.segments.indices.map { Self.fields(of: $0, record.segments) }
    }
    decoder.push(Array(text.utf8), take)
    _ = decoder.finish(take)
    return segments
  }

  private static func fields(of segment: Int, _ table: SegmentTable) -> [String] {
    let values = (1...table.fieldCount(segment)).map { String(decoding: table.bytes[table.field(segment, $0)], as: UTF8.self) }
    return [HL7Line.text(table.segments[segment].name)] + values
  }
}
