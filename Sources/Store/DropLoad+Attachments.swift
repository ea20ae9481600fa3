public import Core
import GRDB

/// A file that a message carried, as the ledger knows it. Its bytes lie sealed under its id.
public struct AttachmentEntry: Sendable, Equatable {
  /// Thirty-two hexadecimal digits.
  public var id: String
  /// Zero-based.
  public var messageOrdinal: Int
  /// `OBX-5` or `h:nonXMLBody/h:text`.
  public var path: String
  public var occurrence: Int
  /// As declared by the sender, and what the first bytes say; empty where nothing is known.
  public var mediaType: String
  public var sniffedType: String
  public var byteCount: Int
  /// False where its encoding was broken.
  public var isWhole: Bool
  /// Only a pointer was sent: there are no bytes.
  public var isReference: Bool
}

extension DropLoad {
  /// The id under which the bytes of an attachment are sealed: the same in every load of the drop.
  public func attachmentID(_ head: AttachmentHead) throws(StoreError) -> [UInt8] {
    do { return try store.codec.attachmentID(drop: drop.id, head) } catch { throw .translated(error) }
  }

  /// Notes an attachment whose bytes are sealed. It stays in the ledger if its message is loaded.
  public func attachment(_ head: AttachmentHead, _ tail: AttachmentTail) throws(StoreError) {
    let id = Hex.text(try attachmentID(head))
    try step { db in
      try db.cachedStatement(
        sql: """
          INSERT INTO attachment(id, drop_, ordinal, number, path, occurrence, media_type, sniffed_type, compression, bytes, is_whole, is_reference)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """
      ).execute(arguments: [
        id, self.drop.id, head.message, head.number, head.position.path, head.position.occurrence, head.mediaType, tail.sniffedType, head.compression,
        tail.byteCount, tail.isWhole, head.encoding == .reference,
      ])
    }
  }

  /// What belongs to a message that brought nothing new, or was not loaded, is dropped: its bytes stay in the sealed drop.
  static func forgetUnused(_ drop: String, _ db: Database) throws {
    try db.execute(
      sql: """
        DELETE FROM attachment WHERE drop_ = ? AND ordinal NOT IN
        (SELECT ordinal FROM message WHERE drop_ = ? AND disposition IN ('loaded', 'unchanged', 'superseded'))
        """, arguments: [drop, drop])
  }
}

extension SiteStore {
  /// The ids of all attachments that the ledger names.
  public func attachmentIDs() throws(StoreError) -> Set<String> {
    try reach { db in Set(try String.fetchAll(db, sql: "SELECT id FROM attachment")) }
  }

  /// The attachments of a drop, by message and in their order there.
  public func attachments(drop: String) throws(StoreError) -> [AttachmentEntry] {
    try reach { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT id, ordinal, path, occurrence, media_type, sniffed_type, bytes, is_whole, is_reference FROM attachment
          WHERE drop_ = ? ORDER BY ordinal, number
          """, arguments: [drop]
      ).map { row in
        AttachmentEntry(
          id: row[0], messageOrdinal: row[1], path: row[2], occurrence: row[3], mediaType: row[4], sniffedType: row[5], byteCount: row[6], isWhole: row[7],
          isReference: row[8])
      }
    }
  }
}
