internal import Core

/// Sixteen random bytes that name a drop, a run or an extract: they say nothing about what they name.
public struct ObjectID: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Sixteen bytes.
  public let bytes: [UInt8]

  /// Nil unless there are exactly sixteen bytes.
  public init?(bytes: [UInt8]) {
    guard bytes.count == 16 else { return nil }
    self.bytes = bytes
  }

  /// From 32 hexadecimal digits in lower case; nil for anything else.
  public init?(hex: String) {
    guard let bytes = Hex.bytes(hex), bytes.count == 16, Hex.text(bytes) == hex else { return nil }
    self.bytes = bytes
  }

  private init(trusted: [UInt8]) { bytes = trusted }

  /// A new one.
  public static func random() throws(TrustError) -> ObjectID { ObjectID(trusted: try RandomBytes.make(16)) }

  /// Thirty-two hexadecimal digits in lower case.
  public var hex: String { Hex.text(bytes) }
  public var description: String { hex }

  public static func < (left: Self, right: Self) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }
}

/// A name that the site's own people chose (a feed, a consumer, an account): letters, digits, dot, dash, underscore, at most 64.
///
/// Its form keeps values from messages out of audit and log: no blanks, carets, at signs or other alphabets.
public struct PlainName: Sendable, Hashable, CustomStringConvertible {
  /// At most 64 ASCII characters.
  public let text: String

  /// Nil when the text is not of that form.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard (1...64).contains(bytes.count), bytes.allSatisfy(Self.isLegal) else { return nil }
    self.text = text
  }

  private static func isLegal(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
    default: false
    }
  }

  public var description: String { text }
}
