extension FindingCode {
  /// The hint of a code that only files of rows have.
  var rowHint: String {
    switch self {
    case .notCSV: "The first line names none of the layout's columns; check the feed's mapping and folder."
    case .columnMissing: "A column of the layout is not in the file; its rows are held. Ask the sender, or list the column under 'optional' in a new version."
    case .columnRepeated: "Two columns of the file have one name; its rows are held. Ask the sender which one is meant."
    case .columnUnknown: "The file has a column that the layout does not name; it is not read."
    case .fieldCount: "The row has more or fewer fields than the file has columns; ask the sender to send it again."
    case .quoteInvalid: "Text stands outside of the quotes of a field; ask the sender to double quotes inside of them, or say 'quote: none' in the layout."
    case .recordUnknown: "The record is of a kind that the layout does not name; add it there in a new version, or ask the sender."
    case .recordMisplaced: "The record stands before the header, after the trailer, or twice; ask the sender to send the file again."
    default: ""
    }
  }
}
