import Core
import Glibc
import Support
import Testing
import Trust

@testable import Exchange

/// A server that breaks one promise at a time: what it says is refused, and what can be read is read whole.
@Suite struct HostileServerTests {
  private let bench: SFTPBench
  private static let large = (0..<3_000_000).map { UInt8($0 % 251) }

  init() throws { bench = try SFTPBench() }

  private func session(_ mode: String, limits: SFTPPartner.Limits = .init(), within nanoseconds: Int = .max) throws -> any Transport {
    let script = #filePath.replacing("HostileServerTests.swift", with: "hostile.py")
    try bench.folder.write("#!/bin/sh\nexec python3 '\(script)' \(mode)\n", to: "server")
    chmod(bench.folder.path("server"), 0o700)
    try LoopbackSSH.makeKey(bench.folder.path("key"), "ed25519")
    let today = SFTPBench.night
    let line = String(decoding: try bench.folder.read("key.pub"), as: UTF8.self), pin = try #require(HostKeyPin(line: line, since: today, until: today))
    let name = try #require(PlainName("mercy"))
    let partner = try #require(
      SFTPPartner(name: name, address: ("localhost", 22, "x"), identity: .file(bench.folder.path("key")), certificate: nil, jump: nil, pins: [pin], limits: limits))
    var connector = try SFTPConnector(partner.name, among: [partner], variable: bench.folder.path("var"), path: ("in", nil), night: today, today: today)
    connector.program = bench.folder.path("server")
    return try connector.connect(within: nanoseconds)
  }

  private func read(_ name: String, _ transport: any Transport) throws -> [UInt8] {
    var bytes: [UInt8] = []
    _ = try transport.open(PartnerPath(components: [Array(name.utf8)])).read(from: 0, to: .max) { bytes += $0 }
    return bytes
  }

  @Test("Short, late and reordered answers, and sizes that lie, change no byte of what is read", arguments: ["honest", "short", "reversed", "size-small", "size-huge", "no-time"])
  func whole(mode: String) throws {
    let transport = try session(mode)
    #expect(try read("small", transport) == Array(Self.large[..<1_000]))
    #expect(try read("empty", transport).isEmpty)
    if mode != "short" { #expect(try read("large", transport) == Self.large) }
  }

  @Test("A breach of the protocol ends the session with its rule, and every later call is cut", arguments: [
    "unknown-id", "repeat", "long", "lying-length", "trailing", "wrong-open", "long-handle", "wrong-answer", "more-data", "no-data", "unknown-attributes", "garbage", "version",
  ])
  func breach(mode: String) throws {
    var transport: (any Transport)?
    let first = refusal {
      let opened = try session(mode)
      transport = opened
      _ = try read("large", opened)
    }
    #expect(first == "EXC-408 76")
    if let transport { #expect(refusal { _ = try transport.list(PartnerPath()) } == "cut") }
  }

  @Test("A listing with a lying count is a breach") func lyingCount() throws {
    let transport = try session("lying-count")
    #expect(refusal { _ = try transport.list(PartnerPath()) } == "EXC-408 76")
  }

  @Test("Half a packet and a silence are cuts", arguments: ["half", "stall", "slow"]) func cut(mode: String) throws {
    var limits = SFTPPartner.Limits()
    (limits.stallSeconds, limits.totalSeconds) = (2, 4)
    let transport = try session(mode, limits: limits), before = Monotonic.now()
    #expect(refusal { _ = try read("large", transport) } == "cut")
    #expect(Monotonic.now() - before < 12_000_000_000)
  }

  @Test("A session ends in bounded time, however long the server would go on", arguments: ["endless", "always-new", "drip", "flood"]) func bounded(mode: String) throws {
    let before = Monotonic.now()
    var count = ListingCount()
    (count.maximumNames, count.maximumBytes) = (.max, .max)
    let said = refusal {
      let transport = try session(mode, within: 3_000_000_000)
      while true { _ = try transport.list(PartnerPath(), &count) }
    }
    #expect(said == "cut" && Monotonic.now() - before < 12_000_000_000)
  }

  @Test("A folder without an end is not listed to its end, whether its names are new or not", arguments: ["endless", "always-new"]) func endless(mode: String) throws {
    var count = ListingCount()
    count.maximumNames = 1_000
    let transport = try session(mode)
    #expect(refusal { _ = try transport.list(PartnerPath(), &count) } == "endless")
    #expect(count.names == 1_001)
  }

  @Test("Names that are no component are counted, neither kept nor asked for; each name comes once") func names() throws {
    let transport = try session("names")
    var count = ListingCount()
    let entries = try transport.list(PartnerPath(), &count)
    #expect(entries.allSatisfy { $0.status.kind == .file } && count.unusable == 5 && count.names == 14)
    #expect(entries.filter { $0.status.kind == .file }.map(\.name.count) == [16, 9, 5, 2, 255, 5])
    #expect(refusal { _ = try transport.open(PartnerPath(components: [Array("..".utf8)])) } == "missing")
    #expect(refusal { _ = try transport.open(PartnerPath(components: [Array("a/b".utf8)])) } == "missing")
  }

  @Test("A link, a thing that becomes a FIFO, and a file without a size are never read", arguments: ["link", "becomes-fifo", "no-size"]) func never(mode: String) throws {
    let transport = try session(mode)
    #expect(refusal { _ = try read("small", transport) } == "missing")
  }

  @Test("A server that gives names by replacing alone is not asked to, and the file keeps its name") func replaces() throws {
    let transport = try session("replaces"), small = PartnerPath(components: [Array("small".utf8)])
    #expect(refusal { try transport.move(small, to: PartnerPath(components: [Array("new".utf8)])) }.hasPrefix("failed"))
    #expect(try transport.status(of: small)?.kind == .file)
  }

  @Test("A file without a time is never settled by its age") func noTime() throws {
    let entry = try #require(try session("no-time").list(PartnerPath()).first { $0.name == Array("small".utf8) })
    #expect(entry.status.kind == .file && entry.status.stamp.byteCount == 1_000 && entry.status.stamp.modified == .max)
  }
}
