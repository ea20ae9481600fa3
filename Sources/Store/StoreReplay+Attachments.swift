public import Core

/// The files of messages that a replay loads for the first time. What a message had stays as it is: it was sealed from the same bytes.
extension StoreReplay: AttachmentLedger {
  /// True for a file that the ledger does not know yet, of a message that has a fate of its own; never in a dry run.
  public func takes(_ head: AttachmentHead) throws(StoreError) -> Bool {
    guard let load, !isDry else { return false }
    let id = Hex.text(try attachmentID(head))
    return try store.reach { db in
      try db.first(
        """
        SELECT 1 FROM message WHERE drop_ = ? AND ordinal = ? AND disposition <> 'duplicate' AND held_for_delivery = 0
          AND NOT EXISTS(SELECT 1 FROM attachment WHERE id = ?)
        """, [load.drop.id, head.message, id]) != nil
    }
  }

  public func attachmentID(_ head: AttachmentHead) throws(StoreError) -> [UInt8] {
    guard let load else { throw .loadIsOver }
    return try load.attachmentID(head)
  }

  /// Remembers it until its message has been replaced.
  public func attachment(_ head: AttachmentHead, _ tail: AttachmentTail) throws(StoreError) { files.append((head, tail)) }

  /// Notes the files of a message that says something now.
  func noteFiles(of message: MappedMessage, _ load: DropLoad, _ db: any SQLConnection) throws {
    for (head, tail) in files where head.message == message.ordinal { try load.note(head, tail, db) }
  }
}
