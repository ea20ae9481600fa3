import Core

/// Words that say what kind a number is, where many senders should name its assigner (CX.4): two houses that both write `MRN` did not give out one number.
///
/// Codes of HL7 table 0203 for the records, visits and accounts of a house, and `MRN` and `PID`, which are written for them. A number of a person's papers
/// is the same everywhere: `SSN` does name who gave it out.
enum NumberKind {
  private static let words = ["AN", "MR", "MRN", "PI", "PID", "PT", "VN"].map { Array($0.utf8) }

  /// True where a part of a field is such a word, in any case, blanks around it cut.
  static func holds(_ part: Piece, _ table: SegmentTable) -> Bool {
    let range = table.bytes.span.trimmed(part.range)
    guard (2...3).contains(range.count) else { return false }
    return words.contains { word in word.count == range.count && zip(word, range).allSatisfy { $0 == MapEvaluator.upper(table.bytes[$1]) } }
  }
}
