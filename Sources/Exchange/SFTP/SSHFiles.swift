public import Core
internal import Glibc
internal import Trust

/// `var/ssh`: the config and the known hosts that every session runs under, made from the partners' files alone.
///
/// Both are 0600, hold no secret, and serve a person too: `sftp -F var/ssh/config PARTNER`.
public struct SSHFiles: Sendable {
  /// `var/ssh`.
  public let folder: String
  let partners: [SFTPPartner]

  /// - Throws: EXC-411 for a folder that cannot be named in a config.
  public init(folder: String, partners: [SFTPPartner]) throws(ExchangeError) {
    guard SSHText.isPath(folder) else { throw .unusablePath }
    self.folder = folder
    self.partners = partners.sorted { $0.name.text < $1.name.text }
  }

  public var configPath: String { folder + "/config" }
  public var knownHostsPath: String { folder + "/known_hosts" }

  /// Writes both where they say something else than the partners' files do on that day.
  public func write(on day: BusinessDate) throws {
    try DurableFile.makeDirectory(folder, mode: 0o700)
    try put(config(on: day), configPath)
    try put(knownHosts(on: day), knownHostsPath)
  }

  private func put(_ text: String, _ path: String) throws {
    let bytes = Array(text.utf8)
    if (try? DurableFile.read(path, maximumBytes: 1 << 20)) != bytes { try DurableFile.write(bytes, to: path, mode: 0o600) }
  }

  /// The pins that hold on that day, each under its partner's alias.
  func knownHosts(on day: BusinessDate) -> String {
    partners.flatMap { partner in partner.pins(on: day).map { "\(partner.name) \($0.type) \(Base64.text($0.key))\n" } }.joined()
  }

  func config(on day: BusinessDate) -> String {
    "# Written by compline from partners/*.yaml, and again whenever they say something else.\n" + partners.map { block($0, on: day) }.joined() + everywhere
  }

  private func block(_ partner: SFTPPartner, on day: BusinessDate) -> String {
    var lines = ["HostName \(partner.host)", "Port \(partner.port)", "User \(partner.user)", "HostKeyAlias \(partner.name)"]
    let inForce = partner.pins(on: day)
    // Without a pin in force known_hosts has none either, so that ssh refuses every key.
    lines.append("HostKeyAlgorithms \((inForce.isEmpty ? partner.pins : inForce).flatMap(\.algorithms).joined(separator: ","))")
    lines += identity(partner)
    if let certificate = partner.certificate { lines.append("CertificateFile \"\(certificate)\"") }
    lines.append(partner.jump.map { "ProxyCommand /usr/bin/ssh -F '\(configPath)' -W '[%h]:%p' \($0)" } ?? "ProxyCommand none")
    return "\nHost \(partner.name)\n" + lines.map { "  \($0)\n" }.joined()
  }

  private func identity(_ partner: SFTPPartner) -> [String] {
    switch partner.identity {
    case .file(let path): ["IdentityFile \"\(path)\"", "IdentitiesOnly yes", "IdentityAgent none"]
    case .credential(let name): ["IdentityFile \"\(Self.credentialPath(name) ?? "/nonexistent")\"", "IdentitiesOnly yes", "IdentityAgent none"]
    case .agent: ["IdentityFile none", "IdentitiesOnly no", "IdentityAgent SSH_AUTH_SOCK"]
    }
  }

  /// Nil where no credentials were given to this process, or under a path that cannot stand in a config.
  static func credentialPath(_ name: PlainName) -> String? {
    guard let folder = getenv("CREDENTIALS_DIRECTORY").map({ String(cString: $0) }), SSHText.isPath(folder) else { return nil }
    return folder + "/" + name.text
  }

  /// What holds for every connection: nothing is asked, learnt, forwarded or run.
  private var everywhere: String {
    """

    Host *
      BatchMode yes
      StrictHostKeyChecking yes
      UserKnownHostsFile "\(knownHostsPath)"
      GlobalKnownHostsFile /dev/null
      KnownHostsCommand none
      UpdateHostKeys no
      VerifyHostKeyDNS no
      CheckHostIP no
      CanonicalizeHostname no
      PreferredAuthentications publickey
      PubkeyAuthentication yes
      PasswordAuthentication no
      KbdInteractiveAuthentication no
      GSSAPIAuthentication no
      HostbasedAuthentication no
      NumberOfPasswordPrompts 0
      IdentitiesOnly yes
      IdentityAgent none
      AddKeysToAgent no
      PKCS11Provider none
      RequiredRSASize 2048
      Ciphers ^aes128-gcm@openssh.com,aes256-gcm@openssh.com
      Compression no
      ProxyCommand none
      ControlMaster no
      ControlPath none
      ForwardAgent no
      ForwardX11 no
      ClearAllForwardings yes
      Tunnel no
      PermitLocalCommand no
      RequestTTY no
      EscapeChar none
      ConnectTimeout 30
      ConnectionAttempts 1
      TCPKeepAlive yes
      ServerAliveInterval 15
      ServerAliveCountMax 4
      LogLevel ERROR

    """
  }
}
