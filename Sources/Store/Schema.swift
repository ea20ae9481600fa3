import Core

/// The ledger's tables, by schema version; the entities' tables come from the dictionary.
///
/// Each equation of the concept is a constraint here: a wrong sum refuses the transaction that would store it.
enum Schema {
  static let version = 7

  /// Brings an empty or half-made store to this version, in one transaction; one that has it stays as it is.
  static func migrate(_ db: any SQLConnection, tables: [EntityTable]) throws {
    if try db.schemaVersion() == version { return }
    try db.transaction(.write) {
      let found = try db.schemaVersion()
      guard found <= version else { throw StoreError.schema(found, known: version) }
      for part in parts(after: found, tables) { try db.define(part) }
      if found == 0 { try db.define(guards.map(db.dialect.trigger).joined()) }
      if found < 5 {
        try db.define(versions)
        if found > 0 { try learnReplayed(db) }
        try db.define(tagKeys)
      }
      if found < 6 {
        try db.define(links)
        try db.define(undos)
        try db.define(identity)
        for table in tables { try indexPatients(table, db) }
      }
      if found < 7 { try db.define(deliveries) }
      if found < 7 { try db.define(arrivals) }
      try db.setSchemaVersion(version)
    }
  }

  /// A store of an earlier dictionary may not have the table, or the column, yet.
  private static func indexPatients(_ table: EntityTable, _ db: any SQLConnection) throws {
    guard let column = table.patientColumn, let index = table.patientIndex, try db.columns(of: table.name).contains(column) else { return }
    try db.define(index)
  }

  private static func parts(after found: Int, _ tables: [EntityTable]) -> [String] {
    (found < 1 ? [runs, drops, messages, tallies, rows, outflow] + tables.map(\.definition) : []) + (found < 2 ? [attachments] : [])
      + (found < 3 ? [replays] : []) + (found < 4 ? [coverage] : [])
  }

  private static let runs = """
    CREATE TABLE meta(
      one INTEGER PRIMARY KEY CHECK(one = 1), site TEXT NOT NULL, dictionary_version INTEGER NOT NULL, dictionary_digest TEXT NOT NULL,
      epoch INTEGER NOT NULL) STRICT;
    CREATE TABLE run(/* rowid */
      id TEXT PRIMARY KEY, stage TEXT NOT NULL, night TEXT NOT NULL, epoch INTEGER NOT NULL, started TEXT NOT NULL,
      ended TEXT NOT NULL DEFAULT '', exit INTEGER NOT NULL DEFAULT -1) STRICT;
    CREATE INDEX run_night ON run(night);
    CREATE TABLE mapping(
      number INTEGER PRIMARY KEY, id TEXT NOT NULL, version INTEGER NOT NULL, digest TEXT NOT NULL, UNIQUE(id, version, digest)) STRICT;
    """

  private static let drops = """
    CREATE TABLE drop_(
      id TEXT PRIMARY KEY, feed TEXT NOT NULL, night TEXT NOT NULL, control INTEGER NOT NULL, bytes INTEGER NOT NULL, resubmission INTEGER NOT NULL,
      keyed_hash BLOB NOT NULL, sha256 TEXT, state TEXT NOT NULL DEFAULT 'pending' CHECK(state IN ('pending', 'crashed', 'loaded')), run TEXT,
      declared INTEGER NOT NULL DEFAULT 0, received INTEGER NOT NULL DEFAULT 0, loaded INTEGER NOT NULL DEFAULT 0, unchanged INTEGER NOT NULL DEFAULT 0,
      superseded INTEGER NOT NULL DEFAULT 0, duplicate INTEGER NOT NULL DEFAULT 0, filtered INTEGER NOT NULL DEFAULT 0, held INTEGER NOT NULL DEFAULT 0,
      rejected INTEGER NOT NULL DEFAULT 0,
      CONSTRAINT drop_equation CHECK(received = loaded + unchanged + superseded + duplicate + filtered + held + rejected),
      CONSTRAINT drop_hashed CHECK(state <> 'loaded' OR sha256 IS NOT NULL),
      CONSTRAINT drop_once CHECK(control IN (0, 1))) STRICT;
    CREATE UNIQUE INDEX drop_bytes ON drop_(feed, sha256) WHERE control = 0;
    CREATE INDEX drop_night ON drop_(night, feed);
    CREATE TABLE duplicate_name(
      feed TEXT NOT NULL, night TEXT NOT NULL, keyed_name BLOB NOT NULL, keyed_hash BLOB NOT NULL, PRIMARY KEY(feed, keyed_name, keyed_hash)) STRICT;
    CREATE INDEX duplicate_night ON duplicate_name(night);
    CREATE TABLE look(feed TEXT NOT NULL, night TEXT NOT NULL, arriving INTEGER NOT NULL, skipped INTEGER NOT NULL, unreadable INTEGER NOT NULL,
      PRIMARY KEY(night, feed)) STRICT;
    """

  private static let messages = """
    CREATE TABLE message(
      number INTEGER PRIMARY KEY, drop_ TEXT NOT NULL REFERENCES drop_(id), ordinal INTEGER NOT NULL, byte_offset INTEGER NOT NULL,
      byte_count INTEGER NOT NULL, type TEXT NOT NULL, batch INTEGER NOT NULL,
      disposition TEXT NOT NULL CHECK(disposition IN ('loaded', 'unchanged', 'superseded', 'duplicate', 'filtered', 'held', 'rejected')),
      rule TEXT NOT NULL DEFAULT '', mac BLOB, control_mac BLOB, held_for_delivery INTEGER NOT NULL DEFAULT 0, UNIQUE(drop_, ordinal)) STRICT;
    CREATE UNIQUE INDEX message_first ON message(mac) WHERE disposition <> 'duplicate' AND held_for_delivery = 0;
    CREATE INDEX message_control ON message(control_mac) WHERE control_mac IS NOT NULL;
    CREATE TABLE batch(
      drop_ TEXT NOT NULL REFERENCES drop_(id), number INTEGER NOT NULL, unit TEXT NOT NULL, ordinal INTEGER NOT NULL, declared INTEGER,
      counted INTEGER NOT NULL, agrees INTEGER, has_trailer INTEGER NOT NULL, has_header INTEGER NOT NULL, PRIMARY KEY(drop_, number)) STRICT;
    CREATE TABLE finding(
      drop_ TEXT NOT NULL REFERENCES drop_(id), code TEXT NOT NULL, count INTEGER NOT NULL CHECK(count > 0), PRIMARY KEY(drop_, code)) STRICT;
    CREATE TABLE exception_(/* rowid */
      ref BLOB PRIMARY KEY, drop_ TEXT NOT NULL REFERENCES drop_(id), ordinal INTEGER, entity TEXT, code TEXT NOT NULL, path TEXT NOT NULL,
      occurrence INTEGER NOT NULL, repetition INTEGER NOT NULL, at_byte INTEGER NOT NULL, owner TEXT NOT NULL, night TEXT NOT NULL) STRICT;
    CREATE INDEX exception_drop ON exception_(drop_);
    CREATE INDEX exception_night ON exception_(night);
    """

  private static let attachments = """
    CREATE TABLE attachment(
      id TEXT PRIMARY KEY, drop_ TEXT NOT NULL REFERENCES drop_(id), ordinal INTEGER NOT NULL, number INTEGER NOT NULL, path TEXT NOT NULL,
      occurrence INTEGER NOT NULL, media_type TEXT NOT NULL, sniffed_type TEXT NOT NULL, compression TEXT NOT NULL, bytes INTEGER NOT NULL,
      is_whole INTEGER NOT NULL, is_reference INTEGER NOT NULL, UNIQUE(drop_, ordinal, number)) STRICT;
    """

  /// Made where it is missing, whatever the version: nothing else depends on it.
  private static let coverage = """
    CREATE TABLE IF NOT EXISTS coverage(drop_ TEXT PRIMARY KEY REFERENCES drop_(id), tally BLOB NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS code_seen(
      feed TEXT NOT NULL, code_set TEXT NOT NULL, path TEXT NOT NULL, tag TEXT NOT NULL, night TEXT NOT NULL,
      PRIMARY KEY(feed, code_set, path, tag)) STRICT, WITHOUT ROWID;
    """

  /// Under which key the tags of codes were made: its fingerprint, no secret. Made where it is missing, whatever the version.
  private static let tagKeys = "CREATE TABLE IF NOT EXISTS tag_key(one INTEGER PRIMARY KEY CHECK(one = 1), fingerprint TEXT NOT NULL) STRICT;"

  private static let tallies = """
    CREATE TABLE tally(
      drop_ TEXT NOT NULL REFERENCES drop_(id), entity TEXT NOT NULL, found INTEGER NOT NULL, mapped INTEGER NOT NULL, held INTEGER NOT NULL,
      skipped INTEGER NOT NULL, inserted INTEGER NOT NULL, updated INTEGER NOT NULL, unchanged INTEGER NOT NULL, superseded INTEGER NOT NULL,
      CONSTRAINT tally_found CHECK(found = mapped + held + skipped),
      CONSTRAINT tally_mapped CHECK(mapped = inserted + updated + unchanged + superseded), PRIMARY KEY(drop_, entity)) STRICT;
    CREATE TABLE skip(
      drop_ TEXT NOT NULL REFERENCES drop_(id), entity TEXT NOT NULL, rule TEXT NOT NULL, count INTEGER NOT NULL CHECK(count > 0),
      PRIMARY KEY(drop_, entity, rule)) STRICT;
    CREATE TABLE sum_(
      drop_ TEXT NOT NULL REFERENCES drop_(id), entity TEXT NOT NULL, field TEXT NOT NULL, cents INTEGER NOT NULL, PRIMARY KEY(drop_, entity, field)) STRICT;
    """

  private static let rows = """
    CREATE TABLE row_(
      ref BLOB PRIMARY KEY CHECK(length(ref) = 16), entity TEXT NOT NULL, key_index BLOB NOT NULL, latest_instant INTEGER NOT NULL,
      latest_rank INTEGER NOT NULL, UNIQUE(entity, key_index)) STRICT, WITHOUT ROWID;
    CREATE TABLE change_(
      night TEXT NOT NULL, entity TEXT NOT NULL, ref BLOB NOT NULL REFERENCES row_(ref), PRIMARY KEY(night, entity, ref)) STRICT, WITHOUT ROWID;
    CREATE TABLE late_(
      entity TEXT NOT NULL, ref BLOB NOT NULL REFERENCES row_(ref), after_night TEXT NOT NULL, PRIMARY KEY(entity, ref)) STRICT, WITHOUT ROWID;
    """

  private static let outflow = """
    CREATE TABLE outflow(
      consumer TEXT NOT NULL, ref BLOB NOT NULL REFERENCES row_(ref), night TEXT NOT NULL,
      verdict TEXT NOT NULL CHECK(verdict IN ('sent', 'withheld', 'suppressed')), reason TEXT NOT NULL DEFAULT '', mark BLOB,
      PRIMARY KEY(consumer, ref, night)) STRICT, WITHOUT ROWID;
    CREATE INDEX outflow_night ON outflow(consumer, night, verdict, reason);
    CREATE INDEX outflow_withheld ON outflow(consumer, ref, night) WHERE verdict = 'withheld';
    CREATE TABLE extract_(
      consumer TEXT NOT NULL, night TEXT NOT NULL, revision INTEGER NOT NULL, sha256 TEXT NOT NULL, eligible INTEGER NOT NULL, sent INTEGER NOT NULL,
      withheld INTEGER NOT NULL, suppressed INTEGER NOT NULL, sent_cents INTEGER NOT NULL, withheld_cents INTEGER NOT NULL, refusal TEXT,
      delivery TEXT NOT NULL, manifest TEXT NOT NULL, receipt_expected INTEGER NOT NULL,
      CONSTRAINT outflow_equation CHECK(eligible = sent + withheld + suppressed), PRIMARY KEY(consumer, night)) STRICT;
    CREATE INDEX extract_night ON extract_(night);
    CREATE TABLE disclosure(
      consumer TEXT NOT NULL, night TEXT NOT NULL, patient BLOB NOT NULL REFERENCES row_(ref), purpose TEXT NOT NULL, description TEXT NOT NULL,
      PRIMARY KEY(patient, night, consumer)) STRICT, WITHOUT ROWID;
    CREATE INDEX disclosure_extract ON disclosure(consumer, night);
    """
}
