internal import COpenSSL
internal import Glibc

/// Thirty-two secret bytes in memory of their own: locked into RAM where the limit allows, left out of core dumps, zeroed at the end.
///
/// It prints nothing, compares nothing and is never copied: pass the reference.
@safe
public final class SecretKey: @unchecked Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The length of every key here, in bytes.
  public static let byteCount = 32
  private static let pageBytes = 4096
  private let page: UnsafeMutableRawPointer

  private init() {
    unsafe page = UnsafeMutableRawPointer.allocate(byteCount: Self.pageBytes, alignment: Self.pageBytes)
    unsafe memset(page, 0, Self.pageBytes)
    _ = unsafe mlock(page, Self.pageBytes)
    _ = unsafe madvise(page, Self.pageBytes, MADV_DONTDUMP)
  }

  deinit {
    unsafe OPENSSL_cleanse(page, Self.pageBytes)
    _ = unsafe munlock(page, Self.pageBytes)
    unsafe page.deallocate()
  }

  /// Takes over the bytes and wipes the array that held them. Nil unless there are exactly 32.
  public convenience init?(taking bytes: inout [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.init()
    unsafe bytes.withUnsafeBytes { source in unsafe page.copyMemory(from: source.baseAddress!, byteCount: Self.byteCount) }
    Wipe.clear(&bytes)
  }

  /// A new random key.
  public static func random() throws(TrustError) -> SecretKey {
    let key = SecretKey()
    guard unsafe RAND_priv_bytes(key.page.assumingMemoryBound(to: UInt8.self), Int32(byteCount)) == 1 else { throw .library("RAND_priv_bytes") }
    return key
  }

  /// A key of its own for one use, HMAC-SHA-256(this key, label): the same label always gives the same key.
  public func derived(for label: StaticString) throws(TrustError) -> SecretKey {
    var bytes = try Keyed.hmac(self, Array("compline/v1/derive/".utf8) + Array(label.description.utf8))
    guard let key = SecretKey(taking: &bytes) else { throw .library("HMAC") }
    return key
  }

  func withBytes<Result, Failure: Error>(_ body: (UnsafePointer<UInt8>) throws(Failure) -> Result) throws(Failure) -> Result {
    try unsafe body(UnsafePointer(page.assumingMemoryBound(to: UInt8.self)))
  }

  /// The bytes in an array that the caller wipes with `Wipe.clear`.
  func exposed() -> [UInt8] {
    unsafe Array(UnsafeRawBufferPointer(start: page, count: Self.byteCount))
  }

  public var description: String { "⟂" }
  public var debugDescription: String { "⟂" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Overwrites secret bytes in a way that the optimizer keeps.
enum Wipe {
  static func clear(_ bytes: inout [UInt8]) {
    unsafe bytes.withUnsafeMutableBytes { buffer in
      if let base = buffer.baseAddress { unsafe OPENSSL_cleanse(base, buffer.count) }
    }
    bytes.removeAll(keepingCapacity: true)
  }
}
