import Core
@testable import Map
import Testing

@Suite struct FieldCutterTests {
  /// Every text of up to five of a letter and the delimiters, as the fields of one message.
  private static let fields = (1...5).reduce(into: [[""]]) { lists, _ in lists.append(lists[lists.count - 1].flatMap { text in "A^~&\\".map { text + String($0) } }) }
    .joined()

  @Test("Every cut is what a scan of the field finds", arguments: 0...3 as ClosedRange<Int32>, [false, true])
  func cuts(component: Int32, endsAtSubcomponent: Bool) {
    var table = SegmentTable(), cutter = FieldCutter(), rule = QuickRule(), start = 0, wrong: [String] = []
    table.bytes = Array(Self.fields.joined(separator: "|").utf8)
    cutter.begin(table)
    (rule.component, rule.endsAtSubcomponent) = (component, endsAtSubcomponent)
    for text in Self.fields {
      let field = Piece(start, start + text.utf8.count)
      let part = endsAtSubcomponent ? table.part(field, max(component, 1), 1) : table.part(field, component, 0)
      let cut = cutter.cut(table.bytes.span, field, rule), isOrdinary = !part.isEmpty && !table.holdsEscape(part)
      if isOrdinary ? cut != part : !cut.isEmpty { wrong.append(text) }
      start += text.utf8.count + 1
    }
    #expect(wrong.isEmpty, "\(wrong.count) texts, as \(wrong.prefix(3))")
  }
}
