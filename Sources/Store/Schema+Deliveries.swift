extension Schema {
  /// What was handed over, revision by revision, what the consumer answered, and every receipt that came.
  ///
  /// `answer` is empty until a receipt settles the delivery: then each of its rows was acknowledged or refused.
  static let deliveries = """
    CREATE TABLE IF NOT EXISTS delivery_(
      consumer TEXT NOT NULL, night TEXT NOT NULL, revision INTEGER NOT NULL, manifest TEXT NOT NULL, sha256 TEXT NOT NULL, lines INTEGER NOT NULL,
      state TEXT NOT NULL CHECK(state IN ('sending', 'delivered', 'failed')), code TEXT NOT NULL DEFAULT '', attempts INTEGER NOT NULL DEFAULT 0,
      overdue_from TEXT NOT NULL DEFAULT '', answer TEXT NOT NULL DEFAULT '' CHECK(answer IN ('', 'accepted', 'partly', 'refused')),
      acknowledged INTEGER NOT NULL DEFAULT 0, refused INTEGER NOT NULL DEFAULT 0,
      CONSTRAINT delivery_equation CHECK(CASE WHEN answer = '' THEN acknowledged = 0 AND refused = 0 ELSE acknowledged + refused = lines END),
      PRIMARY KEY(consumer, night, revision)) STRICT;
    CREATE INDEX IF NOT EXISTS delivery_open ON delivery_(consumer, night) WHERE answer = '';
    CREATE TABLE IF NOT EXISTS receipt_(
      consumer TEXT NOT NULL, id TEXT NOT NULL, night TEXT NOT NULL,
      fate TEXT NOT NULL CHECK(fate IN ('settled', 'again', 'differs', 'unknown', 'unreadable')), of_night TEXT NOT NULL DEFAULT '',
      revision INTEGER NOT NULL DEFAULT 0, acknowledged INTEGER NOT NULL DEFAULT 0, refused INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY(consumer, id)) STRICT;
    CREATE INDEX IF NOT EXISTS receipt_night ON receipt_(night);
    """
}
