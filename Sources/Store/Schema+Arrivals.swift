extension Schema {
  /// When each drop can have arrived at the latest, and how many files of a night a manifest lists in vain.
  static let arrivals = """
    CREATE TABLE IF NOT EXISTS arrived_(drop_ TEXT PRIMARY KEY REFERENCES drop_(id), instant INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS missing_(feed TEXT NOT NULL, night TEXT NOT NULL, files INTEGER NOT NULL, PRIMARY KEY(night, feed)) STRICT;
    """
}
