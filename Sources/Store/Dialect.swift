/// What an engine words differently; all other SQL of the store is the common subset of both:
///
/// - `INSERT … ON CONFLICT`, `NULLS FIRST` where a nullable column orders, names for all subqueries, `CAST(sum(…) AS BIGINT)`.
/// - No Boolean and no floating-point column; times are microseconds, money is cents.
struct Dialect: Sendable {
  /// Tables are defined in the words of SQLite; these words stand for others.
  private let words: [(own: String, other: String)]
  /// The number of the schema, 0 for an empty store.
  let schemaVersion: String
  let setSchemaVersion: @Sendable (Int) -> String
  /// Changes when another connection has written.
  let dataVersion: String
  /// How many tables (0 or 1) have the name that is bound.
  let countTables: String
  /// The text of a column of bytes, in lower-case hexadecimal digits.
  let hexadecimal: @Sendable (String) -> String
  /// True where a column of any type may hold text; else it holds the bytes of the text.
  let keepsOpenText: Bool

  static let sqlite = Dialect(
    words: [], schemaVersion: "PRAGMA user_version", setSchemaVersion: { "PRAGMA user_version = \($0)" }, dataVersion: "PRAGMA data_version",
    countTables: "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?", hexadecimal: { "lower(hex(\($0)))" }, keepsOpenText: true)

  /// A definition of tables and indexes in this engine's words.
  func definition(_ sql: String) -> String {
    words.reduce(sql) { $0.replacing($1.own, with: $1.other) }
  }
}
