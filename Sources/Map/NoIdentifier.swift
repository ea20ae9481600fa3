/// Words that senders write where an identifier is missing: a number that everybody shares would make one person of them.
///
/// The codes of NullFlavor (HL7 V3, table 10609) and what is typed for them. What is all zeros or nines may be a number, and stays one.
enum NoIdentifier {
  private static let words = ["ASKU", "MSK", "N/A", "NA", "NASK", "NAV", "NI", "NONE", "NULL", "UNK", "UNKNOWN"].map { Array($0.utf8) }

  /// True for such a word in any case.
  static func holds(_ value: ArraySlice<UInt8>) -> Bool {
    guard (2...7).contains(value.count) else { return false }
    return words.contains { word in word.count == value.count && zip(word, value).allSatisfy { $0 == ($1 >= 0x61 && $1 <= 0x7A ? $1 - 0x20 : $1) } }
  }
}
