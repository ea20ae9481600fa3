import Core

/// What the store held of the messages and rows of a slice when it began, and what the slice has said since. The load looks here and not into
/// the store, to which the slice is written while the next one is settled.
struct SliceView {
  struct RowName: Hashable {
    var entity: Int
    var keyIndex: Bytes16

    /// The index is made under a key of the entity, so that it alone tells rows apart.
    func hash(into hasher: inout Hasher) { hasher.combine(keyIndex) }
  }

  /// Statements of a row that share event time and source rank.
  struct Tie: Hashable {
    var ref: Bytes16
    var instant: Int
    var rank: Int
  }

  struct Statement {
    var instant: Int
    var rank: Int
    var mac: Bytes16
    var id: Int
    var message: Int
  }

  /// A row that the slice names.
  struct Row {
    var entity: Int
    var known: KnownRow
    /// Its place among the rows that are still to be written; -1 where it is in the store, or on its way there.
    var pending = -1
    /// The store knows nothing of it yet.
    var isNew = false
    /// Its change is noted.
    var isNoted = false
    /// Known before, and its latest statement is one of the slice.
    var isLater = false
    /// What is so of it, what the slice has said of it included; nil where nobody asked yet.
    var state: CurrentState?
    /// What the slice has said of it, in its order.
    var said: [Assertion] = []
    /// Those of the slice, and those of the store that share event time and rank with what the slice has to say.
    var statements: [Statement] = []

    func statements(at instant: Int, _ rank: Int) -> [Statement] { statements.filter { $0.instant == instant && $0.rank == rank } }
  }

  /// Macs of messages that have a fate of their own.
  var macs: Set<[UInt8]> = []
  /// By control mac the macs of messages of the slice, or of those before it, that have it: two at most, which tell that it was given again.
  var controls: [[UInt8]: [[UInt8]]] = [:]
  /// Macs of messages under whose control id the store holds other bytes.
  var reused: Set<[UInt8]> = []
  var rows: [Row] = []
  private var numbers: [RowName: Int] = [:]
  /// Where more than one statement shares a tie now, by entity.
  var crowded: [Tie: Int] = [:]

  init() {}

  init(rowCapacity: Int) {
    rows.reserveCapacity(rowCapacity)
    numbers.reserveCapacity(rowCapacity)
  }

  mutating func remember(_ mac: [UInt8], under control: [UInt8]) {
    let known = controls[control] ?? []
    if known.count < 2, !known.contains(mac) { controls[control] = known + [mac] }
  }

  func number(of name: RowName) -> Int? { numbers[name] }

  /// Adds a row that is not there; gives its number.
  @discardableResult
  mutating func add(_ name: RowName, _ known: KnownRow) -> Int {
    let number = rows.count
    numbers[name] = number
    rows.append(Row(entity: name.entity, known: known))
    rows[number].known.number = number
    return number
  }

  /// The rows that are in the store under another latest statement.
  var later: [KnownRow] { rows.compactMap { $0.isLater ? $0.known : nil } }
}

/// What a load knows of a row without reading it.
struct KnownRow {
  var ref: Bytes16
  var latestInstant: Int
  var latestRank: Int
  /// Among the rows of the slice at hand; -1 where the load looks into the store.
  var number = -1
}

/// The table that names the rows of all entities.
enum RowTable {
  static let name = "row_"
  static let columns = ["ref", "entity", "key_index", "latest_instant", "latest_rank"]
}
