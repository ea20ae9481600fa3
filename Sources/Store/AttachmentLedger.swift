public import Core

/// Where the files that messages carry are noted: a load, or a replay of one.
public protocol AttachmentLedger: AnyObject {
  /// False where the bytes need not be sealed: they are already, or their message says nothing.
  func takes(_ head: AttachmentHead) throws(StoreError) -> Bool
  /// The id under which the bytes of an attachment are sealed: the same in every load of the drop.
  func attachmentID(_ head: AttachmentHead) throws(StoreError) -> [UInt8]
  /// Notes an attachment whose bytes are sealed. It stays in the ledger if its message is loaded.
  func attachment(_ head: AttachmentHead, _ tail: AttachmentTail) throws(StoreError)
}
