internal import Glibc
internal import Trust

/// What is wrong with the file that holds a private key.
public enum IdentityFault: Error, Equatable, Sendable {
  /// With the errno.
  case missing(Int32)
  /// With the rule that it breaks.
  case exposed(String)
  case noCredentials
  case noAgent
}

/// Looks at what proves who we are, before anything is sent. The key itself is never read: OpenSSH does that.
public enum SSHIdentity {
  /// - Throws: what keeps the key from being used.
  public static func check(_ partner: SFTPPartner) throws(IdentityFault) {
    switch partner.identity {
    case .file(let path): try checkFile(path)
    case .credential(let name):
      guard let path = SSHFiles.credentialPath(name) else { throw .noCredentials }
      try checkFile(path)
    case .agent: guard getenv("SSH_AUTH_SOCK") != nil else { throw .noAgent }
    }
  }

  /// A regular file of one name, owned by us or by root, that nobody else may read.
  public static func checkFile(_ path: String) throws(IdentityFault) {
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ELOOP { throw .exposed("is a symbolic link") }
      throw .missing(errno)
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .missing(errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .exposed("is no regular file") }
    guard status.st_uid == geteuid() || status.st_uid == 0 else { throw .exposed("belongs to another account") }
    guard status.st_mode & 0o077 == 0 else { throw .exposed("may be read by others") }
    guard status.st_nlink == 1 else { throw .exposed("has a second name") }
    guard status.st_size <= 1 << 16 else { throw .exposed("is longer than any key") }
  }

  /// Changes when the key file is another one: what, without its contents, tells two apart.
  static func mark(_ partner: SFTPPartner) -> String {
    let path: String? = switch partner.identity {
    case .file(let path): path
    case .credential(let name): SSHFiles.credentialPath(name)
    case .agent: nil
    }
    return [path, partner.certificate].map { place in
      var status = stat()
      guard let place, stat(place, &status) == 0 else { return "-" }
      return "\(status.st_ino) \(status.st_size) \(status.st_mtim.tv_sec)"
    }.joined(separator: "\n")
  }

  /// Asks ssh-keygen how long a certificate holds.
  ///
  /// - Throws: EXC-405 where it does not hold now, or cannot be read.
  static func checkCertificate(of partner: SFTPPartner) throws(ExchangeError) {
    guard let path = partner.certificate else { return }
    guard let validity = validity(of: path) else { throw .certificateUnreadable(partner.name) }
    guard holds(validity, at: now()) else { throw .certificateOver(partner.name, validity) }
  }

  /// The words behind `Valid:`, in UTC: `forever`, `from A to B`, `before B` or `after A`.
  static func validity(of path: String) -> String? {
    let request = ChildProcess.Request(path: "/usr/bin/ssh-keygen", arguments: ["-L", "-f", path], environment: ["TZ": "UTC", "LC_ALL": "C"], keepsErrors: false)
    guard let child = try? ChildProcess(request) else { return nil }
    var text: [UInt8] = [], part = [UInt8](repeating: 0, count: 4_096)
    while text.count < 1 << 16, case let count = read(child.output, &part, part.count), count > 0 { text += part[..<count] }
    guard child.wait() == .exited(0) else { return nil }
    let line = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline).first { $0.contains("Valid: ") }
    return line.map { String($0.drop { $0 != "V" }.dropFirst("Valid: ".count)) }
  }

  static func holds(_ validity: String, at moment: String) -> Bool {
    let words = validity.split(separator: " ").map(String.init)
    switch (words.first, words.count) {
    case ("forever", 1): return true
    case ("from", 4): return words[1] <= moment && moment < words[3]
    case ("before", 2): return moment < words[1]
    case ("after", 2): return words[1] <= moment
    default: return false
    }
  }

  /// This moment as ssh-keygen writes it, in UTC.
  private static func now() -> String {
    var seconds = time(nil), parts = tm()
    gmtime_r(&seconds, &parts)
    let numbers = [parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec].map { ($0 < 10 ? "0" : "") + String($0) }
    return "\(parts.tm_year + 1900)-\(numbers[0])-\(numbers[1])T\(numbers[2]):\(numbers[3]):\(numbers[4])"
  }
}
