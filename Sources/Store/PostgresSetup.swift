/// The roles of a site on PostgreSQL: an owner that cannot log in, and one role a stage that owns nothing.
///
/// | role | may |
/// |---|---|
/// | `S_owner` | owns the tables; nobody logs in as it |
/// | `S_ingest` | read and write all tables; become the owner to bring the schema up |
/// | `S_extract` | read all; write what was sent, and that it ran |
/// | `S_reconcile` | read the ledger, not the rows; write that it ran |
/// | `S_reader` | read the ledger |
///
/// The stage pull needs no role: it never reaches the store.
public struct PostgresSetup: Sendable {
  private let place: PostgresPlace

  public init(_ place: PostgresPlace) { self.place = place }

  private var owner: String { place.owner ?? place.schema + "_owner" }
  private var jobs: [String] { ["ingest", "extract", "reconcile", "reader"].map { "\(place.schema)_\($0)" } }

  /// Both parts, with what to do when.
  public var page: String {
    """
    -- The roles and the schema of a Compline site. In site.yaml: {owner: \(owner), schema: \(place.schema)}.
    -- 1. As a superuser, once, in the site's database:
    \(roles)

    -- 2. Run, as the account of \(place.schema)_ingest: compline init SITE
    -- 3. As a superuser, after init, and again after an update brought new tables:
    \(grants)
    """
  }

  /// Before the store is made.
  public var roles: String {
    let schema = place.schema
    return """
      CREATE ROLE \(owner) NOLOGIN;
      \(jobs.map { "CREATE ROLE \($0) LOGIN NOINHERIT;\n\(limits($0))" }.joined(separator: "\n"))
      CREATE SCHEMA \(schema) AUTHORIZATION \(owner);
      REVOKE ALL ON SCHEMA public FROM PUBLIC;
      GRANT USAGE ON SCHEMA \(schema) TO \(jobs.joined(separator: ", "));
      GRANT \(owner) TO \(schema)_ingest;
      ALTER DEFAULT PRIVILEGES FOR ROLE \(owner) IN SCHEMA \(schema) GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO \(schema)_ingest;
      ALTER DEFAULT PRIVILEGES FOR ROLE \(owner) IN SCHEMA \(schema) GRANT SELECT ON TABLES TO \(schema)_extract;
      """
  }

  /// A statement that fails is not written to the server's log with its values.
  private func limits(_ role: String) -> String {
    [
      ("log_min_error_statement", "panic"), ("log_error_verbosity", "terse"), ("lock_timeout", "2s"), ("statement_timeout", "15min"),
      ("idle_in_transaction_session_timeout", "10min"),
    ].map { "ALTER ROLE \(role) SET \($0.0) = '\($0.1)';" }.joined(separator: "\n")
  }

  /// After the tables are there.
  public var grants: String {
    let schema = place.schema, ledger = Schema.ledgerTables.map { "\(schema).\($0)" }.joined(separator: ", ")
    return """
      GRANT SELECT ON \(ledger) TO \(schema)_reconcile, \(schema)_reader;
      GRANT INSERT, UPDATE ON \(schema).run TO \(schema)_reconcile, \(schema)_extract;
      GRANT UPDATE ON \(schema).meta TO \(schema)_reconcile, \(schema)_extract;
      GRANT INSERT, UPDATE, DELETE ON \(schema).outflow, \(schema).extract_, \(schema).disclosure, \(schema).delivery_, \(schema).receipt_ TO \(schema)_extract;
      """
  }
}

extension Schema {
  /// The tables that hold no value of a row.
  static let ledgerTables = [
    "meta", "migration", "run", "mapping", "drop_", "duplicate_name", "look", "message", "batch", "finding", "exception_", "tally", "skip", "sum_", "row_",
    "change_", "late_", "outflow", "extract_", "attachment", "support", "replay_", "coverage", "code_seen", "tag_key", "night_versions", "frozen_",
    "undo_", "delivery_", "receipt_", "arrived_", "missing_",
  ]
}
