internal import Core
internal import Glibc

/// The tamper-evident log of a site: one line an act, a Merkle root over all of them, a signed checkpoint each run.
///
/// - Files in its folder: `entries` (canonical JSON, one a line), `leaves` (their hashes at the last checkpoint), `checkpoint`, `lock`.
/// - Order: an entry is on the medium before `append` returns, and before its line feed; what has none is no entry. Stages append; only who holds the signing key makes a checkpoint.
public struct AuditLog: Sendable {
  /// A leaf is at most this long, in bytes.
  public static let maximumEntryBytes = 4096
  private let folder: String

  /// `folder` is `var/audit`; it is made when missing.
  public init(folder: String) throws(TrustError) {
    self.folder = folder
    try DurableFile.makeDirectory(folder, mode: 0o700)
  }

  private var entriesPath: String { folder + "/entries" }
  private var leavesPath: String { folder + "/leaves" }
  /// The latest signed note; travels with each delivery.
  public var checkpointPath: String { folder + "/checkpoint" }

  /// Under the lock no other writer is at work, so every temporary file is one that a kill left.
  private func locked() throws(TrustError) -> FileLock {
    let lock = try FileLock(folder + "/lock", contention: .wait)
    try DurableFile.removeStaleTemporaries(in: folder)
    return lock
  }

  /// Adds an entry and waits until it is on the medium. What a killed writer left of its last entry is cut off first.
  ///
  /// - Throws: TRU-401 when the entry is too long, TRU-301 when it cannot be written: then do not do what it would have recorded.
  public func append(_ entry: AuditEntry) throws(TrustError) {
    let leaf = entry.leaf
    guard leaf.count <= Self.maximumEntryBytes else { throw .audit(401, "an entry is longer than \(Self.maximumEntryBytes) bytes") }
    let lock = try locked()
    defer { withExtendedLifetime(lock) {} }
    let isNew = !DurableFile.exists(entriesPath)
    let file = try OpenFile.open(entriesPath, O_RDWR | O_CREAT, mode: 0o600)
    let end = try Self.heal(file)
    try file.seek(to: end)
    try file.write(leaf)
    try file.sync()
    // The line feed comes when the bytes before it last: a loss of power may keep the end of a write without its beginning.
    try file.write([0x0A])
    try file.sync()
    if isNew { try DurableFile.syncDirectory(folder) }
  }

  /// Cuts a torn last line off and gives the length that stays.
  private static func heal(_ file: OpenFile) throws(TrustError) -> Int {
    let length = try file.byteCount()
    let start = max(0, length - 2 * maximumEntryBytes)
    try file.seek(to: start)
    let tail = try file.read(upTo: length - start)
    if tail.isEmpty || tail.last == 0x0A { return length }
    guard let feed = tail.lastIndex(of: 0x0A) ?? (start == 0 ? -1 : nil) else { throw .audit(402, "the last entry has no end and no start") }
    try file.truncate(to: start + feed + 1)
    return start + feed + 1
  }

  /// Signs the state of the log, also when nothing was added since the last checkpoint.
  ///
  /// - Throws: TRU-410 to TRU-413 when the last checkpoint is not a prefix of the entries: two histories are never both signed.
  ///   TRU-414 when there is no checkpoint: a history is not signed on its own word.
  @discardableResult
  public func signCheckpoint(_ key: SigningKey, origin: String) throws(TrustError) -> Checkpoint {
    let lock = try locked()
    defer { withExtendedLifetime(lock) {} }
    guard let old = try lastCheckpoint(key.verifyingKey) else { throw .audit(414, "there is no checkpoint that the next one could continue") }
    let leaves = try contents().leaves
    try checkPrefix(old, leaves)
    return try sign(leaves, key, origin: origin)
  }

  /// Signs the empty log of a new site, before its first entry; every later checkpoint continues this one. Done already, it changes nothing.
  ///
  /// - Throws: TRU-414 when entries stand there without a checkpoint, TRU-410 to TRU-413 when the checkpoint that is there does not hold.
  @discardableResult
  public func signFirstCheckpoint(_ key: SigningKey, origin: String) throws(TrustError) -> Checkpoint {
    let lock = try locked()
    defer { withExtendedLifetime(lock) {} }
    let leaves = try contents().leaves
    if let old = try lastCheckpoint(key.verifyingKey) {
      try checkPrefix(old, leaves)
      return old
    }
    guard leaves.isEmpty, try storedLeaves().isEmpty else { throw .audit(414, "there are entries but no checkpoint") }
    return try sign(leaves, key, origin: origin)
  }

  private func sign(_ leaves: [[UInt8]], _ key: SigningKey, origin: String) throws(TrustError) -> Checkpoint {
    guard !origin.isEmpty, origin.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "+") }) else { throw .audit(403, "the origin is not a plain name") }
    let checkpoint = Checkpoint(origin: origin, size: leaves.count, root: try MerkleTree.root(leaves[...]))
    try DurableFile.write(leaves.flatMap { $0 }, to: leavesPath, mode: 0o600)
    try DurableFile.write(try checkpoint.signed(by: key), to: checkpointPath, mode: 0o644)
    return checkpoint
  }

  /// The last signed state; nil when none was signed yet.
  public func lastCheckpoint(_ key: VerifyingKey) throws(TrustError) -> Checkpoint? {
    guard DurableFile.exists(checkpointPath) else { return nil }
    return try Checkpoint(parsing: try DurableFile.read(checkpointPath, maximumBytes: 4096), verifiedBy: key)
  }

  /// The log as it was found to be.
  public struct Verdict: Sendable, Equatable {
    /// Whole entries in the log, and those that the checkpoint covers.
    public let size: Int, checkpointedSize: Int
    /// The root over all whole entries, 32 bytes.
    public let root: [UInt8]
    /// Bytes of a last entry that a kill cut short; the next append removes them.
    public let tornBytes: Int
  }

  /// Checks every entry against the signed checkpoint.
  ///
  /// - Throws: the first bad thing, named: TRU-404 an entry that is not one, TRU-410 and TRU-411 the checkpoint, TRU-412 entries missing,
  ///   TRU-413 an entry changed (with its number, from 1, where the stored leaf hashes still match the checkpoint), TRU-414 no checkpoint at all.
  public func verify(_ key: VerifyingKey) throws(TrustError) -> Verdict {
    let (leaves, torn) = try contents()
    guard let checkpoint = try lastCheckpoint(key) else { throw .audit(414, "there is no checkpoint") }
    try checkPrefix(checkpoint, leaves)
    return Verdict(size: leaves.count, checkpointedSize: checkpoint.size, root: try MerkleTree.root(leaves[...]), tornBytes: torn)
  }

  private func checkPrefix(_ checkpoint: Checkpoint, _ leaves: [[UInt8]]) throws(TrustError) {
    guard leaves.count >= checkpoint.size else { throw .audit(412, "the checkpoint covers \(checkpoint.size) entries, the log holds \(leaves.count)") }
    guard try MerkleTree.root(leaves[..<checkpoint.size]) != checkpoint.root else { return }
    let stored = try storedLeaves()
    guard stored.count >= checkpoint.size, try MerkleTree.root(stored[..<checkpoint.size]) == checkpoint.root,
      let bad = (0..<checkpoint.size).first(where: { stored[$0] != leaves[$0] })
    else { throw .audit(413, "the first \(checkpoint.size) entries are not those that were signed") }
    throw .audit(413, "entry \(bad + 1) is not the one that was signed")
  }

  /// The proof that an entry stands under the last checkpoint.
  ///
  /// - Throws: TRU-405 when the checkpoint does not cover it.
  public func inclusionProof(_ index: Int, under checkpoint: Checkpoint) throws(TrustError) -> InclusionProof {
    let leaves = try contents().leaves
    guard (0..<checkpoint.size).contains(index), checkpoint.size <= leaves.count else { throw .audit(405, "no checkpoint covers entry \(index + 1)") }
    return InclusionProof(index: index, size: checkpoint.size, path: try MerkleTree.path(to: index, in: leaves[..<checkpoint.size]))
  }

  /// The whole entries, oldest first, as the lines that were written.
  public func entries() throws(TrustError) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    _ = try forEachLine { line in lines.append(line) }
    return lines
  }

  /// The entries that the signed checkpoint covers, oldest first, after the whole log was verified: what acts may be rested on.
  ///
  /// - Throws: as `verify`. Entries behind the checkpoint are on nobody's word yet and are left out.
  public func signedEntries(_ key: VerifyingKey) throws(TrustError) -> [[UInt8]] {
    let verdict = try verify(key)
    return Array(try entries().prefix(verdict.checkpointedSize))
  }

  private func contents() throws(TrustError) -> (leaves: [[UInt8]], torn: Int) {
    var leaves: [[UInt8]] = []
    let torn = try forEachLine { line throws(TrustError) in
      guard line.count <= Self.maximumEntryBytes, let value = try? JSONValue(parsing: line), value.canonical == line else {
        throw .audit(404, "entry \(leaves.count + 1) is not an entry")
      }
      leaves.append(try MerkleTree.leaf(line))
    }
    return (leaves, torn)
  }

  /// Calls `body` with each whole line, without its line feed; gives the length of what follows the last one.
  private func forEachLine(_ body: ([UInt8]) throws(TrustError) -> Void) throws(TrustError) -> Int {
    guard DurableFile.exists(entriesPath) else { return 0 }
    let file = try OpenFile.reading(entriesPath)
    var rest: [UInt8] = []
    while true {
      let block = try file.read(upTo: 1 << 16)
      if block.isEmpty { return rest.count }
      rest += block
      var start = 0
      while let end = rest[start...].firstIndex(of: 0x0A) {
        try body(Array(rest[start..<end]))
        start = end + 1
      }
      rest.removeFirst(start)
    }
  }

  private func storedLeaves() throws(TrustError) -> [[UInt8]] {
    guard DurableFile.exists(leavesPath) else { return [] }
    let bytes = try DurableFile.read(leavesPath, maximumBytes: 1 << 30)
    return stride(from: 0, to: bytes.count - bytes.count % 32, by: 32).map { Array(bytes[$0..<($0 + 32)]) }
  }
}
