import Core
import Exchange
import Extract
import Glibc
import Map
import Trust

/// `partners/*.yaml`: one connection with a partner's server: who owns it, what it is for, what proves both sides, how it is taken back.
///
/// There is no key that turns a check off, and none for a password.
struct PartnerFile: Sendable, Equatable {
  /// The file, as errors name it.
  var file: String
  var owner: String
  var purpose: String
  /// How the partner takes our right to connect back: a text for a person.
  var revoke: String
  /// The last day of our key or of the arrangement; nil where nothing is said.
  var expires: BusinessDate?
  var connection: SFTPPartner

  var name: String { connection.name.text }

  static let keyNames = ["partner", "owner", "purpose", "host", "port", "user", "identity", "certificate", "jump", "host_keys", "limits", "revoke", "expires"]

  static func read(_ bytes: [UInt8], file: String, folder: SiteFolder) throws(ConfigurationError) -> PartnerFile {
    let root = try OutlineReader.read(bytes, file: file)
    try refuseSecrets(root)
    try root.allow(keyNames, code: "CFG-401")
    let name = try Name.required(root, "partner")
    guard let plain = PlainName(name) else { throw ConfigurationError("CFG-104", "'partner' must be lower-case letters, digits and dashes, at most 64", at: root["partner"] ?? root) }
    let host = try root.required("host", code: "CFG-402"), user = try root.required("user", code: "CFG-402")
    guard SSHText.isHost(host) else { throw ConfigurationError("CFG-403", "'host' must be a name or an address", at: root["host"] ?? root) }
    guard SSHText.isUser(user) else { throw ConfigurationError("CFG-403", "'user' must be letters, digits and ._-@+", at: root["user"] ?? root) }
    let identity = try identity(root, folder), pins = try pins(root)
    let connection = SFTPPartner(
      name: plain, address: (host, try port(root), user), identity: identity, certificate: try root["certificate"].map { (node) throws(ConfigurationError) in try path("certificate", root) },
      jump: try jump(root), pins: pins, limits: try limits(root))
    guard let connection else { throw ConfigurationError("CFG-403", "the connection cannot be written as an OpenSSH config", at: root) }
    return PartnerFile(
      file: file, owner: try root.required("owner", code: "CFG-402"), purpose: try root.required("purpose", code: "CFG-402"), revoke: try root.required("revoke", code: "CFG-402"),
      expires: try root["expires"].map { (node) throws(ConfigurationError) in try day("expires", root) }, connection: connection)
  }

  /// Nobody's secret stands in a file that many may read and that is kept with the others.
  private static func refuseSecrets(_ node: OutlineNode) throws(ConfigurationError) {
    if let text = node.text, text.contains("PRIVATE KEY") {
      throw ConfigurationError("CFG-405", "a private key stands in the file", hint: "Take it out, have the partner replace it, and name a file outside of the site.", at: node)
    }
    for item in node.items ?? [] { try refuseSecrets(item) }
    for entry in node.entries {
      if ["password", "passphrase", "pass"].contains(entry.key.lowercased()) {
        throw ConfigurationError(
          "CFG-406", "'\(entry.key)' is not supported: only keys prove who we are", hint: "Ask the partner to accept a public key; docs/decisions/030 says why.", file: node.file, line: entry.keyLine,
          column: entry.keyColumn)
      }
      try refuseSecrets(entry.value)
    }
  }

  private static func identity(_ root: OutlineNode, _ folder: SiteFolder) throws(ConfigurationError) -> SFTPPartner.Identity {
    guard let node = root["identity"], node.entries.count == 1 else {
      throw ConfigurationError("CFG-404", "'identity' must be one of {file: PATH}, {credential: NAME}, {agent: true}", at: root["identity"] ?? root)
    }
    try node.allow(["file", "credential", "agent"], code: "CFG-401")
    if node["file"] != nil {
      let path = try path("file", node)
      guard !PathPlace.isInside(path, folder.path) else {
        throw ConfigurationError("CFG-405", "the private key lies inside the site", hint: "Move it beside the site, 0600: what is in the site is read, copied and kept by many.", at: node["file"] ?? node)
      }
      return .file(path)
    }
    if node["credential"] != nil {
      guard let name = PlainName(try node.required("credential", code: "CFG-402")) else { throw ConfigurationError("CFG-404", "'credential' must be the name of a systemd credential", at: node) }
      return .credential(name)
    }
    guard node["agent"]?.text == "true" else { throw ConfigurationError("CFG-404", "'agent' can only be true", at: node) }
    return .agent
  }

  private static func path(_ key: String, _ node: OutlineNode) throws(ConfigurationError) -> String {
    let text = try node.required(key, code: "CFG-402")
    guard SSHText.isPath(text) else { throw ConfigurationError("CFG-403", "'\(key)' must be an absolute path of letters, digits, blanks and ._-+@:,=", at: node[key] ?? node) }
    return text
  }

  private static func pins(_ root: OutlineNode) throws(ConfigurationError) -> [HostKeyPin] {
    guard let items = root["host_keys"]?.items, (1...2).contains(items.count) else {
      throw ConfigurationError("CFG-407", "'host_keys' must list one key, or two while the partner changes it", at: root["host_keys"] ?? root)
    }
    var pins: [HostKeyPin] = []
    for item in items {
      try item.allow(["key", "since", "until"], code: "CFG-401")
      let line = try item.required("key", code: "CFG-402")
      guard let pin = HostKeyPin(line: line, since: try day("since", item), until: try day("until", item)) else {
        throw ConfigurationError(
          "CFG-408", "a host key must be a public key of a type that is taken, valid from a day to a later one",
          hint: #"{key: "ssh-ed25519 AAAA…", since: 2026-03-01, until: 2027-02-28}; types: ed25519, ecdsa, rsa. Ask the partner for it by another way than this connection."#, at: item)
      }
      pins.append(pin)
    }
    return pins
  }

  private static func day(_ key: String, _ node: OutlineNode) throws(ConfigurationError) -> BusinessDate {
    guard let day = BusinessDate(try node.required(key, code: "CFG-402")) else { throw ConfigurationError("CFG-409", "'\(key)' must be a day like 2026-03-01", at: node[key] ?? node) }
    return day
  }

  private static func jump(_ root: OutlineNode) throws(ConfigurationError) -> PlainName? {
    guard root["jump"] != nil else { return nil }
    return PlainName(try Name.required(root, "jump"))
  }

  private static func port(_ root: OutlineNode) throws(ConfigurationError) -> Int { try root["port"] == nil ? 22 : number("port", "", 1...65_535, root) }

  private static func limits(_ root: OutlineNode) throws(ConfigurationError) -> SFTPPartner.Limits {
    var limits = SFTPPartner.Limits()
    guard let node = root["limits"] else { return limits }
    try node.allow(["stall", "total", "session", "attempts"], code: "CFG-401")
    if node["stall"] != nil { limits.stallSeconds = try number("stall", "s", 5...3_600, node) }
    if node["total"] != nil { limits.totalSeconds = try number("total", "s", 10...86_400, node) }
    if node["session"] != nil { limits.sessionSeconds = try number("session", "s", 60...172_800, node) }
    if node["attempts"] != nil { limits.attempts = try number("attempts", "", 1...20, node) }
    return limits
  }

  private static func number(_ key: String, _ unit: String, _ range: ClosedRange<Int>, _ node: OutlineNode) throws(ConfigurationError) -> Int {
    let text = try node.required(key, code: "CFG-402")
    guard text.hasSuffix(unit), let value = Int(text.dropLast(unit.utf8.count)), range.contains(value) else {
      throw ConfigurationError("CFG-410", "'\(key)' must be from \(range.lowerBound)\(unit) to \(range.upperBound)\(unit)", at: node[key] ?? node)
    }
    return value
  }
}

/// Two files may describe one server.
extension PartnerFile {
  /// True where both lead to one account of one server, so that both see the same folders.
  func isOneAccount(with other: PartnerFile) -> Bool { isOneServer(with: other) && connection.user == other.connection.user && connection.jump == other.connection.jump }

  /// True where host and port are the same. Another account may be shown other folders under the same paths; behind another gate the same address may be another machine.
  func isOneServer(with other: PartnerFile) -> Bool {
    connection.host.lowercased() == other.connection.host.lowercased() && connection.port == other.connection.port
  }
}

/// What an inventory says of a connection; never the way to its key.
extension PartnerFile {
  var place: String { "\(connection.user)@\(connection.host):\(connection.port) (partner \(name)" + (connection.jump.map { ", by way of \($0))" } ?? ")") }

  var authentication: String {
    let kind = switch connection.identity { case .file: "key file" case .credential: "systemd credential" case .agent: "agent" }
    return "SFTP, \(kind)" + (connection.certificate == nil ? "" : " with a certificate") + "; host keys pinned"
  }

  var terms: [String] {
    connection.pins.map { "pin \($0.type) \($0.fingerprint) from \($0.since) to \($0.until)" } + (expires.map { ["our key until \($0)"] } ?? [])
  }
}

/// The connections of a site, each reachable by its name alone.
enum PartnerRules {
  /// Every name that a feed, a consumer or a partner uses is there, and no way leads back to itself.
  static func check(_ partners: [PartnerFile], _ feeds: [(file: String, value: FeedFile)], _ consumers: [(file: String, value: ConsumerFile)]) throws(PipelineError) {
    let names = Dictionary(partners.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for partner in partners {
      var seen: Set<String> = [partner.name], at = partner
      while let jump = at.connection.jump?.text {
        guard let next = names[jump] else { throw unknown(jump, at.file) }
        guard seen.insert(jump).inserted else {
          throw PipelineError("PIP-121", .configuration, "\(partner.file): the way to '\(partner.name)' leads back to itself", hint: "Look at the keys 'jump' on the way.")
        }
        at = next
      }
    }
    for feed in feeds { if let partner = feed.value.remote?.partner, names[partner] == nil { throw unknown(partner, feed.file) } }
    for consumer in consumers {
      for case .partner(let partner, _) in [consumer.value.delivery.place, consumer.value.receipt?.place] where names[partner] == nil { throw unknown(partner, consumer.file) }
    }
  }

  private static func unknown(_ name: String, _ file: String) -> PipelineError {
    PipelineError("PIP-120", .configuration, "\(file) names the partner '\(name)', and partners/ holds none of that name", hint: "A connection that has no file cannot be opened.")
  }
}
