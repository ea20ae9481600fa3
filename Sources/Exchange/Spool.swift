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
    // A shard that an earlier run made was made durable when the journal was opened, and this makes a new one so.
    try DurableFile.makeDirectory(shard(of: drop), mode: 0o700)
    let pending = try PendingFile(for: path(of: drop), mode: 0o600)
    return (pending, try SealedFileWriter(pending.file, identity: identity(of: drop), wrap: .recipient(recipient)))
  }

  /// A drop opened with the spool's private key: verify it whole, then read it.
  public func reader(of drop: ObjectID, key: SecretKey) throws(TrustError) -> SealedFileReader {
    try SealedFileReader(try .reading(path(of: drop)), expecting: identity(of: drop), unwrap: .recipient(key))
  }

  /// Removes the temporary files that a kill left. Only under the journal's lock.
  func removeTemporaries() throws(TrustError) -> Int {
    var removed = try DurableFile.removeStaleTemporaries(in: folder)
    for shard in try Self.shards(in: folder) { removed += try DurableFile.removeStaleTemporaries(in: shard) }
    return removed
  }

  /// Moves the sealed file that a kill left without a record into `orphans`; its source is pulled again. Only under the journal's lock.
  ///
  /// A kill leaves one. More are the mark of a journal that lost lines, so nothing is moved.
  /// - Throws: EXC-204 with their number.
  func setOrphansAside(known: Set<ObjectID>) throws -> Int {
    let orphans = try Self.sealedDrops(in: folder).filter { !known.contains($0) }
    guard let orphan = orphans.first else { return 0 }
    guard orphans.count == 1 else { throw ExchangeError.shortened(orphans.count) }
    let place = folder + "/orphans"
    try DurableFile.makeDirectory(place, mode: 0o700)
    guard rename(path(of: orphan), place + "/" + orphan.hex + ".sealed") == 0 else { throw ExchangeError.orphan(errno: errno) }
    try DurableFile.syncDirectory(place)
    try DurableFile.syncDirectory(shard(of: orphan))
    return 1
  }

  /// Every drop that lies sealed in a spool's folder, recorded or not.
  static func sealedDrops(in folder: String) throws(TrustError) -> [ObjectID] {
    var drops: [ObjectID] = []
    for shard in try shards(in: folder) {
      for name in try DurableFile.names(in: shard) where name.hasSuffix(".sealed") {
        if let drop = ObjectID(hex: String(name.dropLast(7))) { drops.append(drop) }
      }
    }
    return drops
  }

  private static func shards(in folder: String) throws(TrustError) -> [String] {
    try DurableFile.names(in: folder).filter { $0.utf8.count == 2 }.map { folder + "/" + $0 }
  }
}
