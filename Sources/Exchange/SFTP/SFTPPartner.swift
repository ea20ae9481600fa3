public import Core
public import Trust

/// A partner's SFTP server, as its file in `partners/` describes it. There is no other way to open a connection.
public struct SFTPPartner: Sendable, Equatable {
  /// What proves who we are. Never a password: it could be asked for by whoever answers, and could not be kept from the program.
  public enum Identity: Sendable, Equatable {
    /// The absolute path of a private key.
    case file(String)
    /// A systemd credential: a file of that name in `$CREDENTIALS_DIRECTORY`.
    case credential(PlainName)
    /// Whatever the agent at `$SSH_AUTH_SOCK` holds.
    case agent
  }

  /// How long it may take and how often it may be tried.
  public struct Limits: Sendable, Equatable {
    /// Without a byte for so long the session is cut.
    public var stallSeconds = 60
    /// A file that takes longer, over however many sessions, is given up.
    public var totalSeconds = 3_600
    /// All that one feed or one delivery asks in one run, over however many sessions; then it is given up.
    public var sessionSeconds = 14_400
    /// Tries in a row that bring nothing, the first included.
    public var attempts = 3

    public init() {}
  }

  /// The partner's name: also its alias in the config and in known_hosts.
  public let name: PlainName
  /// A name or an address.
  public let host: String
  public let port: Int
  public let user: String
  public let identity: Identity
  /// The absolute path of an OpenSSH certificate of that key.
  public let certificate: String?
  /// The partner through whose server the way leads.
  public let jump: PlainName?
  /// One or two.
  public let pins: [HostKeyPin]
  public let limits: Limits

  /// Nil for a text that could mean something else in an OpenSSH config: see `SSHText`.
  public init?(name: PlainName, address: (host: String, port: Int, user: String), identity: Identity, certificate: String?, jump: PlainName?, pins: [HostKeyPin], limits: Limits = Limits()) {
    guard SSHText.isHost(address.host), SSHText.isUser(address.user), (1...65_535).contains(address.port), (1...2).contains(pins.count) else { return nil }
    if case .file(let path) = identity, !SSHText.isPath(path) { return nil }
    if let certificate, !SSHText.isPath(certificate) { return nil }
    (self.name, host, port, user) = (name, address.host, address.port, address.user)
    (self.identity, self.certificate, self.jump, self.pins, self.limits) = (identity, certificate, jump, pins, limits)
  }

  /// The pins that hold on a day.
  public func pins(on day: BusinessDate) -> [HostKeyPin] { pins.filter { $0.since <= day && day <= $0.until } }
}

/// A host key that is expected of a partner, from one day to another, both included.
public struct HostKeyPin: Sendable, Equatable {
  /// As OpenSSH names it, like `ssh-ed25519`.
  public let type: String
  /// The public key as SSH writes it.
  public let key: [UInt8]
  public let since: BusinessDate
  public let until: BusinessDate

  static let types = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa"]

  /// From the first two words of a public key's line; nil where they are none, or of a type that is not taken.
  public init?(line: String, since: BusinessDate, until: BusinessDate) {
    let words = line.split(separator: " ")
    guard words.count >= 2, Self.types.contains(String(words[0])), let key = Base64.bytes(String(words[1])), key.count <= 4_096, since <= until else { return nil }
    var fields = SFTPFields(key)
    guard let type = try? fields.string(), type.elementsEqual(words[0].utf8), fields.left > 0 else { return nil }
    (self.type, self.key, self.since, self.until) = (String(words[0]), key, since, until)
  }

  /// As OpenSSH prints it: `SHA256:` and 43 characters.
  public var fingerprint: String { "SHA256:" + Base64.text(SHA256.digest(key)).filter { $0 != "=" } }

  /// The signatures that may be made with the key: never SHA-1.
  var algorithms: [String] { type == "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type] }
}

/// The texts that may stand in an OpenSSH config without meaning anything else there: no quotes, tokens, variables or control characters.
public enum SSHText {
  public static func isHost(_ text: String) -> Bool { isWord(text, besides: ".-:_") && text.utf8.count <= 253 }
  public static func isUser(_ text: String) -> Bool { isWord(text, besides: "._-@+") && text.utf8.count <= 64 }

  /// An absolute path of letters, digits, blanks and `/._-+@:,=`.
  public static func isPath(_ text: String) -> Bool { text.hasPrefix("/") && text.utf8.count <= 1_024 && text.utf8.allSatisfy { isLetter($0) || "/ ._-+@:,=".utf8.contains($0) } }

  private static func isWord(_ text: String, besides marks: String) -> Bool {
    !text.isEmpty && !text.hasPrefix("-") && text.utf8.allSatisfy { isLetter($0) || marks.utf8.contains($0) }
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte >= 0x80 }
}
