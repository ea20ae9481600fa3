extension Schema {
  /// The versions of each night, and the bytes behind them. Made where it is missing by every run that writes, whatever the version.
  static let versions = """
    CREATE TABLE IF NOT EXISTS night_versions(
      feed TEXT NOT NULL, night TEXT NOT NULL, names TEXT NOT NULL, PRIMARY KEY(feed, night)) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS frozen_(path TEXT PRIMARY KEY, sha256 TEXT NOT NULL) STRICT, WITHOUT ROWID;
    """
}
