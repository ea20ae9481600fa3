public import Core

/// A file that a message carried, as the ledger knows it. Its bytes lie sealed under its id.
public struct AttachmentEntry: Sendable, Equatable {
  /// Thirty-two hexadecimal digits.
  public var id: String
  public var dropID: String
  /// Zero-based.
  public var messageOrdinal: Int
  /// `OBX-5` or `h:nonXMLBody/h:text`.
  public var path: String
  public var occurrence: Int
  /// As declared by the sender, and what the first bytes say; empty where nothing is known.
  public var mediaType: String
  public var sniffedType: String
  /// Of the bytes as they were sent, as the sender declares it; empty for none.
  public var compression: String
  public var byteCount: Int
  /// False where its encoding was broken.
  public var isWhole: Bool
  /// Only a pointer was sent: there are no bytes.
  public var isReference: Bool
}

extension DropLoad: AttachmentLedger {
  /// True: what the night does not need is dropped when it ends.
  public func takes(_ head: AttachmentHead) throws(StoreError) -> Bool { true }

  /// The id under which the bytes of an attachment are sealed: the same in every load of the drop.
  public func attachmentID(_ head: AttachmentHead) throws(StoreError) -> [UInt8] {
    do { return try store.codec.attachmentID(drop: drop.id, head) } catch { throw .translated(error) }
  }

  /// Notes an attachment whose bytes are sealed. It stays in the ledger if its message is loaded.
  public func attachment(_ head: AttachmentHead, _ tail: AttachmentTail) throws(StoreError) {
    try step { db in try self.note(head, tail, db) }
  }

  func note(_ head: AttachmentHead, _ tail: AttachmentTail, _ db: any SQLConnection) throws {
    try db.run(
      """
      INSERT INTO attachment(id, drop_, ordinal, number, path, occurrence, media_type, sniffed_type, compression, bytes, is_whole, is_reference)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(id) DO NOTHING
      """,
      [
        Hex.text(try attachmentID(head)), drop.id, head.message, head.number, head.position.path, head.position.occurrence, head.mediaType, tail.sniffedType,
        head.compression, tail.byteCount, tail.isWhole, head.encoding == .reference,
      ])
  }

  /// What belongs to a message that brought nothing new, or was not loaded, is dropped: its bytes stay in the sealed drop.
  static func forgetUnused(_ drop: String, _ db: any SQLConnection) throws {
    try db.run(
      """
      DELETE FROM attachment WHERE drop_ = ? AND ordinal NOT IN
      (SELECT ordinal FROM message WHERE drop_ = ? AND disposition IN ('loaded', 'unchanged', 'superseded'))
      """, [drop, drop])
  }
}

extension SiteStore {
  /// The ids of all attachments that the ledger names.
  public func attachmentIDs() throws(StoreError) -> Set<String> {
    try reach { db in Set(try db.list("SELECT id FROM attachment") as [String]) }
  }

  /// The attachments of a drop, by message and in their order there.
  public func attachments(drop: String) throws(StoreError) -> [AttachmentEntry] { try attachments(where: "WHERE drop_ = ?", [drop]) }

  /// Those of all drops, or of those that were loaded when a night had closed and are still.
  public func attachments(asKnownOn night: BusinessDate? = nil) throws(StoreError) -> [AttachmentEntry] {
    guard let night else { return try attachments(where: "", []) }
    let epoch = try reach { db in try self.knownEpoch(night, db) }
    return try attachments(where: "WHERE drop_ IN (SELECT d.id FROM drop_ d LEFT JOIN run r ON r.id = d.run WHERE coalesce(r.epoch, 0) <= ?)", [epoch])
  }

  private func attachments(where condition: String, _ arguments: SQLValues) throws(StoreError) -> [AttachmentEntry] {
    try reach { db in
      try db.all(
        """
        SELECT id, drop_, ordinal, path, occurrence, media_type, sniffed_type, compression, bytes, is_whole, is_reference FROM attachment
        \(condition) ORDER BY drop_, ordinal, number
        """, arguments
      ).map { row in
        try AttachmentEntry(
          id: row[0], dropID: row[1], messageOrdinal: row[2], path: row[3], occurrence: row[4], mediaType: row[5], sniffedType: row[6],
          compression: row[7], byteCount: row[8], isWhole: row[9], isReference: row[10])
      }
    }
  }
}
