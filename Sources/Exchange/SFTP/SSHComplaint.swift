/// What OpenSSH complained of, as far as it decides what is to be done. The text itself goes no further: it holds names of hosts, users and files.
enum SSHComplaint: Equatable {
  /// Another key than the pinned one. What was offered is known where the complaint is of the partner itself and not of its jump host.
  case hostKeyChanged
  case hostKeyUnknown
  /// The server has keys, none of a pinned type.
  case hostKeyType
  case authentication
  /// No algorithm in common for keys or ciphers.
  case negotiation
  /// It let us in and has no SFTP.
  case noSFTP
  /// Nothing of these: the network, or a server that hung up.
  case none

  static func read(_ complaints: [UInt8]) -> SSHComplaint {
    let text = String(decoding: complaints, as: UTF8.self)
    return signs.first { sign in text.contains(sign.words) }?.complaint ?? .none
  }

  private static let signs: [(words: String, complaint: SSHComplaint)] = [
    ("REMOTE HOST IDENTIFICATION HAS CHANGED", .hostKeyChanged), ("host key is known for", .hostKeyUnknown), ("Host key verification failed", .hostKeyUnknown),
    ("no matching host key type found", .hostKeyType), (": Permission denied (", .authentication), ("Too many authentication failures", .authentication),
    ("Unable to negotiate with", .negotiation), ("subsystem request failed", .noSFTP),
  ]

  /// The key that the partner's server showed, as ssh says it at its first level of debugging; nil where it got no further than a jump host.
  static func offeredKey(_ complaints: [UInt8]) -> (type: String, fingerprint: String)? {
    let mark = "debug1: Server host key: "
    for line in String(decoding: complaints, as: UTF8.self).split(whereSeparator: \.isNewline) where line.hasPrefix(mark) {
      let words = line.dropFirst(mark.count).split(separator: " ")
      guard words.count == 2, words[1].hasPrefix("SHA256:"), words[1].utf8.count == 50 else { continue }
      return (String(words[0]), String(words[1]))
    }
    return nil
  }
}
