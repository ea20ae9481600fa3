public import Core
public import Decode
import Support

/// What must hold for any drop whatever, however damaged.
public struct DropOracle: Sendable {
  public let settings: DecodeSettings

  public init(_ settings: DecodeSettings) { self.settings = settings }

  public enum Depth: Sendable {
    /// One other slicing, chosen by the bytes; of large inputs, either that or the print, so that a fuzz target gets on.
    case quick
    /// Pieces of 1, 2, 7 and 4096 bytes and of seeded random sizes.
    case full
  }

  /// The promises that a drop breaks: none.
  public func breaches(_ input: [UInt8], _ depth: Depth) -> [Breach] {
    if settings.format == .csv { return CSVOracle(settings).breaches(input) + slicingBreaches(input, depth) }
    if settings.format == .fhir { return FHIROracle(settings).breaches(input) + slicingBreaches(input, depth) }
    var found: [Breach] = []
    let trace = Trace([input], settings) { event, record in
      guard event == .record else { return }
      if Footprint.bytes(of: record) > Footprint.allowed(for: input.count) { found.append(Breach("a record is bounded by its input")) }
    }
    let isLarge = depth == .quick && input.count > 4_096, printsOnly = isLarge && input.count % 2 == 0
    if !isLarge || printsOnly { found += Reprint(settings).breaches(input) }
    found += Conservation(input, settings, trace).breaches()
    found += trace.findings.compactMap { entry in
      FindingPlace(input, settings).isShown(entry.finding, messageStart: entry.messageStart)
        ? nil : Breach("\(entry.finding.code.rawValue) points at what it says", at: entry.finding.position.byteOffset)
    }
    for (name, pieces) in printsOnly ? [] : slicings(of: input, depth) where Trace(pieces, settings) != trace { found.append(Breach("pieces of \(name) give the same events")) }
    return found
  }

  private func slicingBreaches(_ input: [UInt8], _ depth: Depth) -> [Breach] {
    let whole = Trace([input], settings)
    return slicings(of: input, depth).filter { Trace($0.1, settings) != whole }.map { Breach("pieces of \($0.0) give the same events") }
  }

  private func slicings(of input: [UInt8], _ depth: Depth) -> [(String, [[UInt8]])] {
    guard input.count > 1 else { return [] }
    let seed = input.prefix(64).reduce(UInt64(input.count)) { ($0 &* 31) &+ UInt64($1) }
    let sizes = depth == .full ? [1, 2, 7, 4_096] : [[1, 2, 7, 4_096, 0][Int(seed % 5)]]
    var slicings = sizes.filter { $0 > 0 && $0 < input.count }.map { ("\($0) bytes", Drip.pieces(of: input, size: $0)) }
    if depth == .full || slicings.isEmpty { slicings.append(("random size", Drip.pieces(of: input, seed: seed))) }
    return slicings
  }
}

/// How much memory a record holds, and how much it may.
public enum Footprint {
  /// Bytes of the buffers of a record, free room included.
  public static func bytes(of record: SourceRecord) -> Int {
    let table = record.segments, arena = record.arena
    let segments = table.segments.capacity * MemoryLayout<SegmentTable.Segment>.stride
    return table.bytes.capacity + segments + table.pieceStarts.capacity * 4 + arena.bytes.capacity
      + arena.nodes.capacity * MemoryLayout<NodeArena.Node>.stride
  }

  /// An empty segment or element costs its entry in a table, and a buffer doubles when it is full.
  public static func allowed(for input: Int) -> Int { 64 * input + 65_536 }
}
