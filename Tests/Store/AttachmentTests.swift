import Core
import Store
import Support
import Testing

@Suite struct AttachmentTests {
  private static let head = AttachmentHead(message: 0, number: 0, position: SourcePosition(path: "OBX-5", occurrence: 2), mediaType: "application/pdf", encoding: .base64)
  private static let tail = AttachmentTail(byteCount: 12, sniffedType: "application/pdf", isWhole: true)

  @Test("An attachment of a loaded message stays in the ledger", arguments: StoreKind.allCases)
  func stays(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    let drop = try store.loadAttached("a", MappedMessage("1", [.patient("T1")]), Self.head, Self.tail)
    let entries = try store.attachments(drop: drop)
    #expect(entries.map(\.byteCount) == [12])
    #expect(entries.map(\.path) == ["OBX-5"])
    #expect(try store.attachmentIDs() == Set(entries.map(\.id)))
  }

  @Test("An attachment of a duplicate, held or rejected message leaves the ledger", arguments: StoreKind.allCases)
  func goes(kind: StoreKind) throws {
    let store = try StoreSite(kind).open()
    try store.load("a", [MappedMessage("1", [.patient("T1")])])
    try store.loadAttached("b", MappedMessage("1", [.patient("T1")]), Self.head, Self.tail)
    try store.loadAttached("c", MappedMessage("2").with { $0.verdict = .held(Finding(.noMapping)) }, Self.head, Self.tail)
    try store.loadAttached("d", MappedMessage("3").with { $0.verdict = .rejected(Finding(.nulByte)) }, Self.head, Self.tail)
    #expect(try store.attachmentIDs().isEmpty)
  }

  @Test("The id of an attachment is the same in every load of its drop, and another under another key", arguments: StoreKind.allCases)
  func identity(kind: StoreKind) throws {
    let site = try StoreSite(kind)
    let store = try site.open()
    let drop = try store.pull("a")
    func id(_ store: SiteStore) throws -> [UInt8] {
      let load = try store.openLoad(drop: drop, run: "run", mappings: [StoreSite.mapping], rowPaths: ["PID"])
      defer { load.rollback() }
      return try load.attachmentID(Self.head)
    }
    #expect(try id(store) == id(store))
    let other = try StoreSite(kind).open()
    _ = try other.pull("a")
    #expect(try id(store) != id(other))
  }

  @Test("A store of the first version is brought up by the first run that writes to it")
  func migration() throws {
    let site = try StoreSite()
    let drop = try site.open().load("a", [MappedMessage("1", [.patient("T1")])])
    let back = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute('DROP TABLE attachment'); db.execute('PRAGMA user_version = 1'); db.commit()"
    #expect(try Tools.run("python3", ["-c", back, site.path]).exit == 0)
    #expect(throws: StoreError.self) { try site.open(epoch: nil) }
    let store = try site.open(epoch: 2)
    #expect(try store.attachments(drop: drop).isEmpty)
    #expect(try store.current("identifier", of: "patient") == ["T1"])
  }
}

extension SiteStore {
  @discardableResult
  fileprivate func loadAttached(_ name: String, _ message: MappedMessage, _ head: AttachmentHead, _ tail: AttachmentTail) throws -> String {
    let id = try pull(name)
    let load = try openLoad(drop: id, run: "run", mappings: [StoreSite.mapping], rowPaths: ["PID"])
    try load.attachment(head, tail)
    try load.load(message)
    try load.finish(messagesDeclared: 1)
    return id
  }
}
