import Synchronization

/// The data dictionary: entity, field, type, data class. Tables, sealing, lint and exports all come from this one value.
public struct CanonicalDictionary: Sendable, Equatable {
  public var version: Int
  /// In the order of the file; an entity's index here is its number in row buffers.
  public var entities: [CanonicalEntity]
  /// SHA-256 of the file's bytes, hex.
  public var digest: String
  /// The versions before this one that the library still holds, ascending: what a store may be brought up from.
  public var earlier: [CanonicalDictionary] {
    get { former.all }
    set { former = FormerDictionaries { newValue } }
  }
  private var former: FormerDictionaries

  public init(version: Int, entities: [CanonicalEntity], digest: String, earlier: [CanonicalDictionary] = []) {
    self.version = version
    self.entities = entities
    self.digest = digest
    former = FormerDictionaries { earlier }
  }

  /// Has the earlier versions read when they are first asked for: few jobs ask.
  public mutating func readEarlier(_ read: @escaping @Sendable () -> [CanonicalDictionary]) { former = FormerDictionaries(read) }

  public func index(of entity: String) -> Int? { entities.firstIndex { $0.name == entity } }
  public subscript(entity: String) -> CanonicalEntity? { entities.first { $0.name == entity } }

  /// The keys that earlier versions gave an entity, by field names: a mapping released under one of them says that one.
  public func formerKeys(of entity: String) -> [[String]] { earlier.compactMap { $0[entity]?.keyNames } }
}

/// The versions before a dictionary, read once, when somebody asks.
private final class FormerDictionaries: Sendable, Equatable {
  private let read: @Sendable () -> [CanonicalDictionary]
  private let known = Mutex<[CanonicalDictionary]?>(nil)

  init(_ read: @escaping @Sendable () -> [CanonicalDictionary]) { self.read = read }

  var all: [CanonicalDictionary] {
    known.withLock { known in
      let all = known ?? read()
      known = all
      return all
    }
  }

  static func == (one: FormerDictionaries, other: FormerDictionaries) -> Bool { one === other || one.all == other.all }
}

public struct CanonicalEntity: Sendable, Equatable {
  public var name: String
  /// The FHIR R4 resource it corresponds to.
  public var fhir: String
  /// One sentence on what a row is, for the printed dictionary; may be empty.
  public var note = ""
  public var fields: [CanonicalField]

  public init(name: String, fhir: String, fields: [CanonicalField]) {
    self.name = name
    self.fhir = fhir
    self.fields = fields
  }

  public func index(of field: String) -> Int? { fields.firstIndex { $0.name == field } }
  /// Indexes of the key fields, in the order of the dictionary.
  public var keyFields: [Int] { fields.indices.filter { fields[$0].isKey } }
  public var keyNames: [String] { keyFields.map { fields[$0].name } }
  /// The classes of this entity that have sealed fields, in a fixed order: one sealed column each.
  public var sealedClasses: [DataClass] { DataClass.allCases.filter { kind in fields.contains { $0.isSealed && $0.dataClass == kind } } }
}

public struct CanonicalField: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    case text
    /// Value @ assigner: canonical bytes are `value`, 0x1F, `assigner`.
    case identifier
    case date
    case time
    case decimal
    case integer
    /// Canonical text with two decimals, `12.30`, in the currency named by the dictionary.
    case money(currency: String)
    case code
    case boolean
    /// Canonical bytes are the key of the target, see `RowKey`.
    case reference(entity: String)
  }

  public var name: String
  public var kind: Kind
  public var dataClass: DataClass
  public var isKey: Bool
  /// The FHIR R4 element it corresponds to, for the printed dictionary.
  public var fhir: String
  /// The identifier of 45 CFR 164.514(b)(2)(i) that it falls under, A = 1 to R = 18; nil for none.
  public var hipaa: Int?
  /// What the codes are drawn from, and the unit (UCUM) of a number; nil where the dictionary says nothing.
  public var codeSystem: Origin?
  public var unit: Origin?
  /// What the name does not say; may be empty.
  public var note = ""

  /// Fixed by the dictionary, or sent with the value and kept in another field of the entity.
  public enum Origin: Sendable, Equatable {
    case named(String)
    case field(String)
  }

  public var isReference: Bool { if case .reference = kind { true } else { false } }

  /// Open are only numbers, amounts and dates of the financial and operational classes, so that sums need no key.
  /// Every text or code is sealed, whatever its class: a sender can write anything into it.
  public var isSealed: Bool {
    switch kind {
    case .date, .time, .decimal, .integer, .money, .boolean: dataClass.isSealed
    case .text, .identifier, .code, .reference: true
    }
  }

  public init(name: String, kind: Kind, dataClass: DataClass, isKey: Bool = false, fhir: String = "") {
    self.name = name
    self.kind = kind
    self.dataClass = dataClass
    self.isKey = isKey
    self.fhir = fhir
  }
}

/// What kind of data a field holds; it drives sealing, extract rules and role views.
public enum DataClass: String, Sendable, CaseIterable {
  case identifier, contact, demographic, clinical, sensitive, narrative, financial, operational

  /// The numbers and dates of the financial and operational classes may stand open; see `CanonicalField.isSealed`.
  public var isSealed: Bool {
    switch self {
    case .financial, .operational: false
    case .identifier, .contact, .demographic, .clinical, .sensitive, .narrative: true
    }
  }
}

/// The canonical encoding of a row's key: for each key field in dictionary order a 4-byte big-endian length and the bytes.
/// Blind indexes, references and the digest all use it.
public enum RowKey {
  public static func encode(_ parts: [[UInt8]]) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(parts.reduce(0) { $0 + 4 + $1.count })
    for part in parts { append(part, to: &out) }
    return out
  }

  /// Appends one more part.
  public static func append(_ part: some Collection<UInt8>, to out: inout [UInt8]) {
    append(count: part.count, to: &out)
    out += part
  }

  /// The same for sixteen bytes.
  public static func append(_ part: Bytes16, to out: inout [UInt8]) {
    append(count: 16, to: &out)
    part.append(to: &out)
  }

  private static func append(count: Int, to out: inout [UInt8]) {
    let count = UInt32(count)
    for shift in stride(from: UInt32(24), through: 0, by: -8) { out.append(UInt8(truncatingIfNeeded: count >> shift)) }
  }

  /// The parts again; nil when the bytes are not such an encoding.
  public static func parts(_ key: [UInt8]) -> [[UInt8]]? {
    var parts: [[UInt8]] = []
    var at = 0
    while at < key.count {
      guard at + 4 <= key.count else { return nil }
      let count = Int(key[at]) << 24 | Int(key[at + 1]) << 16 | Int(key[at + 2]) << 8 | Int(key[at + 3])
      guard at + 4 + count <= key.count else { return nil }
      parts.append(Array(key[(at + 4)..<(at + 4 + count)]))
      at += 4 + count
    }
    return parts
  }
}
