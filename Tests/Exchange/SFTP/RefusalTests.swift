import Core
import Glibc
import Support
import Testing
import Trust

@testable import Exchange

/// Whom we do not trust, and who does not trust us: exit 76, one try, nothing sent.
@Suite(.serialized) struct RefusalTests {
  private let bench: SFTPBench

  init() throws { bench = try SFTPBench() }

  private func refused(_ partners: SFTPPartner...) throws -> ExchangeError? {
    do { _ = try bench.connector(partners).connect() } catch TransportFault.refused(let error) { return error }
    return nil
  }

  /// Nobody came as far as to say who he is.
  private func nothingSent(_ server: LoopbackSSH) throws -> Bool { try server.tries("publickey for") == 0 && server.tries("Accepted") == 0 }

  @Test("A pinned server lets us in, and the day is remembered") func pinned() throws {
    let server = try LoopbackSSH()
    defer { withExtendedLifetime(server) {} }
    #expect(try refused(server.partner()) == nil)
    #expect(try server.tries("Accepted publickey") == 1 && bench.remembered().contains("last_success"))
  }

  @Test("A changed host key is refused with both fingerprints") func changed() throws {
    let server = try LoopbackSSH(), other = try LoopbackSSH()
    defer { withExtendedLifetime((server, other)) {} }
    let (ours, theirs) = (try other.pin().fingerprint, try server.pin().fingerprint)
    let error = try #require(try refused(server.partner(pins: [other.pin()])))
    #expect(error.code == "EXC-401" && error.exitCode == .peer && error.summary.contains("pinned ssh-ed25519 \(ours), offered ssh-ed25519 \(theirs)"))
    #expect(try nothingSent(server))
  }

  @Test("A key of another type than the pinned one is refused") func downgraded() throws {
    let server = try LoopbackSSH(hostKeys: ["rsa"]), other = try LoopbackSSH()
    defer { withExtendedLifetime((server, other)) {} }
    let ours = try other.pin().fingerprint
    let error = try #require(try refused(server.partner(pins: [other.pin()])))
    #expect(error.code == "EXC-403" && error.exitCode == .peer && error.summary.contains(ours))
    #expect(try nothingSent(server))
  }

  @Test("A pin that is not in force is none") func notInForce() throws {
    let server = try LoopbackSSH()
    defer { withExtendedLifetime(server) {} }
    let error = try #require(try refused(server.partner(pins: [server.pin(since: "2099-01-01")])))
    #expect(error.code == "EXC-415" && error.exitCode == .peer && error.summary.hasSuffix("the next one begins on 2099-01-01"))
    #expect(try server.tries("publickey") == 0)
  }

  @Test("A key that known hosts do not hold is unknown, and its fingerprint is said") func unknown() throws {
    let server = try LoopbackSSH()
    defer { withExtendedLifetime(server) {} }
    let offered = try server.pin().fingerprint
    let text = "debug1: Server host key: ssh-ed25519 \(offered)\nNo ED25519 host key is known for mercy and you have requested strict checking.\n"
    #expect(SSHComplaint.read(Array(text.utf8)) == .hostKeyUnknown && SSHComplaint.offeredKey(Array(text.utf8))?.fingerprint == offered)
  }

  @Test("Of two pins in a rotation window either is taken, an old type too") func rotation() throws {
    let old = try LoopbackSSH(), new = try LoopbackSSH(hostKeys: ["ecdsa"])
    defer { withExtendedLifetime((old, new)) {} }
    let pins = [try old.pin(), try new.pin("ecdsa")]
    #expect(try refused(old.partner(pins: pins)) == nil)
    #expect(try refused(new.partner(pins: pins)) == nil)
  }

  @Test("A wrong key is one attempt, and no more that night") func wrongKey() throws {
    let server = try LoopbackSSH()
    defer { withExtendedLifetime(server) {} }
    for expected in ["EXC-404", "EXC-409", "EXC-409"] {
      let error = try #require(try refused(server.partner(key: "stranger")))
      #expect(error.code == expected && error.exitCode == .peer)
    }
    #expect(try server.tries("Failed publickey") == 1 && server.tries("Accepted") == 0)
  }

  @Test("A locked account is one attempt") func locked() throws {
    let server = try LoopbackSSH(extra: "DenyUsers \(LoopbackSSH.user)")
    defer { withExtendedLifetime(server) {} }
    #expect(try refused(server.partner())?.code == "EXC-404")
    #expect(try refused(server.partner())?.code == "EXC-409")
    #expect(try server.tries("not allowed because") == 1)
  }

  @Test("A changed key or another night is tried again, and other partners always") func again() throws {
    let server = try LoopbackSSH(), wrong = try server.partner(key: "stranger")
    defer { withExtendedLifetime(server) {} }
    #expect(try refused(wrong)?.code == "EXC-404")
    #expect(refusal { _ = try bench.connector([wrong], night: Self.other).connect() } == "EXC-404 76")
    #expect(try refused(server.partner("other")) == nil)
    #expect(try refused(server.partner()) == nil)
  }

  private static let other = BusinessDate(daysSinceEpoch: 20_501)

  @Test("A certificate that has ended is refused before anything is sent; one that holds is taken, as the one attempt") func certificate() throws {
    let server = try LoopbackSSH()
    defer { withExtendedLifetime(server) {} }
    try LoopbackSSH.makeKey(server.folder.path("ca"), "ed25519")
    try server.folder.write(Array("cert-authority ".utf8) + (try server.folder.read("ca.pub")), to: "authorized")
    func sign(_ validity: String) throws {
      let made = try Tools.run("ssh-keygen", ["-q", "-s", server.folder.path("ca"), "-I", "test", "-n", LoopbackSSH.user, "-V", validity, server.folder.path("user.pub")])
      try #require(made.exit == 0)
    }
    try sign("20200101:20200201")
    #expect(try refused(server.partner(certificate: "user-cert.pub"))?.code == "EXC-405")
    #expect(try server.tries("publickey") == 0)
    try sign("-1d:+1d")
    #expect(try refused(server.partner(certificate: "user-cert.pub")) == nil)
    #expect(try server.tries("Accepted publickey") == 1 && server.tries("Failed publickey") == 0)
  }

  @Test("A private key that others may read, a link or a second name of it is never used", arguments: ["mode", "link", "name", "gone"])
  func exposed(way: String) throws {
    let server = try LoopbackSSH(), key = server.folder.path("user")
    defer { withExtendedLifetime(server) {} }
    switch way {
    case "mode": chmod(key, 0o640)
    case "link": #expect(rename(key, key + "2") == 0 && symlink(key + "2", key) == 0)
    case "name": #expect(link(key, key + "2") == 0)
    default: unlink(key)
    }
    #expect(try refused(server.partner())?.code == (way == "gone" ? "EXC-406" : "EXC-407"))
    #expect(try server.tries("publickey") == 0)
  }

  @Test("The way may lead through another partner's server, under its own pins") func jump() throws {
    let gate = try LoopbackSSH(extra: "AllowTcpForwarding yes"), server = try LoopbackSSH()
    defer { withExtendedLifetime((gate, server)) {} }
    #expect(try refused(server.partner(jump: "gate"), gate.partner("gate")) == nil)
    let error = try #require(try refused(server.partner(jump: "gate"), gate.partner("gate", pins: [server.pin()])))
    #expect(error.code == "EXC-401" && error.summary.hasPrefix("partner gate"))
    #expect(try server.tries("Accepted publickey") == 1)
  }

  @Test("A server that is not there is a cut, not a refusal, and may be tried again") func absent() throws {
    let server = try LoopbackSSH(), partner = try server.partner()
    defer { withExtendedLifetime(server) {} }
    let port = try LoopbackSSH.freePort()
    let nobody = try #require(SFTPPartner(name: partner.name, address: ("127.0.0.1", port, "x"), identity: partner.identity, certificate: nil, jump: nil, pins: partner.pins))
    for _ in 0..<2 { #expect(refusal { _ = try bench.connector([nobody]).connect() } == "cut") }
  }

  @Test("A folder that is not there is missing") func noFolder() throws {
    let server = try LoopbackSSH()
    defer { withExtendedLifetime(server) {} }
    TestFile.remove(bench.folder.path("in"))
    #expect(refusal { _ = try bench.connector([try server.partner()]).connect() } == "missing")
  }
}
