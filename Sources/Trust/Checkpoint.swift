/// The signed state of the log (C2SP tlog-checkpoint in a signed note): origin, size, root, one Ed25519 signature.
///
/// The signed text is the first three lines, each with its line feed; the signature line carries key id (4 bytes) and signature (64) in base64.
public struct Checkpoint: Sendable, Equatable {
  /// Names the log, like `compline/mercy`; also the name of its key.
  public let origin: String
  /// Number of entries.
  public let size: Int
  /// Thirty-two bytes.
  public let root: [UInt8]

  /// The three lines that are signed.
  public var text: [UInt8] { Array((origin + "\n" + String(size) + "\n" + Base64.text(root) + "\n").utf8) }

  /// The whole note.
  func signed(by key: SigningKey) throws(TrustError) -> [UInt8] {
    let identifier = try Self.keyIdentifier(origin, key.verifyingKey)
    let line = "\u{2014} " + origin + " " + Base64.text(identifier + (try key.sign(text))) + "\n"
    return text + [0x0A] + Array(line.utf8)
  }

  /// Reads a note and checks its signature.
  ///
  /// - Throws: TRU-410 when it is not such a note, TRU-411 when the signature is not this key's.
  public init(parsing note: [UInt8], verifiedBy key: VerifyingKey) throws(TrustError) {
    let lines = String(decoding: note, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard lines.count == 6, lines[3].isEmpty, lines[5].isEmpty, let size = Int(lines[1]), size >= 0, String(size) == lines[1],
      let root = Base64.bytes(lines[2]), root.count == 32
    else { throw .audit(410, "the checkpoint does not have the form of a signed note") }
    self.init(origin: lines[0], size: size, root: root)
    let prefix = "\u{2014} " + origin + " "
    guard lines[4].hasPrefix(prefix), let blob = Base64.bytes(String(lines[4].dropFirst(prefix.count))), blob.count == 68,
      Array(blob[0..<4]) == (try Self.keyIdentifier(origin, key)), try key.verify(Array(blob[4...]), of: text), note.starts(with: text)
    else { throw .audit(411, "the checkpoint is not signed by this key") }
  }

  init(origin: String, size: Int, root: [UInt8]) {
    self.origin = origin
    self.size = size
    self.root = root
  }

  private static func keyIdentifier(_ name: String, _ key: VerifyingKey) throws(TrustError) -> [UInt8] {
    Array(try OpenSSLHash.digest(Array(name.utf8) + [0x0A, 0x01] + key.bytes).prefix(4))
  }
}
