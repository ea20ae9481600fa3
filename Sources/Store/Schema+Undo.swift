extension Schema {
  /// What was taken back, by a replay or an undo, as it stood; since when a statement stands, where that is not since its drop was loaded; what each
  /// undo did; and which messages speak in the place of one whose bytes came first.
  static let undos = """
    CREATE TABLE IF NOT EXISTS past_(
      number INTEGER PRIMARY KEY, entity TEXT NOT NULL, row_ref BLOB NOT NULL REFERENCES row_(ref), dictionary INTEGER NOT NULL,
      event_instant INTEGER NOT NULL, source_rank INTEGER NOT NULL, content_mac BLOB NOT NULL, cleared TEXT NOT NULL, body BLOB NOT NULL,
      mapping INTEGER NOT NULL REFERENCES mapping(number), row_path TEXT NOT NULL, occurrence INTEGER NOT NULL, fallback INTEGER NOT NULL,
      drop_ TEXT NOT NULL REFERENCES drop_(id), ordinal INTEGER NOT NULL, type TEXT NOT NULL, byte_offset INTEGER NOT NULL, run TEXT NOT NULL,
      known_from INTEGER NOT NULL, known_to INTEGER NOT NULL) STRICT;
    CREATE INDEX IF NOT EXISTS past_row ON past_(row_ref);
    CREATE TABLE IF NOT EXISTS since_(entity TEXT NOT NULL, assertion INTEGER NOT NULL, epoch INTEGER NOT NULL, PRIMARY KEY(entity, assertion)) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS undo_(
      run TEXT NOT NULL REFERENCES run(id), drop_ TEXT NOT NULL REFERENCES drop_(id), undone TEXT NOT NULL, messages INTEGER NOT NULL,
      again INTEGER NOT NULL DEFAULT 0, CONSTRAINT undo_again CHECK(again IN (0, 1)), PRIMARY KEY(run, drop_)) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS undo_drop ON undo_(drop_);
    CREATE TABLE IF NOT EXISTS heir_(mac BLOB PRIMARY KEY, message INTEGER NOT NULL) STRICT;
    """

  /// True of a drop that an undo has set aside, and that nobody has asked for again.
  static func isSetAside(_ drop: String) -> String { "EXISTS (SELECT 1 FROM undo_ u WHERE u.drop_ = \(drop) AND u.again = 0)" }
}
