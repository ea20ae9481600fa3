extension FindingCode {
  /// The hint of a code that only files of rows have.
  var rowHint: String {
    switch self {
    case .notCSV: "The first line is none of the layout: it names no column, or is no record of its kinds. Check the feed's mapping and folder."
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

  /// What to do next of the findings of resources.
  var resourceHint: String {
    switch self {
    case .notFHIR: "It is no resource of FHIR R4: a JSON object whose resourceType names one. Check the feed's format and folder."
    case .jsonMalformed: "The JSON breaks a rule of RFC 8259 at that byte; ask the sender to send it again."
    case .modifierHeld: "The resource says in modifierExtension or implicitRules that it means something else than it says; ask the sender what."
    case .jsonLimit: "The resource is over a limit of depth, nodes or names; raise it in the feed if it is meant."
    default: ""
    }
  }

  /// What to do next of times that a clock does not tell and of rows that act on others.
  var actionHint: String {
    switch self {
    case .timeInGap: "The local time does not exist in the feed's zone on that day (daylight saving)."
    case .timeAmbiguous: "The local time exists twice in the feed's zone on that day; the first one was taken."
    case .timeOffsetShort: "The offset is written as hours alone, like +00; it was read as such. Ask the sender for four digits."
    case .cancelHeld: "A row that cancels something says what became of it in its status: let the mapping's line 'status' read the event, or see what the message cancels."
    case .mergeHeld: "It joins a record with itself, links records that both stay, or moves accounts or alternate numbers, which has no effect in this version: see which it names."
    case .correctionHeld: "What takes something back here has no effect: look at the record that it names, and take it back by hand where it was loaded."
    case .fieldConflict: "A feed says something else of a field that another feed owns; the owner's word stands. Ask both which one is right."
    case .checkDigitWrong: "A number does not end with the check digit that its assigner's numbers have; it was taken as it came. Ask the sender whether it was mistyped."
    case .creditHeld: "Credits are held until a mapping defines their effect."
    default: ""
    }
  }
}
