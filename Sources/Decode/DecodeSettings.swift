public import Core

/// What the decoder must know of a feed: no clock, no keys, no paths.
public struct DecodeSettings: Sendable, Equatable {
  public var format: SourceFormat
  /// The feed's character set, by a name that `Charset` knows, which goes before MSH-18; nil when it names none.
  /// In CDA it goes before the XML declaration; a document of a feed that names none is read by its own.
  public var charset: String?
  public var limits: DecodeLimits
  /// How the file is laid out, where its format is `csv`: without it no row is read.
  public var layout: RowLayout?
  /// The base URL of the FHIR server whose ids the feed's resources carry; empty where the feed names none.
  public var server = ""
  /// How each drop is wrapped, the outer container first; empty where it is a file of the format itself.
  public var envelope: [ContainerKind] = []
  public var containerLimits = ContainerLimits()
  /// Names that get the numbers of their order here in every record's arena; see `NodeArena.init(names:)`.
  public var names: [String] { didSet { table = XMLNames(seed: names) } }
  /// The same as each document's table begins with: made once a feed.
  private(set) var table: XMLNames
  /// False leaves the entries out: header and sections only.
  public var entriesWanted: Bool

  public init(format: SourceFormat, charset: String? = nil, limits: DecodeLimits = DecodeLimits(), names: [String] = [], entriesWanted: Bool = true) {
    self.format = format
    self.charset = charset
    self.limits = limits
    self.names = names
    table = XMLNames(seed: names)
    self.entriesWanted = entriesWanted
  }
}
