/// What an engine words differently; all other SQL of the store is the common subset of both:
///
/// - `ON CONFLICT`, `NULLS FIRST` where a nullable column orders, names for all subqueries, `CAST(sum(…) AS BIGINT)`.
/// - No Boolean and no floating-point column; times are microseconds, money is cents. Numbers of rows are given by us.
struct Dialect: Sendable {
  /// Tables are defined in the words of SQLite; these words stand for others.
  let words: [(own: String, other: String)]
  /// How many tables (0 or 1) have the name that is bound.
  let countTables: String
  /// The columns of the table whose name is bound, in their order.
  let listColumns: String
  /// The text of a column of bytes, in lower-case hexadecimal digits.
  let hexadecimal: @Sendable (String) -> String
  /// True where a column of any type may hold text; else it holds the bytes of the text.
  let keepsOpenText: Bool
  /// True where a look can tell whether another connection has written since the last one.
  let seesOtherWriters: Bool
  /// The definition of a guard.
  let trigger: @Sendable (Guard) -> String

  /// A definition of tables and indexes in this engine's words.
  func definition(_ sql: String) -> String { words.reduce(sql) { $0.replacing($1.own, with: $1.other) } }
}

/// A rule over several rows that the engine itself enforces: a write that would break it is refused, and the error names it.
struct Guard: Sendable {
  var name: String
  var rule: String
  /// `BEFORE INSERT` and the like.
  var event: String
  var table: String
  /// True for a write that is refused; over `NEW` and `OLD`.
  var condition: String
}

extension Dialect {
  static let sqlite = Dialect(
    words: [], countTables: "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?",
    listColumns: "SELECT name FROM pragma_table_info(?) ORDER BY cid", hexadecimal: { "lower(hex(\($0)))" }, keepsOpenText: true, seesOtherWriters: true,
    trigger: {
      "CREATE TRIGGER \($0.name) \($0.event) ON \($0.table) WHEN \($0.condition)\nBEGIN SELECT RAISE(ABORT, '\($0.rule)'); END;\n"
    })

  /// Texts order by their bytes, as in SQLite, whatever the collation of the database.
  static let postgresql = Dialect(
    words: [
      (" STRICT, WITHOUT ROWID", ""), (" STRICT", ""), ("INTEGER", "BIGINT"), (" BLOB", " BYTEA"), (" ANY", " BYTEA"), (" TEXT", " TEXT COLLATE \"C\""),
      ("/* rowid */", "rowid BIGINT GENERATED ALWAYS AS IDENTITY,"),
    ], countTables: "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = ?",
    listColumns: "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ? ORDER BY ordinal_position",
    hexadecimal: { "encode(\($0), 'hex')" },
    keepsOpenText: false, seesOtherWriters: false,
    trigger: {
      """
      CREATE FUNCTION guard_\($0.name)() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF \($0.condition) THEN RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = '\($0.rule)', MESSAGE = '\($0.rule)'; END IF;
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER \($0.name) \($0.event) ON \($0.table) FOR EACH ROW EXECUTE FUNCTION guard_\($0.name)();

      """
    })
}
