import Core

/// Counts for `inspect`: segments by name and distinct patient ids, of messages that cannot be loaded too.
struct HL7Census {
  private var names: [UInt32: Int] = [:]
  /// The first 16 bytes of SHA-256 of (PID-3.1, PID-3.4, PID-3.5), in memory only.
  private var patients: Set<SIMD16<UInt8>> = []

  private static let pid: UInt32 = 0x504944

  var distinctPatientIDs: Int { patients.count }
  var segments: [String: Int] { Dictionary(uniqueKeysWithValues: names.map { (HL7Line.text($0.key), $0.value) }) }

  /// A segment came that only HL7 v2 files begin with.
  var hasHeader: Bool { [SegmentTable.msh, SegmentTable.fhs, SegmentTable.bhs].contains { names[$0] != nil } }

  mutating func count(_ name: UInt32) { names[name, default: 0] += 1 }

  mutating func observe(_ table: SegmentTable) {
    for index in table.segments.indices where table.segments[index].name == Self.pid {
      let field = table.field(index, 3)
      let repetition = table.delimiters.repetition
      var start = field.lowerBound
      while start <= field.upperBound {
        let id = repetition == 0 ? field : table.part(start..<field.upperBound, 1, by: repetition)
        observe(table, id)
        start = id.upperBound + 1
      }
    }
  }

  private mutating func observe(_ table: SegmentTable, _ repetition: Range<Int>) {
    let component = table.delimiters.component
    let parts = [1, 4, 5].map { table.part(repetition, $0, by: component) }
    guard case .value = table.value(parts[0]) else { return }
    let digest = SHA256.digest(RowKey.encode(parts.map { Array(table.bytes[$0]) }))
    patients.insert(SIMD16(digest.prefix(16)))
  }
}
