/// What Decode fills and Map reads: one concrete struct of bytes and offsets, reused from message to message.
///
/// - HL7 v2 and CSV fill `segments`: the whole message, split to fields, not unescaped.
/// - CDA fills `arena`: the header, the sections around the current entry (their code, templateIds and narrative) and one entry.
/// - FHIR fills `arena`: one resource, its root named by its type, its properties elements that hold their values themselves.
public struct SourceRecord: Sendable {
  public enum Part: Sendable {
    /// A whole HL7 v2 message.
    case message
    /// The header of a document: everything before the body. Comes once, first.
    case header
    /// One `entry` of a section, with its ancestors in reach.
    case entry
    /// A section that has ended: its own children without its entries. Comes after the section's entries.
    case section
    /// A whole FHIR resource.
    case resource
  }

  public var part: Part = .message
  public var segments = SegmentTable()
  public var arena = NodeArena()
  /// For `.entry`: the node of the `entry` element. For `.section`: the node of the section. Else the root.
  public var focus: Int32 = 0
  /// For `.entry`: the one-based number of the entry in its document.
  public var occurrence = 1

  /// Files of rows: the columns that the layout does not name, in the order of their fields in `segments`, which follow those of the layout.
  public var extraColumns: [ExtraColumn] = []

  /// A column of a file of rows.
  public struct ExtraColumn: Sendable, Equatable {
    /// One-based, in the file.
    public var number: Int
    /// As the line of names has it, ASCII letters in lower case. It could hold anything, so it is never printed as it is.
    public var heading: [UInt8]

    public init(number: Int, heading: [UInt8]) {
      self.number = number
      self.heading = heading
    }
  }

  public init() {}
}
