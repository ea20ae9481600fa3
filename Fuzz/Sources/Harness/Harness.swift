import CHeap
import Core
import Decode
import Glibc
import Oracle
import Support

/// What each fuzz target does with one input. A broken promise ends the process, with its name and nothing of the input.
public enum Harness {
  /// Whole HL7 v2 drops.
  public static func hl7(_ input: UnsafeBufferPointer<UInt8>) { check(Array(input), .hl7v2) }

  /// Documents.
  public static func cda(_ input: UnsafeBufferPointer<UInt8>) { check(Array(input), .cda) }

  /// Files of rows, under the layout that their length chooses.
  public static func csv(_ input: UnsafeBufferPointer<UInt8>) { check(Array(input), .csv) }

  /// Bundles and lines of resources.
  public static func fhir(_ input: UnsafeBufferPointer<UInt8>) { check(Array(input), .fhir) }

  private static func check(_ bytes: [UInt8], _ format: SourceFormat) {
    let settings = DropOracle.settings(format, forInputOf: bytes.count)
    report(DropOracle(settings).breaches(bytes, bytes.count < 512 ? .full : .quick))
    if bytes.count % 8 == 0 { report(Heap.breaches(bytes, settings)) }
  }

  /// Envelopes from a grammar, against an accountant of their own.
  public static func envelope(_ input: UnsafeBufferPointer<UInt8>) {
    let model = EnvelopeModel(script: input.prefix(400))
    let settings = DecodeSettings(format: .hl7v2)
    report(model.breaches(Trace([model.bytes], settings)))
    report(DropOracle(settings).breaches(model.bytes, .quick))
  }

  /// Text to escapes and back, under delimiters that the first byte chooses.
  public static func escapes(_ input: UnsafeBufferPointer<UInt8>) {
    guard let first = input.first else { return }
    var delimiters = SegmentTable.Delimiters()
    if first & 1 != 0 { delimiters.truncation = UInt8(ascii: "#") }
    if first & 2 != 0 { (delimiters.component, delimiters.escape, delimiters.subcomponent) = (UInt8(ascii: ":"), UInt8(ascii: "!"), UInt8(ascii: ";")) }
    report(EscapeOracle.breaches(Array(input.dropFirst()), delimiters))
  }

  /// Times in the zone that the first byte chooses; from 0xF0 on, the rest is the file of a zone.
  public static func time(_ input: UnsafeBufferPointer<UInt8>) {
    guard let first = input.first else { return }
    let rest = Array(input.dropFirst())
    guard first < 0xF0 else {
      if let rules = ZoneRules(tzif: rest) { report(times.flatMap { TimeOracle.breaches(Array($0.utf8), rules) }) }
      return
    }
    report(TimeOracle.breaches(rest, zones[Int(first) % zones.count]))
  }

  private static let times = ["2026", "20260301", "00010101000000", "99991231235959", "202603080230", "202611010130", "19700101000000.5"]

  private static let zones: [ZoneRules?] =
    [nil, .utc]
    + ["America/Chicago", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "Antarctica/Troll", "Africa/Casablanca"].map { name in
      (try? TestFile.read("/usr/share/zoneinfo/" + name)).flatMap { ZoneRules(tzif: $0) }
    }

  /// Containers of the kind and in pieces of the size that the first byte chooses: what comes out does not depend on the pieces, and is bounded.
  public static func container(_ input: UnsafeBufferPointer<UInt8>) {
    guard let first = input.first else { return }
    let kinds: [[ContainerKind]] = [[.gzip], [.zip], [.zip, .gzip], [.gzip, .zip]]
    var limits = ContainerLimits()
    (limits.plainBytes, limits.freeBytes, limits.members) = (1 << 20, 1 << 12, 64)
    let bytes = Array(input.dropFirst()), kind = kinds[Int(first & 3)]
    let whole = unpack(bytes, kind, limits, step: max(bytes.count, 1)), pieces = unpack(bytes, kind, limits, step: 1 + Int(first >> 2))
    // Where a ratio is near its limit, the pieces may tip it.
    guard whole.fault != .limit, pieces.fault != .limit else { return }
    if whole.fault != pieces.fault || whole.fault == nil && whole.plain != pieces.plain { report([Breach("pieces of a container change what it holds")]) }
    if whole.plain.count > limits.plainBytes { report([Breach("a container is over its limit")]) }
  }

  private static func unpack(_ bytes: [UInt8], _ kinds: [ContainerKind], _ limits: ContainerLimits, step: Int) -> (plain: [UInt8], fault: ContainerFault?) {
    guard let reader = ContainerReader(kinds, limits) else { return ([], .unsafe) }
    var plain: [UInt8] = []
    let take = { (event: ContainerEvent) in if case .bytes(let bytes) = event { plain += bytes } }
    do {
      for start in stride(from: 0, to: bytes.count, by: step) { try reader.push(Array(bytes[start..<min(start + step, bytes.count)]), take) }
      try reader.finish(take)
      return (plain, nil)
    } catch { return (plain, error as? ContainerFault ?? .broken) }
  }

  private static func report(_ breaches: [Breach]) {
    guard let first = breaches.first else { return }
    let line = Array("PROMISE BROKEN: \(first)\n".utf8)
    _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    abort()
  }
}

/// The heap while a drop flows through the decoder: bounded by the bytes pushed, whatever they are.
enum Heap {
  static func breaches(_ bytes: [UInt8], _ settings: DecodeSettings) -> [Breach] {
    var most = 0, looks = 0
    let decoder = DropDecoder(settings), before = inUse
    let look = { (event: DecodeEvent, record: SourceRecord) in
      looks += 1
      if looks <= 64 || looks % 1_024 == 0 { most = max(most, inUse - before) }
    }
    for piece in Drip.pieces(of: bytes, size: 4_096) { decoder.push(piece, look) }
    _ = decoder.finish(look)
    return most <= 64 * bytes.count + 1_048_576 ? [] : [Breach("the heap is bounded by the input")]
  }

  private static var inUse: Int { Int(compline_heap_in_use()) }
}
