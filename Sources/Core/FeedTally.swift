/// What a feed's messages look like, counted: places and codes, and no other value of a message.
///
/// - Shape: one `Sight` an `Item`; tallies of several drops or nights are merged with `merge`.
/// - Values: only items of the kinds `code`, `pair`, `unmapped` and `picture` have one. Between worker and ingest it is the code as sent; in the
///   ledger and behind it a keyed tag stands in its place, and `Sight.shown` holds the text of those alone that look like codes.
public struct FeedTally: Sendable, Equatable {
  /// What is counted.
  public enum Kind: UInt8, Sendable, CaseIterable {
    /// A message type or kind of document; its path is the type.
    case type = 1
    /// A segment of a message, a section of a document.
    case part
    /// A populated place: `PID-5.1`, `h:entry/h:observation/h:value/@code`.
    case field
    /// One value of a place that holds codes.
    case code
    /// One value of a place together with that of another one: `OBX-6.1 by OBX-3.1`.
    case pair
    /// One value that a code set does not hold; the scope is the code set.
    case unmapped
    /// The form of the values of a place of dates: `99/99/9999`.
    case picture
  }

  /// What becomes of a populated place.
  public enum Fate: UInt8, Sendable, CaseIterable { case unread, read, ignored }

  /// Where something was seen.
  public struct Item: Sendable, Hashable, Comparable {
    public var kind: Kind
    /// The message type, the code of the section, or the code set.
    public var scope: String
    public var path: String
    public var value: String

    public init(_ kind: Kind, scope: String = "", path: String, value: String = "") {
      self.kind = kind
      self.scope = scope
      self.path = path
      self.value = value
    }

    public static func < (left: Self, right: Self) -> Bool {
      if left.kind != right.kind { return left.kind.rawValue < right.kind.rawValue }
      if left.scope != right.scope { return left.scope.utf8.lexicographicallyPrecedes(right.scope.utf8) }
      if left.path != right.path { return left.path.utf8.lexicographicallyPrecedes(right.path.utf8) }
      return left.value.utf8.lexicographicallyPrecedes(right.value.utf8)
    }
  }

  /// How it was seen.
  public struct Sight: Sendable, Equatable {
    /// Messages that hold it.
    public var messages = 0
    /// Times it stands there in all.
    public var occurrences = 0
    /// The most in one message.
    public var most = 0
    /// Values with anything but digits, signs and points in them.
    public var lettered = 0
    /// How many values fall into each step of `LengthSteps`; only what is above zero.
    public var lengths: [UInt8: Int] = [:]
    /// More different codes stand here than are counted.
    public var isOpen = false
    public var fate = Fate.unread
    /// Why it is ignored, as the mapping says.
    public var reason = ""
    /// The code as sent; empty where it may not be shown.
    public var shown = ""
    /// Hashes of at most three different patients between worker and ingest; in the ledger keyed tags of at most two, of items with a value alone.
    public var patients: [UInt64] = []

    public init() {}

    /// Adds what another drop or night saw of the same.
    public mutating func merge(_ other: Self) {
      messages += other.messages
      occurrences += other.occurrences
      most = max(most, other.most)
      lettered += other.lettered
      lengths.merge(other.lengths) { $0 + $1 }
      isOpen = isOpen || other.isOpen
      if other.fate.rawValue > fate.rawValue { (fate, reason) = (other.fate, other.reason) }
      if shown.isEmpty { shown = other.shown }
      for patient in other.patients { add(patient: patient) }
    }

    /// Notes a patient; three are enough to know that there are several.
    public mutating func add(patient: UInt64) {
      if patients.count < 3, !patients.contains(patient) { patients.append(patient) }
    }
  }

  /// Messages that came.
  public var messages = 0
  /// Messages that were looked at place by place.
  public var looked = 0
  public var sights: [Item: Sight] = [:]

  public init() {}

  /// Adds another tally to this one.
  public mutating func merge(_ other: Self) {
    messages += other.messages
    looked += other.looked
    for (item, sight) in other.sights { sights[item, default: Sight()].merge(sight) }
  }

  /// All items of a kind with what was seen, ascending.
  public func list(_ kind: Kind) -> [(item: Item, sight: Sight)] {
    sights.filter { $0.key.kind == kind }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}

/// Lengths of values, counted in the steps of `LengthSteps`, in place: no count allocates.
public struct LengthCounts: Sendable {
  private var counts = InlineArray<24, UInt32>(repeating: 0)

  public init() {}

  /// Counts one value of that many bytes.
  public mutating func add(_ length: Int) { counts[Int(LengthSteps.step(length))] &+= 1 }

  /// Gives each step that has values, ascending.
  public func forEach(_ body: (_ step: UInt8, _ count: Int) -> Void) {
    for step in counts.indices where counts[step] > 0 { body(UInt8(truncatingIfNeeded: step), Int(counts[step])) }
  }
}

/// The steps in which lengths are counted: one a byte up to 15, then wider.
public enum LengthSteps {
  private static let bounds = [16, 20, 24, 32, 48, 64, 128, 256]

  /// The number of the step that a length falls into, 0 to 23.
  public static func step(_ length: Int) -> UInt8 {
    if length < 16 { return UInt8(max(length, 0)) }
    var step = 15
    for bound in bounds where length >= bound { step += 1 }
    return UInt8(step)
  }

  /// The shortest length of a step.
  public static func length(_ step: UInt8) -> Int { step < 16 ? Int(step) : bounds[min(Int(step) - 16, bounds.count - 1)] }
}

/// Whether a value looks like a code: what does not is never printed.
public enum CodeShape {
  /// What no name, number of a person, date or text looks like: one or two letters or digits; up to three letters with up to four digits; a unit of UCUM
  /// (`mg/dL`, `10*3/uL`) without annotations and plain numbers; a LOINC code or an object identifier.
  ///
  /// - Letters alone from three on could be a name, digits alone from three on a number or a date: whoever moves a field moves names into codes.
  public static func isPlain(_ value: some Collection<UInt8>) -> Bool {
    if isLOINC(value) || isObjectIdentifier(value) { return true }
    guard (1...16).contains(value.count) else { return false }
    var digits = 0, letters = 0, marks = 0
    for byte in value {
      switch byte {
      case 0x30...0x39: digits += 1
      case 0x41...0x5A, 0x61...0x7A: letters += 1
      case UInt8(ascii: "/"), UInt8(ascii: "%"), UInt8(ascii: "*"), UInt8(ascii: "["), UInt8(ascii: "]"): marks += 1
      case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): break
      default: return false
      }
    }
    if value.count <= 2 { return true }
    if marks > 0 { return isUnit(Array(value)) }
    return (1...3).contains(letters) && (1...4).contains(digits)
  }

  /// A term of UCUM none of whose components is a number: days and months with slashes between them (`1/Mar/70`) may be terms.
  private static func isUnit(_ bytes: [UInt8]) -> Bool {
    let components = bytes.split { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ".") }
    return !components.contains { $0.allSatisfy { (0x30...0x39).contains($0) } } && UnitTerm.isTerm(bytes.span, 0..<bytes.count)
  }

  /// One to five digits, a dash and a check digit.
  static func isLOINC(_ value: some Collection<UInt8>) -> Bool {
    let parts = value.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    return parts.count == 2 && (1...5).contains(parts[0].count) && parts[1].count == 1 && parts.joined().allSatisfy { (0x30...0x39).contains($0) }
  }

  /// Numbers with points between them, five at least, beginning with 0, 1 or 2 (ISO/IEC 9834-1).
  static func isObjectIdentifier(_ value: some Collection<UInt8>) -> Bool {
    guard value.count <= 64, let first = value.first, (0x30...0x32).contains(first) else { return false }
    let parts = value.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count >= 5 && parts.allSatisfy { !$0.isEmpty && $0.count <= 9 && $0.allSatisfy { (0x30...0x39).contains($0) } }
  }
}
