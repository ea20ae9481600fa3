import Core
import Glibc
import Support
import Testing
import Trust

@testable import Exchange

/// What every transport keeps, whoever is on the other side. The folder of the session is a folder of this machine, so that each test sees both ends.
@Suite struct ConformanceTests {
  private let bench: SFTPBench
  private var inside: String { bench.folder.path("in") }
  private static let servers: [LoopbackSSH.Subsystem: Result<LoopbackSSH, any Error>] = .init(
    uniqueKeysWithValues: LoopbackSSH.Subsystem.allCases.map { kind in (kind, Result { try LoopbackSSH(kind) }) })

  /// Who is on the other side.
  enum Ground: CaseIterable, Sendable {
    /// No one: a folder of this machine.
    case folder
    /// Debian's sshd, with either of its servers.
    case inside, program
    /// asyncssh, where `make test` has installed it.
    case second

    static let all = allCases.filter { $0 != .second || LoopbackSSH.secondPython != nil }
    static let remote = all.filter { $0 != .folder }
  }

  init() throws { bench = try SFTPBench() }

  private func open(_ ground: Ground) throws -> any Transport {
    let subsystem: LoopbackSSH.Subsystem
    switch ground {
    case .folder: return try FolderConnector(own: inside, aside: bench.folder.path("aside")).connect()
    case .inside: subsystem = .inside
    case .program: subsystem = .program
    case .second: subsystem = .second
    }
    return try bench.connector([try #require(Self.servers[subsystem]).get().partner()]).connect()
  }

  private func path(_ names: String...) -> PartnerPath { PartnerPath(components: names.map { Array($0.utf8) }) }

  private func put(_ bytes: [UInt8], _ name: [UInt8]) {
    let descriptor = Glibc.open(Array((inside + "/").utf8CString.dropLast()) + name.map { CChar(bitPattern: $0) } + [0], O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    close(descriptor)
  }

  private func read(_ transport: any Transport, _ path: PartnerPath, from: Int = 0, to: Int = .max) throws -> [UInt8] {
    var bytes: [UInt8] = []
    let end = try transport.open(path).read(from: from, to: to) { part in
      #expect(!part.isEmpty && part.count <= 1 << 18)
      bytes += part
    }
    #expect(end == from + bytes.count)
    return bytes
  }

  private static func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) } }

  @Test("A listing says what each thing is, follows nothing and leaves dots out", arguments: Ground.all) func list(ground: Ground) throws {
    put([1, 2, 3], Array("file".utf8))
    #expect(symlink("file", inside + "/link") == 0 && mkfifo(inside + "/fifo", 0o600) == 0 && mkdir(inside + "/folder", 0o700) == 0)
    let entries = try open(ground).list(PartnerPath()).sorted { $0.name.lexicographicallyPrecedes($1.name) }
    #expect(entries.map(\.status.kind) == [.other, .file, .folder, .link] && entries[1].status.stamp.byteCount == 3)
  }

  @Test("A status is of the name itself, and nil where nothing is", arguments: Ground.all) func status(ground: Ground) throws {
    put([1], Array("file".utf8))
    #expect(symlink("file", inside + "/link") == 0)
    let transport = try open(ground)
    #expect(try transport.status(of: path("file"))?.kind == .file && transport.status(of: path("link"))?.kind == .link)
    #expect(try transport.status(of: path("none")) == nil && transport.status(of: path("file", "below")) == nil)
  }

  @Test("Hostile names are bytes: dashes, line feeds, escapes, no text at all, 255 of them", arguments: Ground.all) func hostileNames(ground: Ground) throws {
    let names: [[UInt8]] = [Array("-rf".utf8), Array("a\nb".utf8), [0x1B, 0x5B, 0x41], [0xFF, 0xFE], Array("*?[".utf8), Array("'\"\\ $x".utf8), .init(repeating: 0x6E, count: 255), Array("...".utf8)]
    for (index, name) in names.enumerated() { put([UInt8(index)], name) }
    let transport = try open(ground)
    #expect(Set(try transport.list(PartnerPath()).map(\.name)) == Set(names))
    for (index, name) in names.enumerated() { #expect(try read(transport, PartnerPath(components: [name])) == [UInt8(index)]) }
  }

  @Test("A file is read whole, in its middle, and to its end where that comes first", arguments: Ground.all) func ranges(ground: Ground) throws {
    let bytes = Self.bytes(700_001)
    put(bytes, Array("file".utf8))
    let transport = try open(ground)
    for (from, to) in [(0, Int.max), (0, 700_001), (0, 0), (1, 2), (65_535, 400_000), (699_990, 800_000), (700_001, 700_009), (800_000, 900_000)] {
      #expect(try read(transport, path("file"), from: from, to: to) == (from < to && from < bytes.count ? Array(bytes[from..<min(to, bytes.count)]) : []))
    }
  }

  @Test("Large files and empty ones keep every byte", arguments: Ground.all) func large(ground: Ground) throws {
    let bytes = Self.bytes(24_000_000), transport = try open(ground)
    put(bytes, Array("large".utf8))
    put([], Array("empty".utf8))
    #expect(try read(transport, path("large")) == bytes)
    #expect(try read(transport, path("empty")).isEmpty)
  }

  @Test("Many files of many sizes are each read as they are", arguments: Ground.all) func many(ground: Ground) throws {
    for index in 0..<1_200 { put(Self.bytes(index * 3), Array("f\(index)".utf8)) }
    let transport = try open(ground), entries = try transport.list(PartnerPath())
    #expect(entries.count == 1_200)
    for index in stride(from: 0, to: 1_200, by: 7) { #expect(try read(transport, path("f\(index)")) == Self.bytes(index * 3)) }
  }

  @Test("What is no regular file is not opened, nor anything behind a link", arguments: Ground.all) func noFile(ground: Ground) throws {
    put([1], Array("file".utf8))
    try TestFile.write([1], to: bench.folder.path("aside/secret"))
    #expect(symlink("file", inside + "/link") == 0 && symlink(bench.folder.path("aside"), inside + "/way") == 0 && mkfifo(inside + "/fifo", 0o600) == 0 && mkdir(inside + "/folder", 0o700) == 0)
    let transport = try open(ground)
    for name in ["link", "fifo", "folder", "none"] { #expect(refusal { _ = try transport.open(path(name)) } == "missing", "\(name)") }
    #expect(refusal { _ = try transport.open(path("way", "secret")) } == "missing")
    #expect(refusal { _ = try transport.list(path("way")) } == "missing")
  }

  @Test("The stamp of an open file is that of the file, whatever has its name now", arguments: Ground.all) func stamps(ground: Ground) throws {
    put([1, 2], Array("file".utf8))
    let transport = try open(ground), reader = try transport.open(path("file"))
    #expect(try reader.stamp().byteCount == 2 && reader.stamp() == transport.status(of: path("file"))?.stamp)
    #expect(rename(inside + "/file", inside + "/old") == 0)
    put([1, 2, 3, 4], Array("file".utf8))
    #expect(try reader.stamp().byteCount == 2 && transport.status(of: path("file"))?.stamp.byteCount == 4)
  }

  @Test("A new file has every byte, and is there for its group", arguments: Ground.all) func create(ground: Ground) throws {
    let bytes = Self.bytes(5_000_001), transport = try open(ground), writer = try transport.create(path("new"))
    for start in stride(from: 0, to: bytes.count, by: 777_777) { try writer.write(Array(bytes[start..<min(bytes.count, start + 777_777)])) }
    #expect(try writer.finish().byteCount == bytes.count)
    #expect(try bench.folder.read("in/new") == bytes)
    #expect(try Tools.run("stat", ["-c", "%a", inside + "/new"]).outputText == "640\n")
  }

  @Test("Nothing is written over, whatever has the name", arguments: Ground.all) func exists(ground: Ground) throws {
    put([1], Array("file".utf8))
    #expect(symlink("nowhere", inside + "/link") == 0)
    let transport = try open(ground)
    for name in ["file", "link"] { #expect(refusal { _ = try transport.create(path(name)) } == "exists") }
    #expect(refusal { _ = try transport.create(path("no", "file")) } == "missing")
    #expect(try bench.folder.read("in/file") == [1])
  }

  @Test("A file moves to another name and folder, and never over what is there", arguments: Ground.all) func move(ground: Ground) throws {
    for name in ["a", "b"] { put(Array(name.utf8), Array(name.utf8)) }
    let transport = try open(ground)
    try transport.move(path("a"), to: PartnerPath(base: .aside, components: [[0x63]]))
    #expect(try bench.folder.read("aside/c") == [0x61])
    put([9], [0x61])
    #expect(refusal { try transport.move(path("b"), to: path("a")) } == "exists")
    #expect(try bench.folder.read("in/a") == [9] && bench.folder.read("in/b") == [0x62])
    #expect(refusal { try transport.move(path("none"), to: path("d")) } == "missing")
  }

  @Test("A file is taken away, once", arguments: Ground.all) func remove(ground: Ground) throws {
    put([1], Array("file".utf8))
    let transport = try open(ground)
    for _ in 0..<2 { try transport.remove(path("file")) }
    #expect(try bench.folder.files().filter { $0.hasPrefix("in/") }.isEmpty)
  }

  @Test("A partner without room says so", arguments: Ground.all) func full(ground: Ground) throws {
    guard geteuid() == 0, try Tools.run("mount", ["-t", "tmpfs", "-o", "size=1m", "none", inside]).exit == 0 else { return }
    defer { _ = try? Tools.run("umount", ["-l", inside]) }
    let transport = try open(ground), writer = try transport.create(path("new"))
    #expect(
      refusal {
        try writer.write(Self.bytes(3_000_000))
        _ = try writer.finish()
      } == "full")
  }

  @Test("A partner without room for a further name says so", arguments: Ground.all) func noNames(ground: Ground) throws {
    guard geteuid() == 0, try Tools.run("mount", ["-t", "tmpfs", "-o", "size=1m,nr_inodes=1", "none", inside]).exit == 0 else { return }
    defer { _ = try? Tools.run("umount", ["-l", inside]) }
    let transport = try open(ground)
    #expect(refusal { _ = try transport.create(path("new")) } == "full")
  }

  /// Not on asyncssh, which tells what is not permitted like any other failure.
  @Test("What the partner's system forbids is denied, and nothing changes", arguments: Ground.all.filter { $0 != .second }) func denied(ground: Ground) throws {
    put([1], Array("file".utf8))
    // No mode holds root back, an immutable folder does.
    guard try geteuid() != 0 ? chmod(inside, 0o500) == 0 : Tools.run("chattr", ["+i", inside]).exit == 0 else { return }
    defer { _ = try? geteuid() != 0 ? Int(chmod(inside, 0o700)) : Int(Tools.run("chattr", ["-i", inside]).exit) }
    let transport = try open(ground)
    #expect(refusal { _ = try transport.create(path("new")) } == "denied")
    #expect(refusal { try transport.remove(path("file")) } == "denied")
    #expect(refusal { try transport.move(path("file"), to: path("other")) } == "denied")
    #expect(try read(transport, path("file")) == [1] && transport.list(PartnerPath()).count == 1)
  }

  @Test("After a cut every call is cut", arguments: Ground.remote) func cut(ground: Ground) throws {
    put(Self.bytes(9_000_000), Array("file".utf8))
    let transport = try #require(try open(ground) as? SFTPTransport), reader = try transport.open(path("file"))
    #expect(throws: TransportFault.cut) { _ = try reader.read(from: 0, to: .max) { _ in transport.client.link.kill() } }
    for _ in 0..<2 { #expect(refusal { _ = try transport.list(PartnerPath()) } == "cut") }
  }

  @Test("Files that were said to come next are read as they are, in whatever order they are then opened", arguments: Ground.all) func expected(ground: Ground) throws {
    let sizes = (0..<90).map { $0 % 9 == 4 ? 200_000 + $0 : $0 * 37 }
    for (index, size) in sizes.enumerated() { put(Self.bytes(size), Array("f\(index)".utf8)) }
    #expect(mkfifo(inside + "/fifo", 0o600) == 0)
    let transport = try open(ground)
    transport.expect((0..<90).map { path("f\($0)") } + [path("fifo"), path("none")])
    for index in [0, 1, 2, 8, 7, 9, 50, 51, 52, 3, 60, 60, 89] { #expect(try read(transport, path("f\(index)")) == Self.bytes(sizes[index])) }
    for name in ["fifo", "none"] { #expect(refusal { _ = try transport.open(path(name)) } == "missing") }
  }

  @Test("A file that was fetched ahead shows what it was after its last byte", arguments: Ground.all) func expectedStamp(ground: Ground) throws {
    for name in ["a", "b"] { put([1, 2, 3], Array(name.utf8)) }
    let transport = try open(ground), listed = try transport.list(PartnerPath())
    transport.expect([path("a"), path("b")])
    for name in ["a", "b"] {
      let reader = try transport.open(path(name)), stamp = listed.first { $0.name == Array(name.utf8) }?.status.stamp
      #expect(try reader.stamp() == stamp)
      _ = try reader.read(from: 0, to: .max) { _ in }
      #expect(try reader.stamp() == stamp)
    }
  }
}
