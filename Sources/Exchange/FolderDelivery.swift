internal import Core
internal import Glibc
public import Trust

/// One file of a delivery: its name, what its bytes must be, and how to get them.
public struct DeliveryFile {
  /// Ours, never a partner's.
  public let name: PlainName
  /// SHA-256 of the bytes to be delivered, 32 bytes.
  public let sha256: [UInt8]
  /// Length of those bytes.
  public let byteCount: Int
  let write: (_ sink: ([UInt8]) throws -> Void) throws -> Void

  /// `write` calls its sink with the bytes, in as many pieces as it likes.
  public init(name: PlainName, totals: SealedFileTotals, write: @escaping (_ sink: ([UInt8]) throws -> Void) throws -> Void) {
    self.name = name
    sha256 = totals.sha256
    byteCount = totals.byteCount
    self.write = write
  }

  /// A file whose bytes are at hand.
  public init(name: PlainName, bytes: [UInt8]) throws {
    self.name = name
    sha256 = try OpenSSLHash.digest(bytes)
    byteCount = bytes.count
    write = { sink in try sink(bytes) }
  }
}

/// Hands files over into a folder. A name that is there already is either the same bytes, and done, or an error: nothing is overwritten.
public struct FolderDelivery: Sendable {
  /// What a delivery found and did.
  public enum Outcome: Sendable, Equatable {
    case delivered
    /// Every file was there before, byte for byte.
    case alreadyDelivered
  }

  private let folder: String
  private let consumer: PlainName

  /// The folder must exist: a missing one is more likely a missing mount than a wish.
  public init(folder: String, consumer: PlainName) {
    self.folder = folder
    self.consumer = consumer
  }

  /// Delivers data, then manifest, then signature: who sees the signature may rely on the rest.
  ///
  /// Each file is written to `<name>.part`, synced, renamed, and its folder synced.
  /// - Throws: EXC-301 folder missing, EXC-302 other bytes under a name, EXC-303 bytes that are not those announced.
  public func deliver(data: [DeliveryFile], manifest: DeliveryFile, signature: DeliveryFile) throws -> Outcome {
    var status = stat()
    guard stat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw ExchangeError(
        301, "consumer \(consumer): its delivery folder is missing", hint: "Check the path and the mount; the sealed extract stays in the outbox.",
        exit: .peer)
    }
    let files = data + [manifest, signature]
    let standing = try files.map { try stands($0) }
    for (file, isThere) in zip(files, standing) {
      // A run killed between the two names of a file leaves the temporary one.
      try DurableFile.remove(folder + "/" + file.name.text + ".part")
      if !isThere { try put(file) }
    }
    return standing.allSatisfy { $0 } ? .alreadyDelivered : .delivered
  }

  private func stands(_ file: DeliveryFile) throws -> Bool {
    let path = folder + "/" + file.name.text
    guard DurableFile.exists(path) else { return false }
    let there = try OpenFile.reading(path)
    let hash = try OpenSSLHash()
    if try there.byteCount() == file.byteCount {
      while case let block = try there.read(upTo: 1 << 16), !block.isEmpty { try hash.update(block) }
      if try hash.finish() == file.sha256 { return true }
    }
    throw ExchangeError(
      302, "consumer \(consumer): \(file.name) stands in the delivery folder with other bytes",
      hint: "Nothing is overwritten. Ask who put it there, then move it away.")
  }

  private func put(_ file: DeliveryFile) throws {
    let path = folder + "/" + file.name.text, part = path + ".part"
    let descriptor = Glibc.open(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else {
      throw ExchangeError(
        304, "consumer \(consumer): cannot write into the delivery folder: \(SystemErrorName.of(errno))",
        hint: "Check the rights of the account that delivers.", exit: .peer)
    }
    let target = OpenFile(adopting: descriptor, place: part)
    // The consumer's group may read it, whatever the umask.
    _ = fchmod(descriptor, 0o640)
    let hash = try OpenSSLHash()
    do {
      try file.write { bytes in
        try hash.update(bytes)
        try target.write(bytes)
      }
      guard try hash.finish() == file.sha256 else {
        throw ExchangeError(
          303, "consumer \(consumer): \(file.name) is not what its manifest announces", hint: "Run the night again; the extract is made anew.",
          exit: .internalError)
      }
      try target.sync()
      try DurableFile.renameNoReplace(part, to: path)
    } catch {
      try? DurableFile.remove(part)
      throw error
    }
  }
}
