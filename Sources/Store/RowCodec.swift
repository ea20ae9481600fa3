import Core
import Trust

/// Turns cells into columns and back: sealing, blind indexes and the identity of contents, under the keys that the process holds.
final class RowCodec {
  private let siteID: String
  /// Where open columns take bytes only, texts are stored as their bytes.
  let keepsOpenText: Bool
  private let sealers: [DataClass: Sealer]
  private let indexKey: SecretKey?
  private let contents: BlindIndex?
  private let messages: BlindIndex?
  private let controls: BlindIndex?
  private let attachments: BlindIndex?
  private var keyIndexes: [String: KeyIndex] = [:]
  /// What all is bound to first.
  private let site: [UInt8]
  private var pool = RandomPool()
  private var refStart: [UInt8] = []
  private var refsLeft = 0
  private var content = ByteWriter()
  private var plain = ByteWriter()
  private var bound: [UInt8] = []

  /// Rows of one message name the same row again and again.
  private final class KeyIndex {
    let index: BlindIndex
    private var last: (key: [UInt8], index: Bytes16)?

    init(_ index: BlindIndex) { self.index = index }

    func index(of key: [UInt8]) throws -> Bytes16 {
      if let last, last.key == key { return last.index }
      let found = try index.index16(of: key)
      last = (key, found)
      return found
    }
  }

  init(siteID: String, keys: StoreKeys, keepsOpenText: Bool) throws {
    self.siteID = siteID
    site = RowKey.encode([Array(siteID.utf8)])
    self.keepsOpenText = keepsOpenText
    sealers = try keys.columns.mapValues { try Sealer(key: $0) }
    indexKey = keys.index
    contents = try keys.index.map { try BlindIndex(key: $0, label: "content") }
    messages = try keys.index.map { try BlindIndex(key: $0, label: "message") }
    controls = try keys.index.map { try BlindIndex(key: $0, label: "control") }
    attachments = try keys.index.map { try BlindIndex(key: $0, label: "attachment") }
  }

  /// True when every sealed class of the entity can be opened and its contents checked.
  func opensAll(of table: EntityTable) -> Bool { contents != nil && table.sealedClasses.allSatisfy { sealers[$0] != nil } }

  func demandAll(of table: EntityTable) throws(StoreError) {
    for kind in table.sealedClasses where sealers[kind] == nil { throw .keyMissing(kind.rawValue) }
    if contents == nil { throw .keyMissing("index") }
  }

  /// The blind index of a key of an entity.
  func keyIndex(entity: String, key: [UInt8]) throws -> Bytes16 {
    if let known = keyIndexes[entity] { return try known.index(of: key) }
    guard let indexKey else { throw StoreError.keyMissing("index") }
    let index = KeyIndex(try BlindIndex(key: indexKey, label: "row/" + entity))
    keyIndexes[entity] = index
    return try index.index(of: key)
  }

  /// The identity of a message in its feed; nil for a message without a digest.
  func messageMac(feed: String, digest: [UInt8]) throws -> [UInt8]? {
    guard let messages else { throw StoreError.keyMissing("index") }
    return digest.isEmpty ? nil : try messages.code(of: RowKey.encode([Array(feed.utf8), digest]))
  }

  /// The identity of a message's control id in its feed; nil when it has none.
  func controlMac(feed: String, identity: [UInt8]) throws -> [UInt8]? {
    guard let controls else { throw StoreError.keyMissing("index") }
    return identity.isEmpty ? nil : try controls.code(of: RowKey.encode([Array(feed.utf8), identity]))
  }

  /// The id of an attachment: sixteen bytes, the same in every load of its drop.
  func attachmentID(drop: String, _ head: AttachmentHead) throws -> [UInt8] {
    guard let attachments else { throw StoreError.keyMissing("index") }
    var writer = ByteWriter()
    writer.write(drop)
    writer.write(head.message)
    writer.write(head.number)
    return try attachments.index(of: writer.bytes)
  }

  /// The identity of an assertion. The row's ref is in it, so that equal contents of two rows do not show as equal.
  func contentMac(_ assertion: Assertion, entity: String, ref: Bytes16) throws -> Bytes16 {
    guard let contents else { throw StoreError.keyMissing("index") }
    content.removeAll()
    content.write(entity)
    content.write(ref)
    content.write(assertion.eventInstant)
    content.write(assertion.sourceRank)
    let start = content.count
    content.write(Int32(0))
    for cell in assertion.cells { cell.write(to: &content) }
    content.patch(Int32(content.count - start - 4), at: start)
    return try contents.index16(of: content.bytes)
  }

  /// The name of a new row: random. A thousand in turn begin with the same six bytes, so that an index has them side by side and a load does not
  /// touch a page of its own for each; the other ten tell nothing of each other.
  func newRef() throws -> Bytes16 {
    if refsLeft == 0 { (refStart, refsLeft) = (Array(try pool.take(6)), 1_024) }
    refsLeft -= 1
    guard let ref = Bytes16(refStart + (try pool.take(10))) else { throw StoreError.keyMissing("random") }
    return ref
  }

  /// What a sealed column is bound to: site, entity, class, row and content. It stands in `bound` until the next one.
  private func bind(_ column: SealedColumn, _ ref: Bytes16, _ mac: Bytes16) {
    bound.removeAll(keepingCapacity: true)
    bound += site
    bound += column.place
    RowKey.append(ref, to: &bound)
    RowKey.append(mac, to: &bound)
  }

  /// The values of the columns after the head, in the order of `EntityTable.columns`.
  func columns(_ assertion: Assertion, table: EntityTable, ref: Bytes16, mac: Bytes16) throws -> [SQLValue] {
    var rows = PackedRows(keepsText: keepsOpenText)
    rows.begin(columns: table.columns.count)
    try pack(assertion, table: table, ref: ref, mac: mac, into: &rows)
    return rows.values
  }

  /// Appends the values of the columns after the head.
  func pack(_ assertion: Assertion, table: EntityTable, ref: Bytes16, mac: Bytes16, into rows: inout PackedRows) throws {
    for field in table.openFields { if case .value(let bytes) = assertion.cells[field] { rows.open(bytes) } else { rows.null() } }
    for field in table.centFields {
      if let cents = assertion.cells[field].bytes.flatMap({ DecimalNumber($0)?.hundredths }) { rows.integer(cents) } else { rows.null() }
    }
    for field in table.references {
      guard case .reference(let target) = table.entity.fields[field].kind, case .value(let key) = assertion.cells[field] else {
        rows.null()
        continue
      }
      rows.blob(try keyIndex(entity: target, key: key))
    }
    for column in table.sealed { try seal(assertion.cells, column, ref, mac, into: &rows) }
  }

  private func seal(_ cells: [StoredCell], _ column: SealedColumn, _ ref: Bytes16, _ mac: Bytes16, into rows: inout PackedRows) throws {
    guard column.fields.contains(where: { !cells[$0].isAbsent }) else { return rows.null() }
    guard let sealer = sealers[column.kind] else { throw StoreError.keyMissing(column.kind.rawValue) }
    plain.removeAll()
    for field in column.fields { cells[field].write(to: &plain) }
    bind(column, ref, mac)
    try rows.blob { try sealer.seal(plain.bytes, aad: bound, onto: &$0) }
  }

  /// Keys of rows, sealed as identifiers are; `label` is what they are bound to.
  func sealedKeys(_ plain: [UInt8], _ label: [[UInt8]]) throws -> [UInt8] {
    guard let sealer = sealers[.identifier] else { throw StoreError.keyMissing(DataClass.identifier.rawValue) }
    return try sealer.seal(plain, aad: RowKey.encode([Array(siteID.utf8)] + label))
  }

  /// - Throws: STO-502 when bytes or place were changed.
  func openedKeys(_ blob: [UInt8], _ label: [[UInt8]], of entity: String) throws -> [UInt8] {
    guard let sealer = sealers[.identifier] else { throw StoreError.keyMissing(DataClass.identifier.rawValue) }
    return try opened(blob, sealer, entity, RowKey.encode([Array(siteID.utf8)] + label))
  }

  /// The names of the open fields that were sent as null.
  func cleared(_ assertion: Assertion, table: EntityTable) -> String {
    guard assertion.cells.contains(where: \.isNull) else { return "" }
    return table.openFields.filter { assertion.cells[$0].isNull }.map { table.entity.fields[$0].name }.joined(separator: " ")
  }

  /// The assertion of a record selected with `EntityTable.select`; sealed classes outside `classes`, or without a key, stay `.sealed`.
  ///
  /// - Throws: STO-502 when bytes or place were changed; the content is checked where all of it is open.
  func assertion(_ record: SQLRow, table: EntityTable, ref: Bytes16, classes: Set<DataClass>) throws -> Assertion {
    guard let mac = Bytes16(try record[3] as [UInt8]) else { throw StoreError.broken(table.entity.name) }
    var cells = [StoredCell](repeating: .absent, count: table.entity.fields.count)
    try readOpen(record, table: table, into: &cells)
    for (offset, column) in table.sealed.enumerated() {
      guard let blob: [UInt8] = try record[table.firstSealed + offset] else { continue }
      guard classes.contains(column.kind), let sealer = sealers[column.kind] else {
        for field in column.fields { cells[field] = .sealed }
        continue
      }
      bind(column, ref, mac)
      let plain = try opened(blob, sealer, table.entity.name, bound)
      guard let own = StoredCell.decode(plain, count: column.fields.count) else { throw StoreError.broken(table.entity.name) }
      for (field, cell) in zip(column.fields, own) { cells[field] = cell }
    }
    let assertion = Assertion(eventInstant: try record[1], sourceRank: try record[2], cells: cells)
    guard contents != nil, !cells.contains(where: \.isSealed) else { return assertion }
    guard try contentMac(assertion, entity: table.entity.name, ref: ref) == mac else { throw StoreError.broken(table.entity.name) }
    return assertion
  }

  private func readOpen(_ record: SQLRow, table: EntityTable, into cells: inout [StoredCell]) throws {
    let names: String = try record[6]
    let cleared = names.isEmpty ? [] : Set(names.split(separator: " ").map(String.init))
    for (offset, field) in table.openFields.enumerated() {
      switch record.values[EntityTable.firstOpen + offset] {
      case .text(let text): cells[field] = .value(Array(text.utf8))
      case .blob(let bytes): cells[field] = .value(bytes)
      case .null: cells[field] = cleared.contains(table.entity.fields[field].name) ? .null : .absent
      case .integer: cells[field] = .sealed
      }
    }
  }

  private func opened(_ blob: [UInt8], _ sealer: Sealer, _ entity: String, _ aad: [UInt8]) throws -> [UInt8] {
    do { return try sealer.open(blob, aad: aad) } catch {
      if error.code == "TRU-202" { throw error }
      throw StoreError.broken(entity)
    }
  }
}
