public import Core

/// A row that a consumer was not sent in a night, by its random name.
public struct WithheldRow: Sendable, Equatable {
  /// Like `ACCOUNT-MISSING`.
  public var reason: String
  public var entity: String
  /// Its random name, 32 hexadecimal digits.
  public var ref: String

  /// True where the consumer has a row that nobody speaks of any more.
  public var isWithdrawn: Bool { reason == OutflowCandidate.withdrawnReason }
}

extension SiteStore {
  /// The rows that were withheld from a consumer in a night, by reason, then entity; at most `limit`. No keys needed.
  public func withheldRows(consumer: String, night: BusinessDate, limit: Int) throws(StoreError) -> [WithheldRow] {
    try reach { db in
      try db.all(
        """
        SELECT o.reason, r.entity, o.ref FROM outflow o JOIN row_ r ON r.ref = o.ref
        WHERE o.consumer = ? AND o.night = ? AND o.verdict = 'withheld' ORDER BY o.reason, r.entity, o.ref LIMIT ?
        """, [consumer, night.description, limit]
      ).map { try WithheldRow(reason: $0[0], entity: $0[1], ref: Hex.text($0[2] as [UInt8])) }
    }
  }

  /// The nights in which a pull looked at each feed, ascending; feeds at which none did are missing.
  public func lookNights() throws(StoreError) -> [String: [BusinessDate]] {
    try nights("SELECT DISTINCT feed, night FROM look ORDER BY feed, night")
  }

  /// The nights for which each consumer has an extract or was refused one, ascending; consumers without any are missing.
  public func extractNights() throws(StoreError) -> [String: [BusinessDate]] {
    try nights("SELECT consumer, night FROM extract_ ORDER BY consumer, night")
  }

  /// The first night in which a pull looked at any feed, and the night of each consumer's first extract. Quick whatever the number of nights.
  public func firstNights() throws(StoreError) -> (site: BusinessDate?, consumers: [String: BusinessDate]) {
    try reach { db in
      let site: String? = try db.value("SELECT night FROM look ORDER BY night LIMIT 1")
      let own = try db.all("SELECT consumer, min(night) FROM extract_ GROUP BY consumer")
      return (site.flatMap { BusinessDate($0) }, try own.reduce(into: [:]) { $0[try $1[0] as String] = BusinessDate(try $1[1] as String) })
    }
  }

  private func nights(_ question: String) throws(StoreError) -> [String: [BusinessDate]] {
    try reach { db in
      try db.all(question).reduce(into: [:]) { found, row in
        if let night = BusinessDate(try row[1] as String) { found[try row[0] as String, default: []].append(night) }
      }
    }
  }
}
