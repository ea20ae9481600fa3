internal import COpenSSL

/// Random bytes of the cryptographic library.
public enum RandomBytes {
  /// `count` bytes that nobody can guess.
  public static func make(_ count: Int) throws(TrustError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    guard count > 0 else { return bytes }
    guard unsafe RAND_bytes(&bytes, Int32(count)) == 1 else { throw .library("RAND_bytes") }
    return bytes
  }
}

/// A pool, so that a nonce does not cost a call into the library each.
public struct RandomPool {
  private var bytes: [UInt8] = []
  private var at = 0
  private static let refillBytes = 3072

  public init() {}

  /// The next bytes; nobody gets them again.
  public mutating func take(_ count: Int) throws(TrustError) -> ArraySlice<UInt8> {
    if at + count > bytes.count {
      bytes = try RandomBytes.make(max(Self.refillBytes, count))
      at = 0
    }
    defer { at += count }
    return bytes[at..<(at + count)]
  }
}
