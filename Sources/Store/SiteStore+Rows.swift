public import Core
import Trust

extension SiteStore {
  private static let pageRows = 500

  /// The rows of an entity with their versions, one at a time, in an order of no meaning.
  ///
  /// - Parameters:
  ///   - history: all versions, else only the current one.
  ///   - asKnownOn: what was believed when that night had closed; nil for what is believed now.
  /// - Memory: the assertions of one row. Reads stand in one snapshot; an error of `body` ends it and comes out as it is.
  /// - Throws: STO-302 for an unknown entity, STO-305 for a night of which nothing is known, STO-502 when a row was tampered with, and what `body`
  ///   throws.
  public func forEachRow(entity: String, history: Bool, asKnownOn night: BusinessDate? = nil, _ body: (VersionedRow) throws -> Void) throws {
    let table = try table(entity)
    let reader = RowReader(codec: codec, table: table, classes: Set(table.sealedClasses))
    try snapshot { db in
      let known = try night.map { KnownRows(reader: reader, epoch: try knownEpoch($0, db), dictionary: dictionary) }
      var after: [UInt8] = []
      while true {
        let page = try db.all(
          "SELECT ref, key_index FROM row_ WHERE entity = ? AND key_index > ? ORDER BY key_index LIMIT ?", [entity, after, Self.pageRows])
        for found in page {
          var row = try known?.row(found[0], db) ?? reader.row(found[0], db)
          if !history { row.versions = row.current.map { [$0] } ?? [] }
          if row.versions.isEmpty { continue }
          try body(row)
        }
        guard let last = page.last, page.count == Self.pageRows else { return }
        after = try last[1]
      }
    }
  }

  /// The ref of the row with a key; nil where there is none.
  ///
  /// - Parameter key: as `RowKey.encode` makes it of the entity's key fields.
  /// - Throws: STO-501 without the index key.
  public func ref(of entity: String, key: [UInt8]) throws(StoreError) -> String? {
    try reach { db in
      let index = try self.codec.keyIndex(entity: entity, key: key)
      let ref: Bytes16? = try db.value("SELECT ref FROM row_ WHERE entity = ? AND key_index = ?", [entity, index])
      return ref.map { Hex.text($0.bytes) }
    }
  }

  /// SHA-256 (hex) over the ascending list of the SHA-256 of every version: entity, dictionary version, all fields, event time, valid range.
  ///
  /// It does not depend on keys, refs, provenance or the order of arrival. Memory is bounded by the sorter's.
  /// - Parameter night: as it was when that night had closed; nil for now.
  /// - Throws: STO-501 unless every column key and the index key are loaded, STO-305 for a night of which nothing is known.
  public func digest(asKnownOn night: BusinessDate? = nil) throws(StoreError) -> String {
    for table in tables { try codec.demandAll(of: table) }
    do {
      let sorter = SealedSorter(spillingTo: folder)
      for entity in dictionary.entities {
        try forEachRow(entity: entity.name, history: true, asKnownOn: night) { row in
          for version in row.versions { try sorter.append(SHA256.digest(encoding(version, of: entity.name))) }
        }
      }
      var hash = SHA256()
      try sorter.forEachSorted { hash.update($0) }
      return Hex.text(hash.finish())
    } catch { throw .translated(error) }
  }

  private func encoding(_ version: RowVersion, of entity: String) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(entity)
    writer.write(dictionary.version)
    writer.write(StoredCell.encode(version.cells))
    writer.write(version.validFrom)
    writer.write(UInt8(version.validTo == nil ? 0 : 1))
    writer.write(version.validTo ?? 0)
    return writer.bytes
  }
}

extension VersionedRow {
  /// A row that nobody speaks of any more, after a replay: it has a ref and no versions.
  static func withdrawn(ref: String, entity: String) -> VersionedRow {
    VersionedRow(ref: ref, entity: entity, versions: [], lastMapping: MappingRef(id: "", version: 0, digest: ""), lastIsFallback: false, subjectRef: nil)
  }
}

/// Reads a row's assertions and folds them.
struct RowReader {
  let codec: RowCodec
  let table: EntityTable
  /// The sealed classes to open, where their keys are loaded.
  let classes: Set<DataClass>

  func row(_ ref: Bytes16, _ db: any SQLConnection) throws(StoreError) -> VersionedRow {
    do { return try folded(ref, db) } catch { throw .translated(error) }
  }

  private func folded(_ ref: Bytes16, _ db: any SQLConnection) throws -> VersionedRow {
    var assertions: [Assertion] = []
    var source = Source(mapping: 0, isFallback: false)
    let subjectColumn = table.subjectReference
    try db.each(table.select, [ref]) { record in
      assertions.append(try codec.assertion(record, table: table, ref: ref, classes: classes))
      (source.mapping, source.isFallback) = (try record[4], try record[5])
      if let subjectColumn, let index = try record[table.firstIndex + subjectColumn] as [UInt8]? { source.subject = index }
    }
    return try folded(ref, assertions, source, db)
  }

  /// Where the last statement of a row comes from, and of whom the last one is that names a patient.
  struct Source {
    var mapping: Int
    var isFallback: Bool
    var subject: [UInt8]?
  }

  /// A row of statements in the order of the fold.
  func folded(_ ref: Bytes16, _ assertions: [Assertion], _ source: Source, _ db: any SQLConnection) throws -> VersionedRow {
    if assertions.isEmpty { return .withdrawn(ref: Hex.text(ref.bytes), entity: table.entity.name) }
    guard let last = try db.first("SELECT id, version, digest FROM mapping WHERE number = ?", [source.mapping]) else {
      throw StoreError.broken(table.entity.name)
    }
    return VersionedRow(
      ref: Hex.text(ref.bytes), entity: table.entity.name, versions: Fold.versions(ordered: assertions),
      lastMapping: try MappingRef(id: last[0], version: last[1], digest: last[2]), lastIsFallback: source.isFallback, subjectRef: try subjectRef(ref, source.subject, db))
  }

  private func subjectRef(_ ref: Bytes16, _ index: [UInt8]?, _ db: any SQLConnection) throws -> String? {
    if table.entity.name == "patient" { return Hex.text(ref.bytes) }
    guard let index else { return nil }
    let patient: [UInt8]? = try db.value("SELECT ref FROM row_ WHERE entity = 'patient' AND key_index = ?", [index])
    return patient.map { Hex.text($0) }
  }
}
