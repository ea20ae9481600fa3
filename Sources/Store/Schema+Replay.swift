extension Schema {
  /// Which other messages said an assertion too: when the first of them no longer says it, it stays. And what each replay did.
  static let replays = """
    CREATE TABLE IF NOT EXISTS support(
      entity TEXT NOT NULL, assertion INTEGER NOT NULL, message INTEGER NOT NULL, mapping INTEGER NOT NULL REFERENCES mapping(number),
      row_path TEXT NOT NULL, occurrence INTEGER NOT NULL, fallback INTEGER NOT NULL, PRIMARY KEY(entity, assertion, message)) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS support_message ON support(message, entity);
    CREATE TABLE IF NOT EXISTS replay_(
      run TEXT NOT NULL REFERENCES run(id), drop_ TEXT NOT NULL REFERENCES drop_(id), entity TEXT NOT NULL, kept INTEGER NOT NULL, inserted INTEGER NOT NULL,
      withdrawn INTEGER NOT NULL, held INTEGER NOT NULL, PRIMARY KEY(run, drop_, entity)) STRICT, WITHOUT ROWID;
    """
}
