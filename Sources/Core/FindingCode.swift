/// What went wrong or deserves a look: a closed list, so that counts, owners and hints never depend on free text.
///
/// The raw value is the stable code that statements, exceptions and errors print.
public enum FindingCode: String, Sendable, CaseIterable, Comparable {
  // Intake
  case dropEmpty = "DROP-EMPTY"
  case dropResubmitted = "DROP-RESUBMITTED"
  case dropUnreadable = "DROP-UNREADABLE"
  case dropTruncated = "DROP-TRUNCATED"
  case decoderCrashed = "DECODER-CRASHED"
  // Containers
  case containerLimit = "CONTAINER-LIMIT"
  case containerBroken = "CONTAINER-BROKEN"
  case containerUnsafe = "CONTAINER-UNSAFE"
  // HL7 v2
  case notHL7 = "NOT-HL7"
  /// Of `inspect` alone, which knows no layout.
  case formatUnknown = "FORMAT-UNKNOWN"
  case delimitersInvalid = "DELIMITERS-INVALID"
  case delimitersUnusual = "DELIMITERS-UNUSUAL"
  case segmentInvalid = "SEGMENT-INVALID"
  case headerInLine = "HEADER-IN-LINE"
  case messageLimit = "MESSAGE-LIMIT"
  case messageTypeMissing = "MESSAGE-TYPE-MISSING"
  case escapeUnknown = "ESCAPE-UNKNOWN"
  case charsetUndecodable = "CHARSET-UNDECODABLE"
  case charsetUnsupported = "CHARSET-UNSUPPORTED"
  case nulByte = "NUL-BYTE"
  case envelopeUnclosed = "ENVELOPE-UNCLOSED"
  case headerDoubled = "HEADER-DOUBLED"
  case trailerMismatch = "TRAILER-MISMATCH"
  case trailerNotNumeric = "TRAILER-NOT-NUMERIC"
  case trailerOrphan = "TRAILER-ORPHAN"
  case batchHeld = "BATCH-HELD"
  case controlIdReused = "CONTROL-ID-REUSED"
  // CDA
  case notCDA = "NOT-CDA"
  case xmlMalformed = "XML-MALFORMED"
  case xmlNamespace = "XML-NAMESPACE"
  case xmlLimit = "XML-LIMIT"
  case doctypeRefused = "DOCTYPE-REFUSED"
  case entryLimit = "ENTRY-LIMIT"
  // Rows
  case notCSV = "NOT-CSV"
  case columnMissing = "COLUMN-MISSING"
  case columnRepeated = "COLUMN-REPEATED"
  case columnUnknown = "COLUMN-UNKNOWN"
  case fieldCount = "FIELD-COUNT"
  case quoteInvalid = "QUOTE-INVALID"
  case recordUnknown = "RECORD-UNKNOWN"
  case recordMisplaced = "RECORD-MISPLACED"
  // FHIR
  case notFHIR = "NOT-FHIR"
  case jsonMalformed = "JSON-MALFORMED"
  case jsonLimit = "JSON-LIMIT"
  case modifierHeld = "MODIFIER-HELD"
  // Attachments
  case attachmentInvalid = "ATTACHMENT-INVALID"
  // Control files
  case controlFileInvalid = "CONTROL-FILE-INVALID"
  // Mapping
  case noMapping = "NO-MAPPING"
  case requiredMissing = "REQUIRED-MISSING"
  case subjectMissing = "SUBJECT-MISSING"
  case codeUnmapped = "CODE-UNMAPPED"
  case dateInvalid = "DATE-INVALID"
  case timeInvalid = "TIME-INVALID"
  case timeInGap = "TIME-IN-GAP"
  case timeAmbiguous = "TIME-AMBIGUOUS"
  case timeOffsetShort = "TIME-OFFSET-SHORT"
  case numberInvalid = "NUMBER-INVALID"
  case moneyInvalid = "MONEY-INVALID"
  case shapeInvalid = "SHAPE-INVALID"
  case unitInvalid = "UNIT-INVALID"
  case valueTypeUnsupported = "VALUE-TYPE-UNSUPPORTED"
  case orphanSegment = "ORPHAN-SEGMENT"
  case keyRepeated = "KEY-REPEATED"
  case idShared = "ID-SHARED"
  case assignerUnnamed = "ASSIGNER-UNNAMED"
  case fieldsDiffer = "FIELDS-DIFFER"
  case eventTimeMissing = "EVENT-TIME-MISSING"
  case nullFlavor = "NULL-FLAVOR"
  case cancelHeld = "CANCEL-HELD"
  case mergeHeld = "MERGE-HELD"
  case correctionHeld = "CORRECTION-HELD"
  case creditHeld = "CREDIT-HELD"
  case fieldConflict = "FIELD-CONFLICT"
  case checkDigitWrong = "CHECK-DIGIT-WRONG"
  // Drift
  case profileDrift = "PROFILE-DRIFT"

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension FindingCode {
  /// Who looks at it first: a role of `people.yaml`, never a person.
  public var ownerRole: String {
    switch self {
    case .decoderCrashed, .dropUnreadable: "operator"
    case .subjectMissing, .requiredMissing, .keyRepeated, .mergeHeld, .cancelHeld, .correctionHeld, .creditHeld, .fieldConflict, .checkDigitWrong: "steward"
    default: "analyst"
    }
  }

  /// What to do next, in one sentence that can be pasted into a ticket.
  public var hint: String {
    switch self {
    case .dropEmpty: "Ask the sender whether an empty file was meant."
    case .dropResubmitted: "The sender used a name again with other bytes; both are kept. Ask which one counts."
    case .dropUnreadable: "Check the permissions of the drop folder and run the night again."
    case .dropTruncated: "The file ends inside a message or an open envelope; ask the sender to send it again."
    case .decoderCrashed: "The decoder stopped twice on this drop; it stays sealed and is tried once more in each run. Report it."
    case .containerLimit: "A container unpacks to more than its limits of ratio, size or members; nothing of it was loaded. Ask the sender what it is."
    case .containerBroken: "A container is not the one that the feed names, is cut off or damaged, or has a form that is not read (zip64); ask for it again."
    case .containerUnsafe: "A container has encrypted members, links, names that clash or lead elsewhere, or a directory that lies; nothing of it was loaded."
    case .notHL7: "No MSH, FHS or BHS segment was found; check the feed's format and folder."
    case .formatUnknown: "No header, no document, and no delimiter or layout known: for a table of fixed width or of several kinds of records see docs/formats/csv.md."
    case .delimitersInvalid: "MSH-1 and MSH-2 do not name a usable set of delimiters; ask the sender to correct them."
    case .delimitersUnusual: "The delimiters are legal but not the recommended set; nothing to do unless the sender changed them."
    case .segmentInvalid: "A line is not a segment; it is often a line end inside a field. Ask the sender to escape it."
    case .headerInLine: "The header of another message stands inside a line: the line end between two messages is missing. Ask for both again."
    case .messageLimit: "The message is over the size limit of the feed; raise the limit or ask for smaller messages."
    case .messageTypeMissing: "MSH-9 is empty; ask the sender to fill it."
    case .escapeUnknown: "An escape sequence is not one of the standard's; it is kept as it came."
    case .charsetUndecodable: "Bytes do not fit the character set; name the right one: charset in the feed, in the layout of rows, MSH-18 or the XML declaration."
    case .charsetUnsupported: "The character set in MSH-18 is not supported; declare it in the feed or ask for UTF-8."
    case .nulByte: "A NUL byte stands in the data; ask the sender to remove it."
    case .envelopeUnclosed: "What was opened is not closed: a batch (BHS, FHS), a table with a trailer record, a Bundle. Ask the sender whether the file is whole, and look whether the feed reads its format."
    case .headerDoubled: "A header stands where a trailer was due; ask the sender to check the envelope."
    case .trailerMismatch: "The count in the trailer is not the count of what came; ask the sender which one is right."
    case .trailerNotNumeric: "The trailer's count is not a number; ask the sender to correct it."
    case .trailerOrphan: "A trailer has no header; ask the sender to check the envelope."
    case .batchHeld: "The feed holds a batch whose trailer does not agree; ask for it again: with a right trailer its messages load."
    case .controlIdReused: "MSH-10 was used before for other bytes; both messages are kept and event time decides."
    case .notCDA: "The root element is not ClinicalDocument; check the feed's format and folder."
    case .xmlMalformed: "The XML is not well formed; ask the sender to send it again."
    case .xmlNamespace: "A prefix has no namespace declaration; the document was read all the same."
    case .xmlLimit: "The document is over a limit of depth, nodes, attributes or text; raise it in the feed if it is meant."
    case .doctypeRefused: "A document type declaration is never needed in CDA and is refused; ask the sender to leave it out."
    case .entryLimit: "One entry is over the node or byte limit; raise it in the feed if it is meant."
    case .notCSV, .columnMissing, .columnRepeated, .columnUnknown, .fieldCount, .quoteInvalid, .recordUnknown, .recordMisplaced: rowHint
    case .notFHIR, .jsonMalformed, .jsonLimit, .modifierHeld: resourceHint
    case .timeInGap, .timeAmbiguous, .timeOffsetShort, .cancelHeld, .mergeHeld, .correctionHeld, .creditHeld, .fieldConflict, .checkDigitWrong: actionHint
    case .attachmentInvalid: "Embedded data is not the base64 or hexadecimal that it says; it is kept as it came. Ask the sender to send it again."
    case .controlFileInvalid: "The control file does not hold a count on a line of the form documents,N; ask the sender to correct it."
    case .noMapping: "No mapping of the feed reads this type; name one in the feed's file, or a set that lists the type under no_rows. compline replay --mappings loads what is held."
    case .requiredMissing: "A required value is missing at the source; ask the sender or correct the mapping."
    case .subjectMissing: "The patient cannot be settled; the whole message is held. Ask the sender for an identifier."
    case .codeUnmapped: "A code is not in the code set; add it there in a new version or choose another policy."
    case .dateInvalid, .timeInvalid: "The value is not a date or time of the standard's form."
    case .numberInvalid: "The value is not a decimal number."
    case .moneyInvalid: "The value is not an amount in whole cents of the mapping's currency."
    case .shapeInvalid: "The value does not have the shape that the mapping asks for."
    case .unitInvalid: "The unit is not a UCUM expression; ask the sender for UCUM, or map its units through a code set."
    case .valueTypeUnsupported: "The value type in OBX-2 is not one that the mapping language reads."
    case .orphanSegment: "The segment stands outside the group that gives it a parent; it is never attached to a neighbour."
    case .idShared: "Statements of one document or message share an id; each was kept under its place there. Ask the sender for unique ids."
    case .assignerUnnamed: "CX.4 names a kind of number, as MRN, and nobody; its universal id, else the sender stands in. Ask the sender to name the authority."
    case .fieldsDiffer: "A message says different things of one provider in its places; what it agrees on was taken, the rest left as it is known."
    case .keyRepeated: "Rows of one message have one key and different contents; all of them are held. Ask the sender for a sub-id (OBX-4)."
    case .eventTimeMissing: "The message has no event time; the business date was used and the row says so."
    case .nullFlavor: "The entry says that its value is unknown; the mapping holds or skips it."
    case .profileDrift: "The messages differ from the feed's frozen profile; ask the sender what changed, then learn and freeze it anew."
    }
  }

  /// True where a person has to look; false for advice that is only counted.
  public var isException: Bool {
    switch self {
    case .delimitersUnusual, .idShared, .assignerUnnamed, .fieldsDiffer, .escapeUnknown, .xmlNamespace, .eventTimeMissing, .timeAmbiguous, .timeOffsetShort, .segmentInvalid,
      .columnUnknown:
      false
    default: true
    }
  }
}
