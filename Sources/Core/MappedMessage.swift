/// What decode and map made of one message: its rows and findings, or why it has none. It crosses from worker to ingest as bytes.
public struct MappedMessage: Sendable, Equatable {
  /// What the pure stages can say of a message's fate; the store settles the rest.
  public enum Verdict: Sendable, Equatable {
    /// Rows to load (there may be none when all were held or skipped).
    case rows
    /// A rule of the set says that this type carries no rows; the rule's id, like `hl7v2-standard@1:no_rows`.
    case filtered(rule: String)
    case held(Finding)
    case rejected(Finding)
  }

  /// Rows of one entity that did not come through, by code.
  public struct HeldRow: Sendable, Equatable {
    public var entity: Int
    public var finding: Finding

    public init(entity: Int, finding: Finding) {
      self.entity = entity
      self.finding = finding
    }
  }

  /// Zero-based, in the drop.
  public var ordinal = 0
  public var byteOffset = 0
  public var byteCount = 0
  /// SHA-256 of the message's bytes with line ends read as CR and the last left out; never stored, only turned into an HMAC.
  public var digest: [UInt8] = []
  /// MSH-3, MSH-4 and MSH-10 as sent, each with a 4-byte length (`RowKey.encode`); empty for documents and where MSH-10 is empty.
  public var controlIdentity: [UInt8] = []
  /// `ADT^A01`, or the document's LOINC code; `other` when it is not of the form AAA^AAA, and `cda` for documents without a code.
  public var type = ""
  /// Zero-based index of the batch that holds it, or -1.
  public var batch = -1
  public var verdict = Verdict.rows
  public var rows = RowBuffer()
  /// Rows that were found but held, one each.
  public var heldRows: [HeldRow] = []
  /// Rows that were found and skipped by rule, counted per entity: (entity, rule, count).
  public var skipped: [(entity: Int, rule: String, count: Int)] = []
  /// Advice about the message that holds nothing back.
  public var findings: [Finding] = []

  public init() {}

  /// Makes it the message that begins, empty, with the room of the one before.
  public mutating func reset(_ head: MessageHead) {
    ordinal = head.ordinal
    byteOffset = head.byteOffset
    batch = head.batch
    byteCount = 0
    digest = []
    controlIdentity = []
    type = ""
    verdict = .rows
    rows.removeAll()
    if !heldRows.isEmpty { heldRows = [] }
    if !skipped.isEmpty { skipped = [] }
    if !findings.isEmpty { findings = [] }
  }

  public static func == (left: Self, right: Self) -> Bool {
    var a = ByteWriter(), b = ByteWriter()
    left.write(to: &a)
    right.write(to: &b)
    return a.bytes == b.bytes
  }

  public func write(to writer: inout ByteWriter) {
    for number in [ordinal, byteOffset, byteCount, batch] { writer.write(number) }
    writer.write(digest)
    writer.write(controlIdentity)
    writer.write(type)
    switch verdict {
    case .rows: writer.write(UInt8(0))
    case .filtered(let rule):
      writer.write(UInt8(1))
      writer.write(rule)
    case .held(let finding):
      writer.write(UInt8(2))
      finding.write(to: &writer)
    case .rejected(let finding):
      writer.write(UInt8(3))
      finding.write(to: &writer)
    }
    rows.write(to: &writer)
    writer.write(Int32(heldRows.count))
    for held in heldRows {
      writer.write(Int32(held.entity))
      held.finding.write(to: &writer)
    }
    writer.write(Int32(skipped.count))
    for skip in skipped {
      writer.write(Int32(skip.entity))
      writer.write(skip.rule)
      writer.write(Int32(skip.count))
    }
    writer.write(Int32(findings.count))
    for finding in findings { finding.write(to: &writer) }
  }

  public init(from reader: inout ByteReader) throws(FrameError) {
    ordinal = try reader.integer()
    byteOffset = try reader.integer()
    byteCount = try reader.integer()
    batch = try reader.integer()
    digest = try reader.list()
    controlIdentity = try reader.list()
    type = try reader.text()
    switch try reader.byte() {
    case 0: verdict = .rows
    case 1: verdict = .filtered(rule: try reader.text())
    case 2: verdict = .held(try Finding(from: &reader))
    case 3: verdict = .rejected(try Finding(from: &reader))
    default: throw FrameError()
    }
    rows = try RowBuffer(from: &reader)
    for _ in 0..<(try reader.count()) {
      let entity = Int(try reader.small())
      heldRows.append(HeldRow(entity: entity, finding: try Finding(from: &reader)))
    }
    for _ in 0..<(try reader.count()) {
      skipped.append((Int(try reader.small()), try reader.text(), Int(try reader.small())))
    }
    for _ in 0..<(try reader.count()) { findings.append(try Finding(from: &reader)) }
  }
}

extension Finding {
  public func write(to writer: inout ByteWriter) {
    writer.write(code.rawValue)
    writer.write(position.path)
    writer.write(position.occurrence)
    writer.write(position.repetition)
    writer.write(position.byteOffset)
  }

  public init(from reader: inout ByteReader) throws(FrameError) {
    guard let code = FindingCode(rawValue: try reader.text()) else { throw FrameError() }
    let path = try reader.text()
    let occurrence = try reader.integer(), repetition = try reader.integer(), offset = try reader.integer()
    self.init(code, at: SourcePosition(path: path, occurrence: occurrence, repetition: repetition, byteOffset: offset))
  }
}

/// One trailer of the sender's envelope, or a header that never got one: what it declares and what was counted.
public struct BatchTotal: Sendable, Equatable {
  public enum Unit: String, Sendable {
    /// BTS: messages.
    case batch = "BTS"
    /// FTS: batches.
    case file = "FTS"
    /// The trailer of a file of rows, or its header record: rows.
    case rows = "rows"
    /// A sum that a trailer declares, of money or of a column, in hundredths; not a count.
    case sum = "sum"
    /// A control file: documents or messages of the folder.
    case control = "control"
  }

  public var unit: Unit
  /// Zero-based, in the order of the trailers; messages name their batch by the order of the batches.
  public var ordinal: Int
  /// Nil when the trailer is missing, has no count, or the count is not a number.
  public var declared: Int?
  public var counted: Int
  /// Nil where there is no count or no header.
  public var agrees: Bool?
  /// The sum that a BTS declares beside its count (BTS-3), in hundredths; nil where it gives no number. It stays
  /// in the process that decodes: what is made of it is a total of its own.
  public var declaredSum: Int?
  /// True where the trailer stands in the file.
  public var hasTrailer: Bool
  /// True where the header stands in the file.
  public var hasHeader: Bool

  public init(unit: Unit, ordinal: Int, declared: Int?, counted: Int, agrees: Bool?, hasTrailer: Bool, hasHeader: Bool) {
    self.unit = unit
    self.ordinal = ordinal
    self.declared = declared
    self.counted = counted
    self.agrees = agrees
    self.hasTrailer = hasTrailer
    self.hasHeader = hasHeader
  }

  public func write(to writer: inout ByteWriter) {
    writer.write(unit.rawValue)
    writer.write(ordinal)
    writer.write(declared ?? 0)
    writer.write(counted)
    writer.write(UInt8(agrees.map { $0 ? 1 : 0 } ?? 2))
    writer.write(UInt8((hasTrailer ? 1 : 0) | (hasHeader ? 2 : 0) | (declared == nil ? 0 : 4)))
  }

  public init(from reader: inout ByteReader) throws(FrameError) {
    guard let unit = Unit(rawValue: try reader.text()) else { throw FrameError() }
    let ordinal = try reader.integer(), declared = try reader.integer(), counted = try reader.integer()
    let agrees = try reader.byte(), flags = try reader.byte()
    self.init(
      unit: unit, ordinal: ordinal, declared: flags & 4 == 0 ? nil : declared, counted: counted, agrees: agrees == 2 ? nil : agrees == 1,
      hasTrailer: flags & 1 != 0, hasHeader: flags & 2 != 0)
  }
}
