import Core

/// A column that holds the fields of one class, sealed together.
struct SealedColumn {
  let kind: DataClass
  /// Indexes of the fields.
  let fields: [Int]
  /// Entity and class, as the seal is bound to them.
  let place: [UInt8]
}

/// The table of one canonical entity: open columns as text, one sealed column a protected class, a blind index a reference.
struct EntityTable {
  let entity: CanonicalEntity
  private let prefix: String
  /// Indexes of the fields that stand open.
  let openFields: [Int]
  /// Indexes of the money fields that stand open: they also have a column in cents.
  let centFields: [Int]
  let references: [Int]
  let sealed: [SealedColumn]
  /// All but `tie`, in the order in which a load fills them.
  private(set) var columns: [String] = []
  /// Everything of a row's assertions, in the order of the fold. Columns: id, instant, rank, mac, mapping, fallback, cleared, open, indexes, sealed.
  private(set) var select = ""

  /// - prefix: of the table's name; while rows pass to another version of the dictionary an entity has two tables.
  init(_ entity: CanonicalEntity, prefix: String = "a_") throws(StoreError) {
    for name in [entity.name] + entity.fields.map(\.name) where !Self.isColumnName(name) { throw .name(name) }
    self.entity = entity
    self.prefix = prefix
    openFields = entity.fields.indices.filter { !entity.fields[$0].isSealed }
    centFields = openFields.filter { if case .money = entity.fields[$0].kind { true } else { false } }
    references = entity.fields.indices.filter { if case .reference = entity.fields[$0].kind { true } else { false } }
    sealed = entity.sealedClasses.map { kind in
      SealedColumn(
        kind: kind, fields: entity.fields.indices.filter { entity.fields[$0].isSealed && entity.fields[$0].dataClass == kind },
        place: RowKey.encode([Array(entity.name.utf8), Array(kind.rawValue.utf8)]))
    }
    columns = ["id"] + Self.head + openColumns + centColumns + indexColumns + sealedColumns
    select = selection(where: "row_ref = ?")
  }

  private static func isColumnName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 60 && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
  }

  var name: String { prefix + entity.name }
  var sealedClasses: [DataClass] { sealed.map(\.kind) }
  private var openColumns: [String] { openFields.map { "f_" + entity.fields[$0].name } }
  private var centColumns: [String] { centFields.map { "c_" + entity.fields[$0].name } }
  private var indexColumns: [String] { references.map { "i_" + entity.fields[$0].name } }
  private var sealedColumns: [String] { sealedClasses.map { "sealed_" + $0.rawValue } }
  private static let head = ["row_ref", "event_instant", "source_rank", "content_mac", "message", "mapping", "row_path", "occurrence", "fallback", "cleared"]

  /// `message` is no foreign key: its row comes after those of its assertions, and each check would scan this table. Messages of a loaded drop are frozen.
  /// `f_` columns may hold bytes (references, text that is not UTF-8), so their type is open.
  var definition: String {
    let columns = openColumns.map { "\($0) ANY" } + centColumns.map { "\($0) INTEGER" } + (indexColumns + sealedColumns).map { "\($0) BLOB" }
    return """
      CREATE TABLE \(name)(
        id INTEGER PRIMARY KEY, row_ref BLOB NOT NULL REFERENCES row_(ref), event_instant INTEGER NOT NULL, source_rank INTEGER NOT NULL,
        tie INTEGER NOT NULL DEFAULT 0, content_mac BLOB NOT NULL, message INTEGER NOT NULL,
        mapping INTEGER NOT NULL REFERENCES mapping(number), row_path TEXT NOT NULL, occurrence INTEGER NOT NULL, fallback INTEGER NOT NULL,
        cleared TEXT NOT NULL, \(columns.map { $0 + ", " }.joined())UNIQUE(row_ref, event_instant, source_rank, content_mac)) STRICT;
      """
  }

  /// As `insert`, with the place in its tie that the assertion has already.
  var insertKept: String { insertion(of: ["id", "tie"] + Self.head) }

  private func insertion(of head: [String]) -> String {
    let columns = head + openColumns + centColumns + indexColumns + sealedColumns
    return "INSERT INTO \(name)(\(columns.joined(separator: ", "))) VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))"
  }

  /// As `select`, for the assertions that share event time and source rank.
  var selectTied: String { selection(where: "row_ref = ? AND event_instant = ? AND source_rank = ?") }

  /// As `select`, with where each assertion comes from: message, row path and occurrence, from `firstOrigin` on.
  var selectKept: String { selection(where: "row_ref = ?", and: ["message", "row_path", "occurrence"]) }

  /// As `selectKept`, for one assertion, with its row at the end.
  var selectSaid: String { selection(where: "id = ?", and: ["message", "row_path", "occurrence", "row_ref"]) }

  /// The columns of `select`.
  var selected: [String] {
    ["id", "event_instant", "source_rank", "content_mac", "mapping", "fallback", "cleared"] + openColumns + indexColumns + sealedColumns
  }

  private func selection(where condition: String, and more: [String] = []) -> String {
    return "SELECT \((selected + more).joined(separator: ", ")) FROM \(name) WHERE \(condition) ORDER BY event_instant, source_rank, tie"
  }

  /// The blind index of the patient that an assertion names; nil where the entity names none.
  var patientColumn: String? {
    references.first { entity.fields[$0].kind == .reference(entity: "patient") }.map { "i_" + entity.fields[$0].name }
  }

  /// What was said of one patient is found by it. It belongs to the table under its own name, not to one that rows pass into.
  var patientIndex: String? { patientColumn.map { "CREATE INDEX IF NOT EXISTS patient_of_\(entity.name) ON a_\(entity.name)(\($0));" } }

  /// As `select`, for the assertions that were known at an epoch; to bind: the entity's name, the row, the epoch.
  var selectDated: String {
    return """
      SELECT \(selected.map { "a." + $0 }.joined(separator: ", ")) FROM \(name) a JOIN message m ON m.number = a.message JOIN drop_ d ON d.id = m.drop_
        LEFT JOIN run r ON r.id = d.run LEFT JOIN since_ s ON s.entity = ? AND s.assertion = a.id
      WHERE a.row_ref = ? AND coalesce(s.epoch, r.epoch, 0) <= ?
      """
  }

  /// The place among the references of the one to the patient; nil where there is none.
  var subjectReference: Int? { references.firstIndex { entity.fields[$0].kind == .reference(entity: "patient") } }

  static let firstOpen = 7
  var firstIndex: Int { Self.firstOpen + openFields.count }
  var firstSealed: Int { firstIndex + references.count }
  var firstOrigin: Int { firstSealed + sealed.count }
}
