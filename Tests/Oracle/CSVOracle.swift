import Core
public import Decode
import Support

/// What must hold for any file of rows whatever, however damaged.
public struct CSVOracle {
  private let settings: DecodeSettings
  private let layout: RowLayout

  public init(_ settings: DecodeSettings) {
    self.settings = settings
    layout = settings.layout ?? RowLayout()
  }

  /// The promises that a file breaks, but for those of slicing: none.
  public func breaches(_ input: [UInt8]) -> [Breach] {
    var found: [Breach] = [], rows: [(offset: Int, fields: [[UInt8]])] = []
    let trace = Trace([input], settings) { event, record in
      guard event == .record else { return }
      if Footprint.bytes(of: record) > Footprint.allowed(for: input.count) { found.append(Breach("a record is bounded by its input")) }
      if rows.count < 64 { found += reprint(record.segments) }
      rows.append((record.segments.segments.first?.byteOffset ?? -1, fields(of: record.segments)))
    }
    found += counts(trace, input) + totals(trace) + trace.findings.flatMap { place($0.finding, input) }
    if found.isEmpty, isPlain(input) { found += retold(rows, trace, input) }
    return found
  }

  /// Bytes that a reader of single bytes can follow.
  private func isPlain(_ input: [UInt8]) -> Bool {
    guard settings.charset == nil, layout.charset == nil, layout.delimiter != nil, settings.limits == DecodeLimits() else { return false }
    return !input.starts(with: [0xFE, 0xFF]) && !input.starts(with: [0xFF, 0xFE]) && !input.prefix(8).contains(0)
  }

  private func fields(of table: SegmentTable) -> [[UInt8]] { (0..<table.fieldCount(0)).map { Array(table.bytes[table.field(0, $0 + 1)]) } }

  // MARK: Print and parse again is equal

  private func reprint(_ table: SegmentTable) -> [Breach] {
    let fields = fields(of: table)
    var plain = RowLayout()
    (plain.delimiter, plain.quote) = (0x2C, 0x22)
    plain.columns = fields.indices.map { RowLayout.Column(name: "c\($0)", heading: "c\($0)") }
    var again = settings
    (again.layout, again.charset, again.limits) = (plain, "UTF-8", DecodeLimits())
    // Quotes inside of a field are written twice.
    again.limits.recordBytes = 1 << 24
    var hashes: [UInt64] = []
    _ = Trace([Self.print(fields)], again) { event, record in
      if event == .record { hashes.append(RecordHash.of(record.segments, withPositions: false)) }
    }
    return hashes == [RecordHash.of(table, withPositions: false)] ? [] : [Breach("a row reads back as it prints")]
  }

  private static func print(_ fields: [[UInt8]]) -> [UInt8] {
    Array(fields.map { [0x22] + $0.flatMap { $0 == 0x22 ? [0x22, 0x22] : [$0] } + [0x22] }.joined(separator: [0x2C])) + [0x0D, 0x0A]
  }

  // MARK: Nothing is lost

  private func counts(_ trace: Trace, _ input: [UInt8]) -> [Breach] {
    var found: [Breach] = []
    let heads = trace.heads, summary = trace.summary
    if heads.count != summary.messages || trace.tails.count != summary.messages { found.append(Breach("rows begun, ended and counted are equal")) }
    if summary.messages < 1, !trace.totals.contains(where: { $0.unit == .rows && $0.declared == 0 && $0.agrees == true }) {
      found.append(Breach("a file gives a row or says that it has none"))
    }
    if summary.byteCount != input.count { found.append(Breach("every byte is counted")) }
    if heads.map(\.ordinal) != Array(heads.indices) { found.append(Breach("rows are numbered in order")) }
    for (one, next) in zip(heads, heads.dropFirst()) where next.byteOffset <= one.byteOffset { found.append(Breach("rows stand in order", at: next.byteOffset)) }
    if trace.tails.contains(where: { $0.digest.count != 32 }) { found.append(Breach("every row has a digest")) }
    let records = trace.events.count { $0 == .record }
    if records != trace.tails.count(where: { $0.outcome == .decoded }) { found.append(Breach("a decoded row gives one record")) }
    return found
  }

  private func totals(_ trace: Trace) -> [Breach] {
    var found: [Breach] = []
    if trace.totals.map(\.ordinal) != Array(trace.totals.indices) { found.append(Breach("totals are numbered in order")) }
    let inside = trace.heads.count { $0.batch == 0 }
    for total in trace.totals {
      if total.agrees != (total.hasHeader ? total.declared.map { $0 == total.counted } : nil) { found.append(Breach("a total agrees when its numbers do")) }
      if total.unit == .rows, total.counted != inside { found.append(Breach("a total counts its rows")) }
      if !total.hasTrailer, total.declared != nil { found.append(Breach("only a record of the file declares")) }
    }
    let declared = trace.totals.contains { $0.unit == .rows && $0.declared != nil && $0.hasHeader } ? inside : 0
    if declared != trace.summary.messagesDeclared { found.append(Breach("rows in declaring files are counted")) }
    return found
  }

  private func place(_ finding: Finding, _ input: [UInt8]) -> [Breach] {
    let at = finding.position.byteOffset
    let isWide = input.starts(with: [0xFE, 0xFF]) || input.starts(with: [0xFF, 0xFE]) || input.prefix(8).contains(0)
    let isShown: Bool
    switch finding.code {
    case _ where at < 0 || at > input.count: isShown = false
    case _ where isWide: isShown = true
    case .nulByte: isShown = at < input.count && input[at] == 0
    case .charsetUndecodable: isShown = at < input.count && input[at] >= 0x80
    case .dropEmpty, .notCSV: isShown = at == 0
    case .envelopeUnclosed: isShown = at == input.count
    default: isShown = at == 0 || at == 3 || (input[..<at].last.map { [0x0A, 0x0D].contains($0) } ?? true) || finding.code == .quoteInvalid
    }
    return isShown ? [] : [Breach("\(finding.code.rawValue) points at what it says", at: at)]
  }

  // MARK: Told a second time

  /// Every record that is no blank line begins where a plain reader says, and a decoded row has its fields.
  private func retold(_ rows: [(offset: Int, fields: [[UInt8]])], _ trace: Trace, _ input: [UInt8]) -> [Breach] {
    let plain = Dictionary(uniqueKeysWithValues: PlainRows(input, layout).records.map { ($0.offset, $0.fields) })
    var found: [Breach] = []
    for row in rows {
      let own = row.fields.prefix(layout.columns.count) + row.fields.dropFirst(layout.fieldNames.count)
      guard let told = plain[row.offset] else {
        found.append(Breach("a row begins where a record does", at: row.offset))
        continue
      }
      // A column that the file lacks is an empty field more.
      if own.filter({ !$0.isEmpty }).sorted(by: Self.precedes) != told.filter({ !$0.isEmpty }).sorted(by: Self.precedes) {
        found.append(Breach("a row has the fields of its record", at: row.offset))
      }
    }
    let isRefused = trace.tails.contains { $0.outcome.findings.contains { [.notCSV, .dropEmpty].contains($0.code) } }
    if !isRefused, layout.kinds == nil, trace.summary.messages != plain.count - (layout.hasNames ? 1 : 0) { found.append(Breach("every record is a row")) }
    return found
  }

  private static func precedes(_ one: [UInt8], _ other: [UInt8]) -> Bool { one.lexicographicallyPrecedes(other) }
}

/// Another reader of rows, as plain as can be: the whole file, byte by byte, RFC 4180.
struct PlainRows {
  private(set) var records: [(offset: Int, fields: [[UInt8]])] = []

  init(_ input: [UInt8], _ layout: RowLayout) {
    var at = input.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    while at < input.count {
      let start = at
      var fields: [[UInt8]] = []
      var isOver = false
      while !isOver {
        fields.append(Self.field(input, &at, layout))
        isOver = at >= input.count || input[at] != layout.delimiter
        if !isOver { at += 1 }
      }
      if input[start..<at].contains(where: { $0 != 0x20 }) { records.append((start, fields)) }
      at += 1
    }
  }

  /// Reads up to the delimiter or line end behind the field.
  private static func field(_ input: [UInt8], _ at: inout Int, _ layout: RowLayout) -> [UInt8] {
    var out: [UInt8] = []
    if let quote = layout.quote, at < input.count, input[at] == quote {
      at += 1
      while at < input.count {
        if input[at] == quote {
          at += 1
          if at >= input.count || input[at] != quote { break }
        }
        if input[at] == 0x0D, at + 1 < input.count, input[at + 1] == 0x0A { at += 1 }
        out.append(input[at] == 0x0D ? 0x0A : input[at])
        at += 1
      }
    }
    while at < input.count, input[at] != layout.delimiter, input[at] != 0x0A, input[at] != 0x0D {
      out.append(input[at])
      at += 1
    }
    return out
  }
}
