internal import Core
internal import Glibc
public import Trust

/// The sealed documents of a site, taken out of messages: `<first two digits>/<document id>.sealed` under `var/documents`.
///
/// A document's bytes also stand in its drop, so what lies here can always be made again.
public struct DocumentShelf: Sendable {
  /// The folder, `var/documents`.
  public let folder: String
  /// Bound into every sealed file.
  public let site: PlainName

  /// The folder is made with the first document.
  public init(folder: String, site: PlainName) {
    self.folder = folder
    self.site = site
  }

  /// Where a document lies, whether it is there or not.
  public func path(of document: ObjectID) -> String { shard(of: document) + "/" + document.hex + ".sealed" }

  private func shard(of document: ObjectID) -> String { folder + "/" + String(document.hex.prefix(2)) }

  private func identity(of document: ObjectID) -> SealedFileIdentity { SealedFileIdentity(purpose: .document, site: site, object: document) }

  /// A new document under a temporary name. The caller writes, finishes and commits it over whatever had its name.
  public func begin(_ document: ObjectID, to recipient: AgreementPublicKey) throws(TrustError) -> (file: PendingFile, writer: SealedFileWriter) {
    try DurableFile.makeDirectory(folder, mode: 0o700)
    try DurableFile.makeDirectory(shard(of: document), mode: 0o700)
    try DurableFile.syncDirectory(folder)
    let pending = try PendingFile(for: path(of: document), mode: 0o600)
    return (pending, try SealedFileWriter(pending.file, identity: identity(of: document), wrap: .recipient(recipient)))
  }

  /// A document opened with the spool's private key: verify it whole, then read it.
  public func reader(of document: ObjectID, key: SecretKey) throws(TrustError) -> SealedFileReader {
    try SealedFileReader(try .reading(path(of: document)), expecting: identity(of: document), unwrap: .recipient(key))
  }

  /// Takes away the documents that the ledger does not name, and the temporary files that a kill left. Only under the site's lock.
  ///
  /// - Returns: how many documents went.
  @discardableResult
  public func sweep(keeping known: Set<ObjectID>) throws(TrustError) -> Int {
    var removed = 0
    for shard in try DurableFile.names(in: folder) where shard.utf8.count == 2 {
      let place = folder + "/" + shard
      _ = try DurableFile.removeStaleTemporaries(in: place)
      for name in try DurableFile.names(in: place) where name.hasSuffix(".sealed") {
        guard let document = ObjectID(hex: String(name.dropLast(7))), !known.contains(document) else { continue }
        if unlink(place + "/" + name) == 0 { removed += 1 }
      }
    }
    return removed
  }
}
