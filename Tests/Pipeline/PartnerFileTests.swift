import Core
import Exchange
@testable import Pipeline
import Support
import Testing

@Suite struct PartnerFileTests {
  private let folder: TemporaryFolder
  private static let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICEhISEhISEhISEhISEhISEhISEhISEhISEhISEhISEh"
  private static let whole = """
    partner: clinic-lab
    owner: interfaces@example.invalid
    purpose: laboratory results
    host: sftp.example.invalid
    user: clinic
    identity: {file: /etc/compline/lab.key}
    host_keys: [{key: "\(key)", since: 2026-03-01, until: 2027-02-28}]
    revoke: mail to security@example.invalid
    """

  init() throws { folder = try TemporaryFolder() }

  private func partner(_ text: String) throws -> PartnerFile { try PartnerFile.read(Array(text.utf8), file: "partners/lab.yaml", folder: try SiteFolder(folder.path)) }

  @Test("Eight lines are a connection, with its limits") func whole() throws {
    let partner = try partner(Self.whole)
    #expect(partner.name == "clinic-lab" && partner.connection.port == 22 && partner.connection.limits == SFTPPartner.Limits())
    #expect(partner.connection.identity == .file("/etc/compline/lab.key") && partner.connection.pins.map(\.type) == ["ssh-ed25519"])
    #expect(partner.connection.pins[0].fingerprint.hasPrefix("SHA256:") && partner.connection.pins[0].fingerprint.utf8.count == 50)
  }

  @Test("What could be meant otherwise, or would weaken a check, is refused with its place", arguments: [
    ("user: clinic", "user: clinic\npassword: x"), ("user: clinic", "user: -oProxyCommand=x"), ("user: clinic", "user: \"a b\""), ("host: sftp.example.invalid", "host: \"a\\nProxyCommand x\""),
    ("user: clinic", "user: clinic\ninsecure: true"), ("user: clinic", "user: clinic\nport: 70000"), ("user: clinic", "user: clinic\nlimits: {stall: 1s}"), ("2027-02-28", "2026-02-28"), ("2027-02-28", "later"),
    ("/etc/compline/lab.key", "keys/lab.key"), ("/etc/compline/lab.key", "/etc/%d/lab.key"), ("/etc/compline/lab.key", "/etc/${HOME}/lab.key"), ("{file: /etc/compline/lab.key}", "{}"),
    ("{file: /etc/compline/lab.key}", "{agent: false}"), ("{file: /etc/compline/lab.key}", "{file: \"-----BEGIN OPENSSH PRIVATE KEY-----\"}"), ("{file: /etc/compline/lab.key}", "{credential: a/b}"),
    ("ssh-ed25519 AAAA", "ssh-dss AAAA"), ("ssh-ed25519 AAAA", "ssh-rsa AAAA"), ("revoke: mail to security@example.invalid", ""), ("host_keys: [", "host_keys: []\nold: ["),
  ])
  func refused(good: String, bad: String) throws {
    let error = try #require(throws: ConfigurationError.self) { try partner(Self.whole.replacing(good, with: bad)) }
    #expect(error.line > 0 && error.exitCode == .configuration)
  }

  @Test("A third pin is refused, a second one serves a rotation") func pins() throws {
    let pin = "{key: \"\(Self.key)\", since: 2026-03-01, until: 2027-02-28}"
    #expect(try partner(Self.whole.replacing("[\(pin)]", with: "[\(pin), \(pin)]")).connection.pins.count == 2)
    #expect(throws: ConfigurationError.self) { try partner(Self.whole.replacing("[\(pin)]", with: "[\(pin), \(pin), \(pin)]")) }
  }

  @Test("A private key inside the site is refused") func insideTheSite() {
    #expect(throws: ConfigurationError.self) { try partner(Self.whole.replacing("/etc/compline", with: folder.path)) }
  }

  @Test("A feed lies at a partner's, in a folder without dots", arguments: [("outbound/lab", true), ("/srv/out", true), ("/", true), ("../lab", false), ("a//b", false), ("a/", false)])
  func remote(path: String, isLegal: Bool) throws {
    let text = "feed: lab\nowner: o\nfrom: {sftp: clinic-lab, path: \"\(path)\", after: {move: done}}\nformat: hl7v2\nmappings: [x]\nzone: America/Chicago\narrival: {by: \"02:00\", complete: rename}\n"
    let feed = try? FeedFile.read(Array(text.utf8), file: "feeds/lab.yaml", ground: SiteGround(folder: try SiteFolder(folder.path), keys: folder.path + ".keys"))
    #expect((feed?.remote == RemoteFolder(partner: "clinic-lab", path: path, aside: "done")) == isLegal)
  }

  @Test("A partner that is not there, and a way that leads back to itself, are refused") func ways() throws {
    let one = try partner(Self.whole + "\njump: gate\n"), gate = try partner(Self.whole.replacing("partner: clinic-lab", with: "partner: gate"))
    let back = try partner(Self.whole.replacing("partner: clinic-lab", with: "partner: gate") + "\njump: clinic-lab\n")
    #expect(throws: PipelineError.self) { try PartnerRules.check([one], [], []) }
    #expect(throws: PipelineError.self) { try PartnerRules.check([one, back], [], []) }
    try PartnerRules.check([one, gate], [], [])
  }
}
