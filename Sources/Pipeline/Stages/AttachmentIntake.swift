import Core
import Exchange
import Store
import Trust

/// Seals the files that the messages of one drop carry, as they stream out of the worker: nothing of them is held but one chunk.
struct AttachmentIntake {
  private struct Open {
    var head: AttachmentHead
    var file: PendingFile
    var writer: SealedFileWriter
  }

  private let shelf: DocumentShelf
  private let recipient: AgreementPublicKey
  private var open: Open?
  /// One has begun and not ended, sealed or passed by.
  private var isBegun = false

  init(site: Site, recipient: AgreementPublicKey) throws {
    shelf = DocumentShelf(folder: site.folder.documents, site: try site.plainName())
    self.recipient = recipient
  }

  /// Begins one; what the ledger does not take passes by. A worker that begins a second before the first has ended can no longer be believed.
  mutating func begin(_ head: AttachmentHead, _ ledger: any AttachmentLedger) throws {
    guard !isBegun, let id = ObjectID(bytes: try ledger.attachmentID(head)) else { throw WorkerFailure() }
    isBegun = true
    guard try ledger.takes(head) else { return }
    let (file, writer) = try shelf.begin(id, to: recipient)
    open = Open(head: head, file: file, writer: writer)
  }

  func append(_ bytes: [UInt8]) throws {
    guard isBegun else { throw WorkerFailure() }
    try open?.writer.write(bytes)
  }

  /// Ends the open one: its bytes are durable before the ledger names them.
  mutating func end(_ tail: AttachmentTail, _ ledger: any AttachmentLedger) throws {
    guard isBegun else { throw WorkerFailure() }
    isBegun = false
    guard let open else { return }
    self.open = nil
    guard try open.writer.finish().byteCount == tail.byteCount else { throw WorkerFailure() }
    if open.head.encoding != .reference { try open.file.commitReplacing() }
    try ledger.attachment(open.head, tail)
  }
}
