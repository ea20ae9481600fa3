import Core
import Glibc
import Support
import Trust

@testable import Exchange

/// An OpenSSH server of a test's own on a loopback port, with keys and a config of its own. It ends with the last reference, or with the test process.
final class LoopbackSSH: Sendable {
  enum Subsystem: String, CaseIterable, Sendable {
    case inside = "internal-sftp"
    case program = "/usr/lib/openssh/sftp-server"
    /// Another make of server.
    case second = "asyncssh"
  }

  let folder: TemporaryFolder
  let port: Int
  private let server: Child
  /// Ends the server where the test process ends without a word.
  private let watcher: Child

  /// - Parameter hostKeys: the types of its keys; - Parameter extra: more lines of its config.
  init(_ subsystem: Subsystem = .inside, hostKeys: [String] = ["ed25519"], extra: String = "") throws {
    let folder = try TemporaryFolder()
    self.folder = folder
    signal(SIGPIPE, SIG_IGN)
    if geteuid() == 0 { mkdir("/run/sshd", 0o755) }
    for type in hostKeys { try Self.makeKey(folder.path("host_\(type)"), type) }
    for name in ["user", "stranger"] { try Self.makeKey(folder.path(name), "ed25519") }
    try folder.write(try folder.read("user.pub"), to: "authorized")
    port = try Self.freePort()
    try folder.write(
      """
      Port \(port)
      ListenAddress 127.0.0.1
      \(hostKeys.map { "HostKey \(folder.path("host_\($0)"))" }.joined(separator: "\n"))
      AuthorizedKeysFile \(folder.path("authorized"))
      PidFile none
      StrictModes no
      UsePAM no
      PasswordAuthentication no
      KbdInteractiveAuthentication no
      PermitRootLogin yes
      LogLevel VERBOSE
      \(extra)
      Subsystem sftp \(subsystem.rawValue)

      """, to: "sshd_config")
    if subsystem == .second {
      guard let python = Self.secondPython else { throw TestFailure("asyncssh is not installed: run make test") }
      let script = #filePath.replacing("LoopbackSSH.swift", with: "second.py")
      server = try Child(python, [script, "\(port)", folder.path("host_ed25519"), folder.path("authorized")])
    } else {
      server = try Child("/usr/sbin/sshd", ["-D", "-f", folder.path("sshd_config"), "-E", folder.path("log")])
    }
    watcher = try Child("/bin/sh", ["-c", "while kill -0 $0 && kill -0 $1; do sleep 1; done; kill -9 $1", "\(getpid())", "\(server.pid)"])
    // Each look is a connection that the server holds against us: no more of them than it takes.
    for _ in 0..<2_400 {
      if Self.answers(port) { break }
      usleep(25_000)
    }
  }

  deinit {
    for child in [watcher, server] {
      child.signal(SIGKILL)
      _ = try? child.wait()
    }
  }

  /// The interpreter that has asyncssh; nil where `make test` has not installed it.
  static var secondPython: String? {
    let path = String(#filePath.prefix(#filePath.count - "Tests/Exchange/SFTP/LoopbackSSH.swift".count)) + ".build/venv/bin/python3"
    return access(path, X_OK) == 0 ? path : nil
  }

  static func makeKey(_ path: String, _ type: String) throws {
    let result = try Tools.run("ssh-keygen", ["-q", "-t", type, "-N", "", "-C", "test", "-f", path])
    guard result.exit == 0 else { throw TestFailure("ssh-keygen ended \(result.exit)") }
  }

  private static func address(_ port: Int) -> sockaddr_in {
    sockaddr_in(sin_family: sa_family_t(AF_INET), sin_port: UInt16(port).bigEndian, sin_addr: in_addr(s_addr: UInt32(0x7F00_0001).bigEndian), sin_zero: (0, 0, 0, 0, 0, 0, 0, 0))
  }

  private static func with<Result>(_ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Result) -> Result {
    withUnsafeMutablePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body) }
  }

  /// Below the ports that the system gives to clients, so that none of those comes in between.
  static func freePort() throws -> Int {
    for _ in 0..<100 {
      let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0), port = Int.random(in: 18_000..<32_000)
      defer { close(socket) }
      var address = address(port)
      if with(&address, { bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }) == 0 { return port }
    }
    throw TestFailure("no free port")
  }

  static func answers(_ port: Int) -> Bool {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = address(port)
    return with(&address) { connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) } == 0
  }

  /// The account that the tests run under.
  static var user: String { String(cString: getpwuid(geteuid()).pointee.pw_name) }

  /// What the server wrote of tries to be let in.
  func tries(_ words: String) throws -> Int {
    String(decoding: try folder.read("log"), as: UTF8.self).split(separator: "\n").count { $0.contains(words) }
  }

  func pin(_ type: String = "ed25519", since: String = "2020-01-01", until: String = "2099-12-31") throws -> HostKeyPin {
    let line = String(decoding: try folder.read("host_\(type).pub"), as: UTF8.self)
    guard let since = BusinessDate(since), let until = BusinessDate(until), let pin = HostKeyPin(line: line, since: since, until: until) else { throw TestFailure("no pin") }
    return pin
  }

  func partner(_ name: String = "mercy", key: String = "user", pins: [HostKeyPin]? = nil, certificate: String? = nil, jump: String? = nil, limits: SFTPPartner.Limits = .init()) throws -> SFTPPartner {
    guard let plain = PlainName(name) else { throw TestFailure("no name") }
    let partner = SFTPPartner(
      name: plain, address: ("127.0.0.1", port, Self.user), identity: .file(folder.path(key)), certificate: certificate.map { folder.path($0) }, jump: jump.flatMap { PlainName($0) },
      pins: try pins ?? [pin()], limits: limits)
    guard let partner else { throw TestFailure("no partner") }
    return partner
  }
}

/// A site's `var` and the folders of a partner's, for one test.
final class SFTPBench {
  let folder: TemporaryFolder
  static let night = BusinessDate(daysSinceEpoch: 20_500)

  init() throws {
    folder = try TemporaryFolder()
    for name in ["in", "aside", "var"] { try TestFile.makeFolder(folder.path(name)) }
    signal(SIGPIPE, SIG_IGN)
  }

  func connector(_ partners: [SFTPPartner], night: BusinessDate = SFTPBench.night) throws -> SFTPConnector {
    guard let first = partners.first else { throw TestFailure("no partner") }
    return try SFTPConnector(first.name, among: partners, variable: folder.path("var"), path: (folder.path("in"), folder.path("aside")), night: night, today: Self.night)
  }

  func remembered(_ name: String = "mercy") throws -> String { String(decoding: try folder.read("var/partners/\(name).json"), as: UTF8.self) }
}

/// The code of the refusal that `body` ends with.
func refusal(_ body: () throws -> Void) -> String {
  do { try body() } catch let fault as TransportFault {
    if case .refused(let error) = fault { return "\(error.code) \(error.exitCode.rawValue)" }
    return "\(fault)"
  } catch { return "other" }
  return ""
}
