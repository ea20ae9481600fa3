import Core

/// How one target field is filled, compiled.
struct FieldRule: Sendable {
  enum Source: Sendable {
    case fields([HL7Path], FieldReading)
    case nodes([CDAPath], NodeReading)
    /// The row of that entity that stands nearest before, by position.
    case nearest(entity: Int)

    var pathCount: Int {
      switch self {
      case .fields(let paths, _): paths.count
      case .nodes(let paths, _): paths.count
      case .nearest: 0
      }
    }
  }

  /// What is taken of an HL7 v2 path.
  enum FieldReading: Sendable {
    /// What the path names, as it stands.
    case text
    /// Its first component and subcomponent, blanks around it cut.
    case scalar
    /// The same, where the subcomponent after it must not name another currency.
    case amount
    /// Value and assigner of one repetition (CX 4, EI 2 and 3); the paths name the assigner where the repetition has none.
    /// `orFeed`: and where they have none either, the feed itself is.
    case identifier(otherwise: [HL7Path], orFeed: Bool)
    /// OBX-5 by the value type in OBX-2.
    case typed(by: HL7Path)
    /// All repetitions, with this text between them.
    case joined([UInt8])
    /// A telephone number (XTN) as one text, see `MapEvaluator.telephone`.
    case telephone
    /// The place of the attachment that was sealed from the field, `OBX-5#2`.
    case attachment
  }

  /// What is taken of a CDA path.
  enum NodeReading: Sendable {
    /// The attribute, or the text below the element with blanks collapsed.
    case text
    /// The text below the element, or of the narrative that its `reference` names.
    case narrative
    /// `@extension` @ `@root`, or `@root` alone; else, where asked, the document's id and the number of the statement.
    case identifier(orEntry: Bool)
    /// All elements, with this text between them.
    case joined([UInt8])
    /// `@value`, else `low` and `high` as `5-10`, `>=5` or `<5`, else the text; with the unit behind it or without.
    case interval(withUnit: Bool)
  }

  enum Unmapped: Sendable, Equatable {
    case hold, pass
    case fallback([UInt8])
  }

  enum Transform: Sendable {
    case trim, upper, lower
    /// Part 0 is the last one.
    case split([UInt8], part: Int)
    case date, time, decimal, integer, money
    /// From a date or time as the sender writes it to HL7's form.
    case picture([UInt8], isTime: Bool)
    case code(set: Int, Unmapped)
    case shape([UInt8])
    case sign(by: Int)
    /// A text that says that there is no value.
    case except([UInt8])
    /// Stands before a value that did not come from the chain's first path, so that it never equals one that did.
    case mark([UInt8])
    /// A term of UCUM, or what is to become of anything else; with a code set for units written in one case.
    case unit(Unmapped, set: Int?)
    /// From an identifier to the key of the entity that it names: by key field its own value (-1), or the entity whose nearest row stands there.
    case reference([Int])
  }

  enum NullFlavorPolicy: String, Sendable, CaseIterable { case absent, hold, skip }

  var field: Int
  var source: Source
  var transforms: [Transform] = []
  var isRequired = false
  /// The field whose choice among its paths decides which path is read here.
  var beside: Int?
  var fallback: [UInt8]?
  /// What is put behind the value, or stands in for it, where these paths have one: a text and the path's value.
  var suffixes: [(text: [UInt8], path: HL7Path)] = []
  /// A value that does not convert is left out with a finding; the row stays.
  var mayBeAbsent = false
  /// A part that a repetition leaves out says nothing, and clears nothing.
  var keepsEmpty = false
  var nullFlavor = NullFlavorPolicy.absent
  /// The first path, for findings.
  var report: String
  /// The line as written.
  var place: RulePlace
  /// Its number in the plan's program.
  var number = -1
}

/// Rows whose value at a path is one of these are held by name.
struct HoldRule: Sendable {
  /// Stands for any number below zero.
  static let negative = Array("(negative)".utf8)

  var path: HL7Path
  var values: [[UInt8]: FindingCode]
}

/// Rows whose value at a path is none of these are skipped.
struct WhenRule: Sendable {
  enum Path: Sendable {
    case field(HL7Path)
    case node(CDAPath)
  }

  var path: Path
  var values: [[UInt8]]
  /// A missing value is one of them.
  var allowsAbsent: Bool
  /// Any value is one of them.
  var allowsPresent = false
  /// As written, for the name of the rule.
  var text: String
}

/// Rows of resources whose value at a path is one of these are held by name.
struct NodeHold: Sendable {
  var path: CDAPath
  var values: [(value: [UInt8], code: FindingCode)]
}

/// What rows of resources do, by the values at a path.
struct NodeStatus: Sendable {
  var path: CDAPath
  var actions: [(value: [UInt8], action: RowAction)]
}

/// What rows do, by the value at a path.
struct StatusRule: Sendable {
  var path: HL7Path
  var actions: [(value: [UInt8], action: RowAction)]
}

/// One entity of a mapping, compiled.
struct Block: Sendable {
  /// What one row is made from.
  enum Walk: Sendable {
    /// Each segment of a name, under its parent (0: none); with a field, each of its repetitions.
    case segments(name: UInt32, parent: UInt32, field: Int)
    /// Each element of the header that the path selects.
    case header(CDAPath)
    /// Each element that the path selects from an entry, where the nearest section fits.
    case entries(section: CDAPath.Step?, CDAPath)
  }

  /// A segment whose last occurrence is remembered while a message is walked.
  struct Context: Sendable, Equatable {
    enum Reach: Sendable { case message, patient, leading, trailing }
    var name: UInt32
    var reach: Reach
  }

  enum Negation: String, Sendable, CaseIterable { case skip, value }
  enum EntryNullFlavor: String, Sendable, CaseIterable { case value, hold, skip }
  enum EventTime: Sendable {
    case fields([HL7Path])
    case nodes([CDAPath])
  }

  /// Its number in the plan's program.
  var number = -1
  var entity: Int
  var mapping: Int
  var rowPath: Int
  /// As written, for findings.
  var each: String
  var isSubject = false
  /// The message is about these rows: where none of those found has a key, it is held.
  var isMain = false
  /// A row states all that the block names: what has no value is cleared, not kept.
  var isWhole = false
  var walk: Walk
  /// What a field of its segment must hold.
  var eachTest: HL7Path.Test?
  var eventTime: EventTime
  /// How its text is written in a file of rows; empty for HL7's and ISO's form.
  var eventPicture: [UInt8] = []
  var rules: [FieldRule] = []
  var holds: [HoldRule] = []
  var whens: [WhenRule] = []
  /// What rows do, by trigger event (MSH-9.2).
  var events: [(value: [UInt8], action: RowAction)] = []
  /// What rows do, by the values at paths.
  var statuses: [StatusRule] = []
  /// The fields that a trigger event clears, whatever else the message says of them.
  var clears: [(event: [UInt8], fields: [Int])] = []
  /// Why rows of resources are held, by the values at a path.
  var nodeHolds: [NodeHold] = []
  /// What rows of resources do, by the values at paths.
  var nodeStatuses: [NodeStatus] = []
  /// Where the block begins.
  var place: RulePlace
  /// Segments that end the parent's group; nil: all others do.
  var closers: [UInt32]? = []
  /// Its rows are the segments that stand in no group of the parent.
  var isOutside = false
  var contexts: [Context] = []
  var negation: Negation?
  var entryNullFlavor = EntryNullFlavor.value
  /// Rows of one key and event time become one that says what they agree on.
  var joinsRepeated = false
  /// The identifier field that takes the entry's own identity where its id stands in the document already with other content; nil holds such rows.
  var repeatedField: Int?
  /// HL7 v2: the key fields behind which the value at a path of the row's own segment or its parent is put, where statements of a message share a key;
  /// the first whose values differ.
  var repeatedNumbers: [(field: Int, path: HL7Path)] = []
}

/// A mapping file, compiled.
struct Mapping: Sendable {
  enum Reads: Sendable {
    case types([String])
    /// Template roots of documents; none means any document.
    case templates([[UInt8]])
  }

  var identity: MappingIdentity
  var reads: Reads
  /// The ids of the mappings that it stands over, where it is an overlay.
  var bases: [String] = []
  var ignored: [IgnoredPath] = []
  /// The money that BTS-3 declares for a batch.
  var sums: [MoneyField] = []
  /// MSH-3.1 and MSH-4.1; empty means any sender.
  var senders: [(application: [UInt8], facility: [UInt8])] = []
  /// Mappings that must come before it because its rows refer to theirs.
  var after: [String] = []
  var blocks: [Block] = []
}
