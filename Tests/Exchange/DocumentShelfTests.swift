import Core
import Exchange
import Testing
import Trust

@Suite struct DocumentShelfTests {
  private func put(_ text: String, _ id: ObjectID, on shelf: DocumentShelf, _ bench: Workbench) throws {
    let (file, writer) = try shelf.begin(id, to: bench.keys.recipient)
    try writer.write(Array(text.utf8))
    _ = try writer.finish()
    try file.commitReplacing()
  }

  @Test("A document comes back byte for byte, and lies sealed")
  func roundTrip() throws {
    let bench = try Workbench()
    let shelf = DocumentShelf(folder: bench.path + "/documents", site: bench.spool.site), id = try ObjectID.random()
    try put("%PDF-1.4 synthetic", id, on: shelf, bench)
    #expect(try shelf.reader(of: id, key: bench.secret).next() == Array("%PDF-1.4 synthetic".utf8))
    let sealed = bench.bytes("documents/\(id.hex.prefix(2))/\(id.hex).sealed")
    #expect(!String(decoding: sealed, as: UTF8.self).contains("synthetic"))
  }

  @Test("A sealed drop does not open as a document of the same id")
  func purposes() throws {
    let bench = try Workbench()
    let shelf = DocumentShelf(folder: bench.path + "/documents", site: bench.spool.site), id = try ObjectID.random()
    try put("text", id, on: shelf, bench)
    let spool = try Spool(folder: shelf.folder, site: bench.spool.site)
    #expect(throws: TrustError.self) { try spool.reader(of: id, key: bench.secret) }
  }

  @Test("A sweep takes away what the ledger does not name, and nothing else")
  func sweep() throws {
    let bench = try Workbench()
    let shelf = DocumentShelf(folder: bench.path + "/documents", site: bench.spool.site)
    let kept = try ObjectID.random(), orphan = try ObjectID.random()
    try put("kept", kept, on: shelf, bench)
    try put("orphan", orphan, on: shelf, bench)
    #expect(try shelf.sweep(keeping: [kept]) == 1)
    #expect(try shelf.reader(of: kept, key: bench.secret).verify().byteCount == 4)
    #expect(throws: TrustError.self) { try shelf.reader(of: orphan, key: bench.secret) }
  }
}
