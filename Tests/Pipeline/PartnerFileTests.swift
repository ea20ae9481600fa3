import Core
import Exchange
import Extract
import Map
@testable import Pipeline
import Support
import Testing
import Trust

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

  @Test("A pin that has ended is said to have ended, by check and by the night") func ended() throws {
    let day = try #require(BusinessDate("2027-03-01"))
    let error = ExchangeError.noPinInForce(try partner(Self.whole).connection, on: day)
    #expect(error.code == "EXC-415" && error.exitCode == .peer)
    #expect(error.summary == "partner clinic-lab: no pin of its host key is in force on 2027-03-01: the last one ended on 2027-02-28")
  }

  @Test("A private key inside the site is refused") func insideTheSite() {
    #expect(throws: ConfigurationError.self) { try partner(Self.whole.replacing("/etc/compline", with: folder.path)) }
  }

  @Test("A feed lies at a partner's, in a folder without dots", arguments: [("outbound/lab", true), ("/srv/out", true), ("/", true), ("../lab", false), ("a//b", false), ("a/", false)])
  func remote(path: String, isLegal: Bool) throws {
    let text = "feed: lab\nowner: o\nfrom: {sftp: clinic-lab, path: \"\(path)\"}\nformat: hl7v2\nmappings: [x]\nzone: America/Chicago\narrival: {by: \"02:00\", complete: rename}\n"
    let feed = try? FeedFile.read(Array(text.utf8), file: "feeds/lab.yaml", ground: SiteGround(folder: try SiteFolder(folder.path), keys: folder.path + ".keys"))
    #expect((feed?.remote == RemoteFolder(partner: "clinic-lab", path: path)) == isLegal)
  }

  @Test("Two folders at one partner may be one unless both paths begin alike", arguments: [
    ("out/lab", "/home/clinic/out/lab", true), ("/home/clinic/out", "lab", true), ("out/lab", "out", true), ("out/lab", "out/labs", false), ("/a", "/b", false), ("/", "/b", true),
  ])
  func meets(one: String, other: String, expected: Bool) {
    let left = RemoteFolder(partner: "lab", path: one), right = RemoteFolder(partner: "lab", path: other)
    #expect(left.overlaps(right) == expected && right.overlaps(left) == expected)
  }

  @Test("Two files may describe one account of one server: then a feed that takes files is refused beside another one of its folder", arguments: [
    ("partner: two", "out/lab", true, 0), ("partner: two", "out/other", false, 0), ("partner: two\nport: 2222", "out/lab", false, 0),
  ])
  func oneServer(change: String, path: String, isRefused: Bool, doubts: Int) throws {
    let shared = try shared(change, path, user: "clinic")
    #expect((code(of: shared) == "PIP-119") == isRefused && shared.doubts.count == doubts)
  }

  @Test("Of two accounts of one server nobody can tell whether their paths are one: check warns") func twoAccounts() throws {
    let shared = try shared("partner: two", "out", user: "other")
    #expect(code(of: shared) == nil && shared.doubts.count == 1)
  }

  /// A feed that takes files out of `out/lab` at the partner `clinic-lab`, and one that reads a path at another partner file.
  private func shared(_ change: String, _ path: String, user: String) throws -> SharedFolders {
    let one = try partner(Self.whole), two = try partner(Self.whole.replacing("partner: clinic-lab", with: change).replacing("host: sftp.", with: "host: SFTP.").replacing("user: clinic", with: "user: \(user)"))
    let feeds = try [("one", "sftp: clinic-lab, path: out/lab, after: delete"), ("two", "sftp: two, path: \(path)")].map { name, from in
      let text = "feed: \(name)\nowner: o\nfrom: {\(from)}\nformat: hl7v2\nmappings: [x]\nzone: America/Chicago\narrival: {by: \"02:00\", complete: rename}\n"
      return try FeedFile.read(Array(text.utf8), file: "feeds/\(name).yaml", ground: SiteGround(folder: try SiteFolder(folder.path), keys: folder.path + ".keys"))
    }
    return SharedFolders(feeds, [one, two])
  }

  private func code(of shared: SharedFolders) -> String? {
    do throws(PipelineError) { try shared.refuse() } catch { return error.code }
    return nil
  }

  @Test("Read files cannot be moved into a folder of which nobody can tell where it lies") func asideOfAnotherKind() throws {
    let text = "from: {sftp: lab, path: out, after: {move: /home/clinic/out/done}}\n"
    let node = try #require(try OutlineReader.read(Array(text.utf8), file: "feeds/lab.yaml")["from"])
    #expect(throws: ConfigurationError.self) { try RemoteFolder.read(node) }
  }

  @Test("The limits of a connection and of a feed are numbers with their units", arguments: [("session: 60s", true), ("session: 59s", false), ("session: 4h", false), ("total: 90s", true)])
  func limits(text: String, isLegal: Bool) {
    #expect(((try? partner(Self.whole + "\nlimits: {\(text)}\n")) != nil) == isLegal)
  }

  @Test(arguments: [("1KiB", 1_024), ("500MiB", 500 << 20), ("1024GiB", 1 << 40), ("0KiB", nil), ("1025GiB", nil), ("5", nil), ("5MB", nil), ("9999999999999999GiB", nil)] as [(String, Int?)])
  func aFeedSaysHowLargeADropMayBe(text: String, bytes: Int?) throws {
    let node = try OutlineReader.read(Array("drop: \(text)\n".utf8), file: "feeds/lab.yaml")
    #expect((try? FeedLimits(reading: node))?.dropBytes == bytes)
    #expect(try FeedLimits(reading: nil).dropBytes == 16 << 30)
  }

  @Test("A partner's address has all that decides where it is") func address() throws {
    let one = try partner(Self.whole), other = try partner(Self.whole.replacing("user: clinic", with: "user: other"))
    let site = try SiteFolder(folder.path), place = ConsumerFile.Place.partner("clinic-lab", path: "in")
    let texts = [ConsumerPlaces.address(place, [one], site), ConsumerPlaces.address(place, [other], site), ConsumerPlaces.address(.partner("clinic-lab", path: "out"), [one], site), ConsumerPlaces.address(.folder("in"), [one], site)]
    #expect(Set(texts).count == 4)
  }

  @Test("Notes of a handing over are of these bytes and this place alone") func notes() throws {
    let name = try #require(PlainName("charges.csv")), manifest = Array("{}".utf8)
    var notes = try HandoverNotes(in: folder.path, of: manifest, to: "sftp:lab:in clinic@one:22")
    try notes.note(name, .named)
    #expect(try HandoverNotes(in: folder.path, of: manifest, to: "sftp:lab:in clinic@one:22").steps == [name: .named])
    #expect(try HandoverNotes(in: folder.path, of: manifest, to: "sftp:lab:in clinic@two:22").steps.isEmpty)
    #expect(try HandoverNotes(in: folder.path, of: [1], to: "sftp:lab:in clinic@one:22").steps.isEmpty)
  }

  @Test("A partner that is not there, and a way that leads back to itself, are refused") func ways() throws {
    let one = try partner(Self.whole + "\njump: gate\n"), gate = try partner(Self.whole.replacing("partner: clinic-lab", with: "partner: gate"))
    let back = try partner(Self.whole.replacing("partner: clinic-lab", with: "partner: gate") + "\njump: clinic-lab\n")
    #expect(throws: PipelineError.self) { try PartnerRules.check([one], [], []) }
    #expect(throws: PipelineError.self) { try PartnerRules.check([one, back], [], []) }
    try PartnerRules.check([one, gate], [], [])
  }
}
