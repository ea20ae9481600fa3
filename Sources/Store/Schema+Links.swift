extension Schema {
  /// Which row was replaced by which, and what messages said under a key that stands for another now.
  ///
  /// `link_.keys` and `moved_.said` are sealed; `source` and `patient` are blind indexes of keys.
  static let links = """
    CREATE TABLE IF NOT EXISTS link_(
      entity TEXT NOT NULL, source BLOB NOT NULL, keys BLOB NOT NULL, since INTEGER NOT NULL, takes_all INTEGER NOT NULL,
      PRIMARY KEY(entity, source)) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS moved_(
      entity TEXT NOT NULL, assertion INTEGER NOT NULL, message INTEGER NOT NULL, patient BLOB NOT NULL, said BLOB NOT NULL,
      PRIMARY KEY(entity, assertion, message)) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS moved_patient ON moved_(patient);
    """
}
