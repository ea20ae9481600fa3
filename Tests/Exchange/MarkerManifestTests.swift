import Core
import Glibc
import Testing
import Trust

@testable import Exchange

@Suite("Markers") struct MarkerTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  func source(_ text: String = "{name}.done", _ change: (inout FeedSource) -> Void = { _ in }) throws -> FeedSource {
    try bench.source(.marker(try #require(MarkerPattern(text))), change)
  }

  @Test func aFileWithoutItsMarkerIsArriving() throws {
    bench.drop("one", "a.hl7")
    bench.drop("two", "b.hl7")
    bench.drop("", "b.hl7.done", age: 3000)
    let pulled = try bench.pull(try source())
    #expect(pulled.sealed == 1 && pulled.arriving == 1)
    #expect(try bench.plain(try #require(try bench.drops().first)) == "two")
  }

  @Test func aFileWrittenAnewWaitsForANewMarker() throws {
    bench.drop("", "a.hl7.done", age: 3000)
    bench.drop("one", "a.hl7", age: 2000)
    #expect(try bench.pull(try source()).arriving == 1)
    bench.drop("", "a.hl7.done", age: 2000)
    #expect(try bench.pull(try source()).sealed == 1)
  }

  @Test func aMarkerIsNoDropAndGoesWithItsFile() throws {
    bench.drop("one", "a.hl7")
    bench.drop("", "a.hl7.done", age: 3000)
    #expect(try bench.pull(try source { $0.afterRead = .delete }).sealed == 1)
    #expect(try DurableFile.names(in: bench.path + "/drops").isEmpty)
  }

  @Test func aMarkerThatAKillLeftGoesWithTheNextPull() throws {
    bench.drop("one", "a.hl7")
    bench.drop("", "a.hl7.done", age: 3000)
    try bench.pull(try source())
    unlink(bench.path + "/drops/a.hl7")
    #expect(try bench.pull(try source { $0.afterRead = .delete }).skipped == 0)
    #expect(try DurableFile.names(in: bench.path + "/drops").isEmpty)
  }

  @Test func aMarkerOfAStemStandsForEachFileOfIt() throws {
    bench.drop("one", "a.hl7")
    bench.drop("two", "a.txt")
    bench.drop("", "a.ok", age: 3000)
    #expect(try bench.pull(try source("{stem}.ok")).sealed == 2)
  }

  @Test(arguments: ["done", "{name}", "{name}{stem}", "x/{name}.ok", "{other}.ok"]) func otherTextsAreNoPatterns(text: String) { #expect(MarkerPattern(text) == nil) }
}

@Suite("Manifests") struct ManifestTests {
  let bench: Workbench
  static let one = Hex.text(SHA256.digest("one".utf8)), two = Hex.text(SHA256.digest("two".utf8))

  init() throws { bench = try Workbench() }

  func pull(_ change: (inout FeedSource) -> Void = { _ in }) throws -> FeedPull { try bench.pull(try bench.source(.manifest(NamePattern("*.manifest")), change)) }

  @Test func onlyWhatAManifestListsIsTaken() throws {
    bench.drop("one", "a.hl7")
    bench.drop("stray", "s.hl7")
    bench.drop("name,bytes,sha256,messages\na.hl7,3,\(Self.one),1\n", "n.manifest")
    let pulled = try pull()
    #expect(pulled.sealed == 2 && pulled.arriving == 1 && pulled.missing == 0)
    #expect(try bench.drops().map(\.kind) == [.data, .control])
  }

  @Test func aFileThatIsNotThereOrDiffersIsMissing() throws {
    bench.drop("on3", "a.hl7")
    bench.drop("\(Self.one)  a.hl7\n\(Self.two) *b.hl7\n", "n.manifest")
    let pulled = try pull { $0.afterRead = .delete }
    #expect(pulled.missing == 2 && pulled.sealed == 1)
    #expect(try DurableFile.names(in: bench.path + "/drops") == ["a.hl7", "n.manifest"])
  }

  @Test func whatCameBeforeIsNotMissing() throws {
    bench.drop("one", "a.hl7")
    bench.drop("\(Self.one)  a.hl7\n", "n.manifest")
    #expect(try pull { $0.afterRead = .delete }.missing == 0)
    #expect(try DurableFile.names(in: bench.path + "/drops").isEmpty)
    bench.drop("\(Self.one)  a.hl7\n", "n.manifest")
    #expect(try pull().missing == 0)
  }

  @Test(arguments: ["", "name,bytes,sha256\n", "x", "name,bytes,sha256\n../a,3,\(one)\n", "name,bytes,sha256\na,3,\(one)", "\(one)  a\n\(two)  a\n", "name,bytes,sha256\na,x,\(one)\n"])
  func whatIsNoWholeManifestIsNone(text: String) { #expect(DropManifest(Array(text.utf8)) == nil) }

  @Test func linesWithoutAnEndAreNoManifestAndEmptyOnesCostNothing() {
    let line = "\(Self.one)  a\n", empty = String(repeating: "\r\n", count: 1_000_000)
    #expect(DropManifest(Array((empty + line).utf8))?.entries.count == 1)
    #expect(DropManifest(Array((line + String(repeating: "a\n", count: 1_000_000)).utf8)) == nil)
    #expect(DropManifest(Array((String(repeating: ",", count: 20_000) + "\n" + line).utf8)) == nil)
    #expect(DropManifest(Array("\(Self.one)  \(String(repeating: "b/", count: 9_000))a\n".utf8)) == nil)
  }

  @Test func countsAddUpWhereEachFileHasOne() throws {
    let header = "sha256,name,messages,bytes\n", quoted = "\(Self.one),\"a,\"\"b.hl7\",4,3\n"
    #expect(DropManifest(Array((header + quoted + "\(Self.two),c.hl7,5,3\n").utf8))?.declared == 9)
    #expect(DropManifest(Array((header + quoted + "\(Self.two),c.hl7,,3\n").utf8))?.declared == nil)
    #expect(DropManifest(Array((header + quoted).utf8))?.entries.first?.components == [Array("a,\"b.hl7".utf8)])
  }
}

@Suite("Files that somebody is writing") struct RaceTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  /// Runs a shell that writes into the drop folder, and ends it by its id.
  func whileWriting(_ script: String, _ body: () throws -> Void) throws {
    var pid = pid_t()
    let words: [String] = ["/bin/sh", "-c", "cd \"$0\" && " + script, bench.path + "/drops"]
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    arguments.append(nil)
    defer { for argument in arguments { free(argument) } }
    try #require(posix_spawn(&pid, "/bin/sh", nil, nil, arguments, environ) == 0)
    defer {
      kill(pid, SIGKILL)
      waitpid(pid, nil, 0)
    }
    try body()
  }

  /// Lines of which each is whole and the last one says so.
  func isWhole(_ text: String) -> Bool {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.last == "" && lines.dropLast().last?.hasPrefix("end") == true && lines.dropLast(2).allSatisfy { $0 == "line" }
  }

  @Test func aFileThatGrowsMeanwhileIsNeverSealedHalf() throws {
    let lines = "for n in 1 2 3 4 5 6 7 8; do echo line >> $f.part; done; echo end$i >> $f.part; mv $f.part $f"
    try whileWriting("i=0; while [ $i -lt 2000 ]; do i=$((i+1)); f=f$((i % 3)); : > $f.part; \(lines); done") { for _ in 0..<8 { try bench.pull() } }
    for drop in try bench.drops() { #expect(isWhole(try bench.plain(drop))) }
  }

  @Test func aMarkedFileIsWholeHoweverItsWriterGoesOn() throws {
    let source = try bench.source(.marker(try #require(MarkerPattern("{name}.done"))))
    let lines = "for n in 1 2 3 4 5 6 7 8; do echo line >> g$i; done; echo end$i >> g$i; : > g$i.done"
    try whileWriting("i=0; while [ $i -lt 30 ]; do i=$((i+1)); \(lines); done") { for _ in 0..<8 { try bench.pull(source) } }
    for drop in try bench.drops() { #expect(isWhole(try bench.plain(drop))) }
  }

  @Test func aFileReplacedMeanwhileIsWholeOneWayOrTheOther() throws {
    bench.drop("line\nend\n", "r")
    let write = "while :; do (echo line; echo end) > .r; mv .r r; (for n in 1 2 3 4 5 6 7 8 9; do echo line; done; echo end) > .s; mv .s r; done"
    try whileWriting(write) { for _ in 0..<8 { try bench.pull() } }
    for drop in try bench.drops() { #expect(isWhole(try bench.plain(drop))) }
  }
}

@Suite("What a feed would take, and what lies sealed") struct FeedCheckTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  func fates(_ source: FeedSource) throws -> [String: FeedCheck.Fate] {
    let check = try FeedCheck(source, spool: bench.spool.folder, pullKey: bench.keys.pull, clock: bench.clock.intake)
    return Dictionary(uniqueKeysWithValues: check.lines.map { (String(decoding: $0.path, as: UTF8.self), $0.fate) })
  }

  @Test func eachFileHasItsReason() throws {
    bench.drop("one", "a.hl7")
    bench.drop("two", "b.hl7")
    try bench.pull()
    bench.drop("three", "b.hl7")
    bench.drop("one", "c.hl7")
    bench.drop("new", "d.hl7")
    bench.drop("half", "e.part")
    mkfifo(bench.path + "/drops/f", 0o600)
    let journal = bench.bytes("spool/journal")
    let expected: [String: FeedCheck.Fate] = ["a.hl7": .known, "b.hl7": .resubmitted, "c.hl7": .duplicate, "d.hl7": .taken, "e.part": .arriving, "f": .notAFile]
    #expect(try fates(try bench.source()) == expected)
    #expect(bench.bytes("spool/journal") == journal && bench.clock.waitedSeconds.isEmpty)
  }

  @Test func aMissingMarkerIsNamed() throws {
    bench.drop("one", "a.hl7")
    bench.drop("two", "b.hl7")
    bench.drop("", "b.hl7.done", age: 10)
    #expect(try fates(try bench.source(.marker(try #require(MarkerPattern("{name}.done"))))) == ["a.hl7": .noMarker, "b.hl7": .taken, "b.hl7.done": .marker])
  }

  @Test func theSpoolIsVerifiedDropByDrop() throws {
    for name in ["a", "b", "c", "d"] {
      bench.drop(name, name)
      try bench.pull()
    }
    let drops = try bench.drops()
    unlink(bench.spool.path(of: drops[0].id))
    let sealed = try DurableFile.read(bench.spool.path(of: drops[1].id), maximumBytes: 1 << 20)
    try DurableFile.write(sealed.dropLast() + [sealed[sealed.count - 1] ^ 1], to: bench.spool.path(of: drops[1].id), mode: 0o600)
    try DurableFile.write(sealed, to: bench.spool.path(of: drops[2].id), mode: 0o600)
    let result = try SpoolVerification(bench.spool, key: bench.secret, pullKey: bench.keys.pull)
    #expect(result.whole == 1 && result.bad.map(\.drop.id) == drops[..<3].map(\.id))
    #expect(result.bad.map(\.condition) == [.missing, .damaged(code: "TRU-215"), .damaged(code: "TRU-211")])
  }
}
