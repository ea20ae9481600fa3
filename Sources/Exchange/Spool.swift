internal import Core
internal import Glibc
public import Trust

/// The sealed drops of a site: `<first two digits>/<drop id>.sealed` under `var/spool`.
public struct Spool: Sendable {
  /// The folder, `var/spool`.
  public let folder: String
  /// Bound into every sealed file.
  public let site: PlainName

  /// Makes the folder when it is missing.
  public init(folder: String, site: PlainName) throws(TrustError) {
    self.folder = folder
    self.site = site
    try DurableFile.makeDirectory(folder, mode: 0o700)
  }

  /// Where a drop lies, whether it is there or not.
  public func path(of drop: ObjectID) -> String { shard(of: drop) + "/" + drop.hex + ".sealed" }

  private func shard(of drop: ObjectID) -> String { folder + "/" + String(drop.hex.prefix(2)) }

  func identity(of drop: ObjectID) -> SealedFileIdentity { SealedFileIdentity(purpose: .spool, site: site, object: drop) }

  /// A new drop under a temporary name. The caller writes, finishes and commits it.
  func begin(_ drop: ObjectID, to recipient: AgreementPublicKey) throws(TrustError) -> (file: PendingFile, writer: SealedFileWriter) {
    try DurableFile.makeDirectory(shard(of: drop), mode: 0o700)
    // The run that made the shard may have been killed before its name was durable.
    try DurableFile.syncDirectory(folder)
    let pending = try PendingFile(for: path(of: drop), mode: 0o600)
    return (pending, try SealedFileWriter(pending.file, identity: identity(of: drop), wrap: .recipient(recipient)))
  }

  /// A drop opened with the spool's private key: verify it whole, then read it.
  public func reader(of drop: ObjectID, key: SecretKey) throws(TrustError) -> SealedFileReader {
    try SealedFileReader(try .reading(path(of: drop)), expecting: identity(of: drop), unwrap: .recipient(key))
  }

  /// Removes what a kill left: temporary files, and sealed files that no record names. Only under the journal's lock.
  func removeOrphans(known: Set<ObjectID>) throws(TrustError) -> Int {
    var removed = try DurableFile.removeStaleTemporaries(in: folder)
    for shard in try DurableFile.names(in: folder) where shard.utf8.count == 2 {
      let place = folder + "/" + shard
      removed += try DurableFile.removeStaleTemporaries(in: place)
      for name in try DurableFile.names(in: place) where name.hasSuffix(".sealed") {
        guard let id = ObjectID(hex: String(name.dropLast(7))), !known.contains(id) else { continue }
        try DurableFile.remove(place + "/" + name)
        removed += 1
      }
    }
    return removed
  }
}
