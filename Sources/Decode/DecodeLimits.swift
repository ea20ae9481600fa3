/// The bounds that keep memory flat whatever a sender writes; past one of them a message is held, never cut.
public struct DecodeLimits: Sendable, Equatable {
  /// Bytes of one HL7 v2 message, its segment ends included, or of one FHIR resource.
  public var messageBytes = 16 * 1024 * 1024
  /// Bytes of one record of a file of rows, quoted line ends included.
  public var recordBytes = 1 << 20
  /// Fields of one segment, or of one record of a file of rows.
  public var fieldsPerSegment = 4_096
  /// Fields of one message, all segments together.
  public var fieldsPerMessage = 1_000_000
  /// Bytes of the resources of a Bundle that wait for others to which they refer, and of what is remembered of those.
  public var bundleBytes = 8 * 1024 * 1024
  /// Nodes (elements, attributes, texts) of one CDA entry or FHIR resource.
  public var entryNodes = 50_000
  /// Bytes of attribute values and text of one CDA entry or FHIR resource.
  public var entryBytes = 8_000_000
  /// Nodes of a document's header and its open sections together, without entries.
  public var contextNodes = 300_000
  /// Bytes of a document's header and its open sections together, without entries.
  public var contextBytes = 16_000_000
  /// Bytes of the narrative of one section; a longer one is left out of the record and reported as `XML-LIMIT`.
  public var narrativeBytes = 4_000_000
  /// Elements inside each other.
  public var depth = 200
  /// Attributes of one element, and namespace declarations in force.
  public var attributes = 256
  /// Bytes of one start tag.
  public var tagBytes = 1_048_576
  /// Different element and attribute names of one decoder.
  public var names = 10_000

  public init() {}
}
