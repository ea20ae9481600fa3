extension Schema {
  /// What people said of pairs of patients; of one pair the last one counts.
  static let identity = """
    CREATE TABLE IF NOT EXISTS identity_(
      number INTEGER PRIMARY KEY, one BLOB NOT NULL REFERENCES row_(ref), other BLOB NOT NULL REFERENCES row_(ref),
      verdict TEXT NOT NULL CHECK(verdict IN ('same', 'different')), rule TEXT NOT NULL, score INTEGER NOT NULL, agrees TEXT NOT NULL,
      person TEXT NOT NULL, reason TEXT NOT NULL, run TEXT NOT NULL REFERENCES run(id), CONSTRAINT identity_order CHECK(one < other)) STRICT;
    CREATE INDEX IF NOT EXISTS identity_pair ON identity_(one, other);
    """
}
