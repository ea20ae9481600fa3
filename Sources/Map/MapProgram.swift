import Core

/// What a plan's mappings say, lowered once into flat arrays of trivial structs that name each other and their constants by number.
///
/// The evaluator runs over it: nothing in it is retained, hashed or allocated when it is read.
struct MapProgram: Sendable {
  /// A run of entries of another array.
  struct Run: Sendable {
    var first = Int32(0)
    var count = Int32(0)

    var indices: Range<Int> { Int(first)..<Int(first + count) }
    var isEmpty: Bool { count <= 0 }
  }

  /// By the plan's numbers.
  var mappings: [MappingCode] = []
  var blocks: [BlockCode] = []
  var rules: [RuleCode] = []
  /// What decides of a rule in the run of a row, by rule.
  var quickRules: [QuickRule] = []
  /// Paths of documents stand here for their text alone.
  var paths: [PathCode] = []
  var steps: [StepCode] = []
  var holds: [HoldCode] = []
  var holdValues: [HoldValue] = []
  var clears: [ClearCode] = []
  var contexts: [ContextCode] = []
  /// Names of segments that end a parent's group.
  var closers: [UInt32] = []
  var suffixes: [SuffixCode] = []
  var numbers: [NumberCode] = []
  /// What keys of referred entities are made of: -1 for the value at hand, else the entity whose nearest row it is.
  var keyParts: [Int32] = []
  /// The key fields of the blocks' entities.
  var keyFields: [Int32] = []
  /// The texts of mappings, one after the other.
  var constants: [UInt8] = []

  // For findings, which are rare.
  /// As written, by path.
  var pathTexts: [String] = []
  /// The first path, by rule.
  var reports: [String] = []
  /// The `each:` path, by block.
  var eachTexts: [String] = []

  /// As many as the widest block and entity need.
  var contextLimit = 0
  var fieldLimit = 0
}

/// One mapping: its blocks.
struct MappingCode: Sendable {
  var blocks: MapProgram.Run
  var hasSenders: Bool
}

/// One entity of a mapping.
struct BlockCode: Sendable {
  var number: Int32
  var entity: Int32
  var mapping: Int32
  var rowPath: Int32
  var fieldCount: Int32
  var isSubject = false
  var isMain = false
  var isWhole = false
  /// Its rows of one key and event time become one.
  var joinsRepeated = false
  /// Of `numbers`: what tells rows apart where keys repeat.
  var numbers = MapProgram.Run()
  /// Its rows settle whose message it is.
  var isPatient = false
  /// Some rule refers to rows of its entity by position.
  var isReferred = false
  /// The segment and its parent (0: none); with a field, each of its repetitions. All 0 in documents.
  var name: UInt32 = 0
  var parent: UInt32 = 0
  var field: Int32 = 0
  /// What a field of the segment must hold, see `PathCode`.
  var testField: Int32 = 0
  var testComponent: Int32 = 0
  var testText = MapProgram.Run()
  /// Its rows are the segments that stand in no group of the parent.
  var isOutside = false
  /// The parent is OBR: what ends its group hangs on the type of the message, see `OrderGroup`.
  var isOfOrder = false
  /// Any segment but its own ends the parent's group; else those of `closers` do.
  var endsAtOthers = false
  var closers = MapProgram.Run()
  /// The marks of all segment names that the walk must look at; see `SegmentMarks`.
  var interest: UInt64 = 0
  var eventPaths = MapProgram.Run()
  /// A constant; see `TimePicture`.
  var eventPicture = MapProgram.Run()
  var rules = MapProgram.Run()
  var holds = MapProgram.Run()
  /// Of `holds`: the rows that none of these takes are skipped.
  var whens = MapProgram.Run()
  /// Of `holdValues`, by trigger event.
  var events = MapProgram.Run()
  /// Of `holds`, whose values say what the row does.
  var status = MapProgram.Run()
  /// Of `clears`.
  var clears = MapProgram.Run()
  /// The field that says what became of a row that is cancelled; -1 where the entity has none.
  var statusField: Int32 = -1
  var contexts = MapProgram.Run()
  var keyFields = MapProgram.Run()
}

/// A segment whose place is remembered while a block walks a message: the first one, or the last one met.
struct ContextCode: Sendable {
  var name: UInt32
  var staysFirst: Bool
}

/// A path and the values there that decide of a row: for which it is held, is not skipped, or does something.
struct HoldCode: Sendable {
  var path: Int32
  var values: MapProgram.Run
}

/// A key field, and the path whose value is put behind its own where keys repeat.
struct NumberCode: Sendable {
  var field: Int32
  var path: Int32
}

/// What goes behind the value of a line: a constant, and the value at a path.
struct SuffixCode: Sendable {
  var text: MapProgram.Run
  var path: Int32
}

/// A field that a trigger event clears.
struct ClearCode: Sendable {
  var event: MapProgram.Run
  var field: Int32
}

struct HoldValue: Sendable {
  /// -1 long where a missing value is meant, -2 long where any value is, -3 long where a number below zero is.
  var text: MapProgram.Run
  var code = FindingCode.noMapping
  var action = RowAction.state
}

/// How one field is filled; see `FieldRule`.
struct RuleCode: Sendable {
  enum Source: UInt8, Sendable { case fields, nodes, nearest }
  enum Reading: UInt8, Sendable { case text, scalar, amount, identifier, typed, joined, telephone, attachment }

  var number: Int32
  var field: Int32
  /// Neither required nor with a text of its own for what is missing.
  var mayStayAbsent: Bool
  var source = Source.nodes
  var reading = Reading.text
  var isRequired: Bool
  var mayBeAbsent: Bool
  /// A part that a repetition leaves out clears nothing.
  var keepsEmpty = false
  var nullFlavor: FieldRule.NullFlavorPolicy
  /// -1 for none.
  var beside: Int32
  /// The entity that `ref` means.
  var entity: Int32 = -1
  var paths = MapProgram.Run()
  /// The assigners of an identifier; the field that holds the value type.
  var otherwise = MapProgram.Run()
  /// The feed stands in where they name no assigner.
  var orFeed = false
  /// Between joined repetitions; a constant.
  var separator = MapProgram.Run()
  var steps = MapProgram.Run()
  /// Of `suffixes`.
  var suffixes = MapProgram.Run()
  /// A constant; -1 long for none.
  var fallback = MapProgram.Run(first: 0, count: -1)
}

/// A rule of one path, read as text or scalar, or of the nearest row: its cell may be gathered into a batch. 24 bytes, so that a block's
/// rules lie in a few lines of the cache.
struct QuickRule: Sendable {
  /// `full`: it is none; see `RuleCode`. `steps`: a piece that steps still want.
  enum Kind: UInt8, Sendable { case full, piece, date, time, steps, nearest }

  var kind = Kind.full
  /// A piece of the message.
  var isCut: Bool { kind != .full && kind != .nearest }
  /// See `RuleCode`.
  var mayStayAbsent = false
  /// Blanks at its ends are cut.
  var isScalar = false
  /// It reads the first subcomponent only.
  var endsAtSubcomponent = false
  var place = PathCode.Place.none
  var context: Int32 = 0
  /// The field of the row.
  var field: Int32 = 0
  /// The piece of the segment; the entity of the nearest row.
  var piece: Int32 = 0
  var component: Int32 = 0
}

/// One field of a message; see `HL7Path`.
struct PathCode: Sendable {
  /// Where the segment stands in relation to the one that a row is made from.
  enum Place: UInt8, Sendable { case none, current, parent, remembered, leading, trailing }
  enum Selector: UInt8, Sendable { case plain, number, all, first, record, matching }

  var place = Place.none
  var selector = Selector.plain
  /// MSH-1 and MSH-2, in which nothing is cut.
  var isDelimiters = false
  /// MSH-9.2, for which EVN-1 stands in where it is empty.
  var isEvent = false
  /// It looks for the same repetition as the path in its place of the field beside.
  var isAlike = false
  /// In MSH, FHS and BHS, whose field 1 is the separator itself.
  var isHeader = false
  var form = HL7Path.IdentifierForm.extended
  /// The segment that follows the one at `place`; 0 for that one itself.
  var follows: UInt32 = 0
  /// What a field of the segment must hold; field 0 for nothing.
  var testField: Int32 = 0
  var testComponent: Int32 = 0
  var testText = MapProgram.Run()
  /// Paths of the values with which an identifier goes on.
  var parts = MapProgram.Run()
  var context: Int32 = 0
  var field: Int32 = 0
  /// Of the repetition, or of the component that must match.
  var number: Int32 = 0
  var component: Int32 = 0
  var subcomponent: Int32 = 0
  /// What the component must be; a constant.
  var text = MapProgram.Run()
}

/// One step of a rule; see `FieldRule.Transform`.
struct StepCode: Sendable {
  enum Kind: UInt8, Sendable { case trim, upper, lower, split, date, time, decimal, integer, money, code, shape, unit, sign, mark, reference, picture, except }
  enum Unmapped: UInt8, Sendable { case hold, pass, fallback }

  var kind: Kind
  var unmapped = Unmapped.hold
  /// The part, the code set or the field.
  var number: Int32 = 0
  /// A constant; the parts of a key.
  var text = MapProgram.Run()
}

/// Segment names as one bit each of 64, so that what is of no interest is passed by in one step; different names may share a bit.
enum SegmentMarks {
  static func of(_ name: UInt32) -> UInt64 { 1 << UInt64((name &* 0x9E37_79B1) >> 26) }
}
