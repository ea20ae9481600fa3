public import Core

extension DropLoad {
  /// Notes what the drop's messages look like. Values are replaced by keyed tags; `Sight.shown` is stored as it comes, so it holds only what may be
  /// printed.
  ///
  /// - Shape: a tally of which nothing was looked at is left out.
  /// - Throws: STO-501 when the index key is missing.
  public func coverage(_ tally: FeedTally) throws(StoreError) {
    guard !tally.sights.isEmpty else { return }
    try step { db in
      let tagged = try self.tagged(tally)
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

  private func tagged(_ tally: FeedTally) throws -> FeedTally {
    var tagged = FeedTally()
    (tagged.messages, tagged.looked) = (tally.messages, tally.looked)
    for (item, sight) in tally.sights {
      var item = item, sight = sight
      sight.patients = []
      if !item.value.isEmpty { item.value = try tag(of: item) }
      tagged.sights[item, default: .init()].merge(sight)
    }
    return tagged
  }

  /// The same value at the same place of a feed has the same tag in every night.
  private func tag(of item: FeedTally.Item) throws -> String {
    let key = RowKey.encode([Array(drop.feed.utf8), Array(item.path.utf8), Array(item.value.utf8)])
    return "#" + Hex.text(try store.codec.keyIndex(entity: "code of feed", key: key).prefix(8).map { $0 })
  }
}

extension RowCodec {
  /// Names the key of the tags without saying anything of it: sixteen hexadecimal digits.
  func tagFingerprint() throws -> String { Hex.text(try keyIndex(entity: "fingerprint of tags", key: []).prefix(8).map { $0 }) }
}

extension SiteStore {
  /// Under which key the codes of this store are tagged; nil where no drop was looked at yet. No keys needed.
  public func tagKey() throws(StoreError) -> String? {
    try reach { db in try db.hasTable("tag_key") ? db.value("SELECT fingerprint FROM tag_key") : nil }
  }

  /// What the messages of a night look like, by feed. No keys needed.
  public func coverage(night: BusinessDate) throws(StoreError) -> [String: FeedTally] {
    let blobs = try reach { db in
      try db.all(
        "SELECT d.feed, c.tally FROM coverage c JOIN drop_ d ON d.id = c.drop_ WHERE d.night = ? ORDER BY d.feed, d.sha256", [night.description]
      ).map { (feed: try $0[0] as String, tally: try $0[1] as [UInt8]) }
    }
    var tallies: [String: FeedTally] = [:]
    for (feed, blob) in blobs {
      var reader = ByteReader(blob)
      guard let tally = try? FeedTally(from: &reader) else { continue }
      tallies[feed, default: FeedTally()].merge(tally)
    }
    return tallies
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
