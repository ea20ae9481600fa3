/// How a file of rows is laid out: what the `layout:` of a mapping says, compiled. Decode reads the file by it, Map names its columns.
///
/// - Shape: each detail record becomes one segment `ROW`. Its fields are, in this order and whatever the order in the file: the columns,
///   what is carried from the header record, the constants, and then what the file has besides.
public struct RowLayout: Sendable, Equatable {
  /// Where a value stands in a record.
  public enum Place: Sendable, Equatable {
    /// A field between delimiters, one-based.
    case field(Int)
    /// Characters, one-based, both ends included.
    case characters(ClosedRange<Int>)
  }

  public struct Column: Sendable, Equatable {
    /// As mappings write it.
    public var name: String
    /// As the first line of the file writes it; blanks around it and the case of ASCII letters count for nothing.
    public var heading: String
    /// The file may lack it.
    public var isOptional = false
    /// Where it stands in layouts of fixed width; else nil.
    public var characters: ClosedRange<Int>?

    public init(name: String, heading: String, characters: ClosedRange<Int>? = nil) {
      self.name = name
      self.heading = heading
      self.characters = characters
    }
  }

  /// What tells header, detail and trailer records apart.
  public struct Kinds: Sendable, Equatable {
    public var place: Place
    /// Empty where the file has no header record.
    public var header: [UInt8] = []
    /// Empty: every record that is neither header nor trailer.
    public var details: [[UInt8]] = []
    /// Empty where the file has no trailer.
    public var trailer: [UInt8] = []

    public init(place: Place) { self.place = place }
  }

  /// A value of the header record that each row takes as if it were a column.
  public struct Carried: Sendable, Equatable {
    public var name: String
    public var place: Place

    public init(name: String, place: Place) {
      self.name = name
      self.place = place
    }
  }

  /// The same value in every row.
  public struct Constant: Sendable, Equatable {
    public var name: String
    public var value: [UInt8]

    public init(name: String, value: [UInt8]) {
      self.name = name
      self.value = value
    }
  }

  /// A control total that the header record or the trailer declares.
  public struct Total: Sendable, Equatable {
    public enum Subject: Sendable, Equatable {
      /// Detail records.
      case rows
      /// Header record, detail records and trailer.
      case records
      /// The same and the line of column names.
      case lines
      /// The sum of a column, by its index in `columns`, in hundredths.
      case sum(Int)
    }

    public var isInHeader: Bool
    public var place: Place
    public var subject: Subject
    /// As the layout writes the place: `trailer 2`.
    public var text: String

    public init(isInHeader: Bool, place: Place, subject: Subject, text: String) {
      self.isInHeader = isInHeader
      self.place = place
      self.subject = subject
      self.text = text
    }
  }

  /// Nil for layouts of fixed width.
  public var delimiter: UInt8?
  /// Nil where nothing is quoted.
  public var quote: UInt8?
  /// The first line (after a header record) names the columns and decides their order.
  public var hasNames = false
  /// A name that the decoder's table of character sets knows; the feed's own goes before it.
  public var charset: String?
  /// Fixed width: a record that ends early is read as if blanks followed.
  public var isPadded = false
  public var columns: [Column] = []
  public var kinds: Kinds?
  public var carried: [Carried] = []
  public var constants: [Constant] = []
  public var totals: [Total] = []

  public init() {}

  /// The segment that a row becomes, `ROW`.
  public static let segment: UInt32 = 0x524F57

  /// The names of the fields, in their order: field 1 is the first.
  public var fieldNames: [String] { columns.map(\.name) + carried.map(\.name) + constants.map(\.name) }

  /// The number of the field of a name, one-based; nil where the layout has none of that name.
  public func field(named name: String) -> Int? { fieldNames.firstIndex(of: name).map { $0 + 1 } }

  /// The file is an opened envelope until its trailer comes.
  public var hasTrailer: Bool { kinds.map { !$0.trailer.isEmpty } ?? false }
  public var hasHeader: Bool { kinds.map { !$0.header.isEmpty } ?? false }
  /// The rows stand in a unit that is counted.
  public var isCounted: Bool { hasTrailer || !totals.isEmpty }
}
