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
