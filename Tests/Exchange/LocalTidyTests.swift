import Core
import Glibc
import Synchronization
import Testing
import Trust

@testable import Exchange

@Suite("Tidying in a folder of this machine") struct LocalTidyTests {
  let bench: Workbench
  let folder: MeddledFolder

  init() throws {
    bench = try Workbench()
    mkdir(bench.path + "/done", 0o700)
    folder = MeddledFolder(own: bench.path + "/drops", aside: bench.path + "/done")
    bench.drop("one", "a.hl7")
  }

  func source(_ action: AfterRead, _ completeness: Completeness = .rename) throws -> FeedSource {
    var source = FeedSource(feed: try #require(PlainName("lab")), place: .partner(folder), completeness: completeness)
    source.afterRead = action
    return source
  }

  func names(_ place: String = "drops") throws -> [String] { try DurableFile.names(in: bench.path + "/" + place) }

  /// Another file takes the name, as a partner does who renames when done.
  func replace(_ name: String, before calls: [String]) {
    folder.once(calls) { [bench] in
      bench.drop("two", ".new")
      rename(bench.path + "/drops/.new", bench.path + "/drops/" + name)
    }
  }

  @Test("A file that takes the name between two calls stays, whatever becomes of read files", arguments: [AfterRead.delete, .move(to: "done")])
  func replaced(action: AfterRead) throws {
    replace("a.hl7", before: ["move", "remove"])
    let pulled = try bench.pull(try source(action))
    #expect(pulled.sealed == 1 && pulled.tidyFault?.code == "EXC-103")
    #expect(try names() == ["a.hl7"] && bench.bytes("drops/a.hl7") == Array("two".utf8) && names("done").isEmpty)
  }

  @Test("What a killed deletion left is ended: the sealed file goes, another gets its name back") func ended() throws {
    _ = try bench.pull(try source(.leave))
    let id = try #require(try bench.drops().first).id.hex
    rename(bench.path + "/drops/a.hl7", bench.path + "/drops/.compline-\(id)-a.hl7")
    bench.drop("other", ".compline-\(id)-b.hl7")
    #expect(try bench.pull(try source(.delete)).arriving == 1)
    #expect(try names() == ["b.hl7"] && bench.bytes("drops/b.hl7") == Array("other".utf8))
  }

  @Test("What a killed move left is ended, also where the file has both of its names", arguments: [false, true]) func endedMove(hasBoth: Bool) throws {
    _ = try bench.pull(try source(.leave))
    let id = try #require(try bench.drops().first).id.hex, mark = bench.path + "/drops/.compline-\(id)-a.hl7"
    rename(bench.path + "/drops/a.hl7", mark)
    if hasBoth { link(mark, bench.path + "/done/\(id)-a.hl7") }
    _ = try bench.pull(try source(.move(to: "done")))
    #expect(try names().isEmpty)
    #expect(try names("done") == ["\(id)-a.hl7"] && bench.bytes("done/\(id)-a.hl7") == Array("one".utf8))
  }

  @Test("A file that cannot go into the other folder keeps its name") func noFolder() throws {
    rmdir(bench.path + "/done")
    #expect(try bench.pull(try source(.move(to: "done"))).notTidied == 1)
    #expect(try names() == ["a.hl7"])
  }

  @Test("The mark of another feed's file is left to that feed") func otherMark() throws {
    _ = try bench.pull(try source(.leave))
    rename(bench.path + "/drops/a.hl7", bench.path + "/drops/.compline-\(try #require(try bench.drops().first).id.hex)-a.hl7")
    var other = try source(.delete, .settle(windowSeconds: 60))
    other.files = [NamePattern("*-b.hl7"), NamePattern("*.csv")]
    #expect(try bench.pull(other).skipped == 1 && names().count == 1)
    #expect(try bench.pull(try source(.leave, .settle(windowSeconds: 60))).skipped == 1 && names().count == 1)
  }

  @Test("A marker that several files share stays until all of them are gone, whoever takes them") func sharedMarker() throws {
    for name in ["a.csv", "a.ok"] { bench.drop("two", name, age: 60) }
    var marked = try source(.delete, .marker(try #require(MarkerPattern("{stem}.ok"))))
    marked.files = [NamePattern("*.hl7")]
    #expect(try bench.pull(marked).sealed == 1)
    #expect(try names() == ["a.csv", "a.ok"])
  }

  @Test("The longest name is deleted, and a file that took it gets it back whole") func longestName() throws {
    let name = String(repeating: "é", count: 125) + ".hl7"
    rename(bench.path + "/drops/a.hl7", bench.path + "/drops/" + name)
    replace(name, before: ["move", "remove"])
    #expect(try bench.pull(try source(.delete)).tidyFault?.code == "EXC-103")
    #expect(try names() == [name])
    #expect(try bench.pull(try source(.delete)).sealed == 1)
    #expect(try names().isEmpty)
  }

  @Test("A name that is cut keeps its ending and splits no character") func cutName() throws {
    let name = String(repeating: "é", count: 125) + ".hl7"
    rename(bench.path + "/drops/a.hl7", bench.path + "/drops/" + name)
    _ = try bench.pull(try source(.move(to: "done")))
    let moved = try #require(try names("done").first)
    #expect(moved.hasSuffix("é.hl7") && moved.utf8.count <= 255 && String(validating: moved.utf8, as: UTF8.self) != nil && !moved.contains("\u{FFFD}"))
  }

  // MARK: Markers

  func marked(_ age: Int) throws -> FeedSource {
    let source = try source(.delete, .marker(try #require(MarkerPattern("{name}.done"))))
    bench.drop("", "a.hl7.done", age: 3000)
    var first = source
    first.afterRead = .leave
    _ = try bench.pull(first)
    unlink(bench.path + "/drops/a.hl7")
    bench.drop("", "a.hl7.done", age: age)
    return source
  }

  @Test("A marker whose file came after the listing is not taken for that of the last file") func markerOfANewFile() throws {
    let source = try marked(2_000)
    folder.once(["status"]) { [bench] in bench.drop("two", "a.hl7", age: 2_500) }
    #expect(try bench.pull(source).skipped == 1)
    #expect(try names() == ["a.hl7", "a.hl7.done"])
    #expect(try bench.pull(source).sealed == 1)
  }

  @Test("A marker that is young is not taken for that of the last file") func youngMarker() throws {
    let source = try marked(100)
    #expect(try bench.pull(source).skipped == 1)
    #expect(try names() == ["a.hl7.done"])
  }
}
