public import Core

/// An envelope written from a script, and what must be said of it: an accountant of its own, from the rules of `docs` alone.
///
/// Rules: batches and files do not nest; a header where a trailer was due closes what is open without a trailer, and so do an FTS
/// and the end of the bytes; an FTS counts batches, the messages right under FHS as one; without a header nothing agrees or differs.
public struct EnvelopeModel: Sendable {
  public enum Line: Sendable, Equatable {
    case file, batch, message, stray, blank, comment
    /// BTS, FTS: by how much the declared count differs from the true one; nil for none.
    case batchTrailer(off: Int?)
    case fileTrailer(off: Int?)
  }

  public private(set) var bytes: [UInt8] = []
  public private(set) var totals: [BatchTotal] = []
  /// The batch of each message, or -1.
  public private(set) var batches: [Int] = []
  private var open: (file: Bool, batch: Int?) = (false, nil)
  private var opened = 0
  private var inBatch = 0, loose = 0
  private var inFile = (batches: 0, hasLoose: false)

  /// - Parameter script: each byte is one line: its low half says which, its high half how it ends and what it declares.
  public init(script: some Sequence<UInt8>) {
    for byte in script { add(Self.line(byte), end: [[0x0D], [0x0A], [0x0D, 0x0A], [0x0D]][Int(byte >> 4) & 3]) }
    closeBatch()
    closeFile()
  }

  private static func line(_ byte: UInt8) -> Line {
    let off: Int? = [0, 1, -1, nil][Int(byte >> 6)]
    switch byte & 15 {
    case 0, 1: return .file
    case 2, 3: return .batch
    case 4, 5, 6: return .batchTrailer(off: off)
    case 7, 8: return .fileTrailer(off: off)
    case 9: return .stray
    case 10: return .blank
    case 11: return .comment
    default: return .message
    }
  }

  private mutating func add(_ line: Line, end: [UInt8]) {
    switch line {
    case .file: openFile()
    case .batch: openBatch()
    case .batchTrailer(let off): endBatch(off)
    case .fileTrailer(let off): endFile(off)
    case .message: addMessage()
    case .stray: bytes += "ZZZ|1".utf8
    case .blank: break
    case .comment: bytes += "# a note".utf8
    }
    bytes += end
  }

  private mutating func addMessage() {
    bytes += "MSH|^~\\&|A|B|||2026||ADT^A01|M\(batches.count)|T|2.5\rPID|1||\(batches.count)".utf8
    batches.append(open.batch ?? -1)
    if open.batch != nil { inBatch += 1 } else { (loose, inFile.hasLoose) = (loose + 1, true) }
  }

  private mutating func openFile() {
    closeBatch()
    closeFile()
    open.file = true
    bytes += "FHS|^~\\&|A".utf8
  }

  private mutating func openBatch() {
    closeBatch()
    (open.batch, opened) = (opened, opened + 1)
    inFile.batches += 1
    bytes += "BHS|^~\\&|A".utf8
  }

  private mutating func endBatch(_ off: Int?) {
    let counted = open.batch == nil ? loose : inBatch
    close(.batch, counted: counted, off: off, hasHeader: open.batch != nil)
    if open.batch == nil { loose = 0 }
    (open.batch, inBatch) = (nil, 0)
  }

  private mutating func endFile(_ off: Int?) {
    closeBatch()
    close(.file, counted: inFile.batches + (inFile.hasLoose ? 1 : 0), off: off, hasHeader: open.file)
    resetFile()
  }

  /// A trailer that stands in the file.
  private mutating func close(_ unit: BatchTotal.Unit, counted: Int, off: Int?, hasHeader: Bool) {
    let declared = off.map { max(0, counted + $0) }
    bytes += "\(unit.rawValue)\(declared.map { "|\($0)" } ?? "")".utf8
    let agrees = hasHeader ? declared.map { $0 == counted } : nil
    totals.append(BatchTotal(unit: unit, ordinal: totals.count, declared: declared, counted: counted, agrees: agrees, hasTrailer: true, hasHeader: hasHeader))
  }

  private mutating func closeBatch() {
    if open.batch != nil { miss(.batch, counted: inBatch) }
    (open.batch, inBatch) = (nil, 0)
  }

  private mutating func closeFile() {
    if open.file { miss(.file, counted: inFile.batches + (inFile.hasLoose ? 1 : 0)) }
    resetFile()
  }

  /// A header that never got its trailer.
  private mutating func miss(_ unit: BatchTotal.Unit, counted: Int) {
    totals.append(BatchTotal(unit: unit, ordinal: totals.count, declared: nil, counted: counted, agrees: nil, hasTrailer: false, hasHeader: true))
  }

  private mutating func resetFile() {
    (open.file, inFile, loose) = (false, (0, false), 0)
  }

  /// Where the decoder and this accountant differ.
  public func breaches(_ trace: Trace) -> [Breach] {
    var found: [Breach] = []
    if trace.totals != totals { found.append(Breach("an envelope is counted as the rules say")) }
    let heads = batches.isEmpty ? [-1] : batches
    if trace.heads.map(\.batch) != heads { found.append(Breach("a message stands in its batch")) }
    return found
  }
}
