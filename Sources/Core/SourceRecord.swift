/// What Decode fills and Map reads: one concrete struct of bytes and offsets, reused from message to message.
///
/// - HL7 v2 and CSV fill `segments`: the whole message, split to fields, not unescaped.
/// - CDA fills `arena`: the header, the sections around the current entry (their code, templateIds and narrative) and one entry.
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
  }

  public var part: Part = .message
  public var segments = SegmentTable()
  public var arena = NodeArena()
  /// For `.entry`: the node of the `entry` element. For `.section`: the node of the section. Else the root.
  public var focus: Int32 = 0
  /// For `.entry`: the one-based number of the entry in its document.
  public var occurrence = 1

  public init() {}
}
