public import Core

extension DropLoad {
  /// Notes what the drop's messages look like. Values and patients are replaced by keyed tags; the text of a value stays only where the gate, which
  /// has seen the night's drops so far, lets it through.
  ///
  /// - Shape: a tally of which nothing was looked at is left out.
  /// - Throws: STO-501 when the index key is missing.
  public func coverage(_ tally: FeedTally, through gate: inout CodeGate) throws(StoreError) {
    guard !tally.sights.isEmpty else { return }
    try step { db in
      let tagged = try self.tagged(tally, &gate)
      try db.run("INSERT INTO coverage(drop_, tally) VALUES (?, ?)", [self.drop.id, tagged.encoded])
      try db.run(
        "INSERT INTO tag_key(one, fingerprint) VALUES (1, ?) ON CONFLICT(one) DO UPDATE SET fingerprint = excluded.fingerprint",
        [try self.store.codec.tagFingerprint()])
      let seen = "INSERT INTO code_seen(feed, code_set, path, tag, night) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
      for (item, _) in tagged.list(.unmapped) {
        try db.run(seen, [self.drop.feed, item.scope, item.path, item.value, self.drop.night.description])
      }
    }
  }

  private func tagged(_ tally: FeedTally, _ gate: inout CodeGate) throws -> FeedTally {
    var patients: [UInt64: UInt64] = [:]
    return try gate.settle(tally, value: tag(of:)) { patient in
      if let known = patients[patient] { return known }
      let tag = try self.tag(ofPatient: patient)
      patients[patient] = tag
      return tag
    }
  }

  /// The same patient of a feed has the same tag in every night.
  private func tag(ofPatient patient: UInt64) throws -> UInt64 {
    let key = RowKey.encode([Array(drop.feed.utf8), Array(String(patient).utf8)])
    return try store.codec.keyIndex(entity: "patient of code", key: key).bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The same value at the same place of a feed has the same tag in every night.
  private func tag(of item: FeedTally.Item) throws -> String {
    let key = RowKey.encode([Array(drop.feed.utf8), Array(item.path.utf8), Array(item.value.utf8)])
    return "#" + Hex.text(try store.codec.keyIndex(entity: "code of feed", key: key).bytes.prefix(8).map { $0 })
  }
}

extension RowCodec {
  /// Names the key of the tags without saying anything of it: sixteen hexadecimal digits.
  func tagFingerprint() throws -> String { Hex.text(try keyIndex(entity: "fingerprint of tags", key: []).bytes.prefix(8).map { $0 }) }
}

extension SiteStore {
  /// Under which key the codes of this store are tagged; nil where no drop was looked at yet. No keys needed.
  public func tagKey() throws(StoreError) -> String? {
    try reach { db in try db.hasTable("tag_key") ? db.value("SELECT fingerprint FROM tag_key") : nil }
  }

  /// What the messages of a night look like, by feed. No keys needed.
  public func coverage(night: BusinessDate) throws(StoreError) -> [String: FeedTally] {
    var tallies: [String: FeedTally] = [:]
    for (feed, blob) in try blobs(night) {
      var reader = ByteReader(blob)
      guard let tally = try? FeedTally(from: &reader) else { continue }
      tallies[feed, default: FeedTally()].merge(tally)
    }
    return tallies
  }

  /// The gate of a feed's codes that has seen the drops of a night which are loaded. No keys needed.
  public func codeGate(feed: String, night: BusinessDate) throws(StoreError) -> CodeGate {
    var gate = CodeGate()
    for blob in try blobs(night).filter({ $0.feed == feed }) {
      var reader = ByteReader(blob.tally)
      if let tally = try? FeedTally(from: &reader) { gate.add(tally) }
    }
    return gate
  }

  private func blobs(_ night: BusinessDate) throws(StoreError) -> [(feed: String, tally: [UInt8])] {
    try reach { db in
      try db.all(
        "SELECT d.feed, c.tally FROM coverage c JOIN drop_ d ON d.id = c.drop_ WHERE d.night = ? ORDER BY d.feed, d.sha256", [night.description]
      ).map { (feed: try $0[0] as String, tally: try $0[1] as [UInt8]) }
    }
  }

  /// The codes without a place in their set that a night was the first to bring, by feed: items of the kind `unmapped`. No keys needed.
  public func newCodes(night: BusinessDate) throws(StoreError) -> [String: Set<FeedTally.Item>] {
    try reach { db in
      try db.all("SELECT feed, code_set, path, tag FROM code_seen WHERE night = ?", [night.description]).reduce(into: [:]) {
        try $0[$1[0], default: []].insert(FeedTally.Item(.unmapped, scope: $1[1], path: $1[2], value: $1[3]))
      }
    }
  }
}
