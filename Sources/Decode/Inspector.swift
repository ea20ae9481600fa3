import Core

/// Looks at one file of unknown format and counts what is in it, in bounded memory.
///
/// - Format: told by the first byte that is neither white space nor a mark: `<` is XML, `{` is FHIR, anything else HL7 v2; without a header segment of that,
///   a file whose lines mostly have as many fields as the first one is a table, its first line the names.
public final class Inspector {
  private let limits: DecodeLimits
  private var beginning: [UInt8] = []
  private var hl7: HL7Decoder?
  private var cda: CDADecoder?
  private var fhir: FHIRDecoder?
  private var table: CSVSniffer
  /// The file begins like a segment, `PID|`: a message without its header.
  private var looksLikeSegments = false
  private var report = InspectionReport()

  public init(limits: DecodeLimits = DecodeLimits()) {
    self.limits = limits
    table = CSVSniffer(limits)
  }

  /// Takes the next bytes of the file, of any length.
  public func push(_ chunk: Span<UInt8>) {
    guard hl7 == nil, cda == nil, fhir == nil else { return feed(chunk) }
    unsafe chunk.withUnsafeBufferPointer { pointer in unsafe beginning.append(contentsOf: pointer) }
    guard let format = Self.format(of: beginning) else { return }
    start(format)
  }

  /// The same for an array.
  public func push(_ chunk: [UInt8]) { push(chunk.span) }

  /// Ends the file.
  public func finish() -> InspectionReport {
    if hl7 == nil, cda == nil, fhir == nil { start(.hl7v2) }
    if let hl7 {
      _ = hl7.finish { [self] event, _ in note(event) }
      report.segments = hl7.census?.segments ?? [:]
      report.messages = report.segments["MSH"] ?? 0
      report.distinctPatientIDs = hl7.census?.distinctPatientIDs ?? 0
      report.format = hl7.census?.hasHeader == true ? .hl7v2 : .unknown
      if report.format == .unknown, !table.finish(&report), !looksLikeSegments { report.explainUnknown(table.undecodableByte) }
    }
    if let cda {
      report.sectionStates = cda.finish { [self] event, _ in note(event) }.sections
      report.format = .cda
      cda.census?.fill(&report)
    }
    if let fhir {
      report.messages = fhir.finish { [self] event, _ in note(event) }.messages
      report.format = .fhir
    }
    return report
  }

  private func feed(_ chunk: Span<UInt8>) {
    hl7?.push(chunk) { [self] event, _ in note(event) }
    cda?.push(chunk) { [self] event, _ in note(event) }
    fhir?.push(chunk) { [self] event, _ in note(event) }
    if hl7?.census?.hasHeader != false { table.giveUp() } else { table.push(chunk) }
  }

  private func start(_ format: SourceFormat) {
    let settings = DecodeSettings(format: format, limits: limits, entriesWanted: false)
    switch format {
    case .hl7v2:
      hl7 = HL7Decoder(settings)
      hl7?.census = HL7Census()
    case .cda:
      cda = CDADecoder(settings, counting: true)
    case .fhir:
      fhir = FHIRDecoder(settings)
    case .csv: break
    }
    let bytes = beginning
    beginning = []
    looksLikeSegments = Self.isSegment(bytes)
    feed(bytes.span)
  }

  private func note(_ event: DecodeEvent) {
    switch event {
    case .begin, .record, .attachment, .attachmentBytes, .attachmentEnd: break
    case .end(let tail): note(tail)
    case .batch(let total): note(total)
    case .finding(let finding): add(finding)
    }
  }

  private func note(_ total: BatchTotal) {
    guard total.hasTrailer else { return }
    guard report.trailers.count < InspectionReport.trailerLimit else { return report.trailersLeftOut += 1 }
    let counted = total.hasHeader ? total.counted : nil
    report.trailers.append(InspectionReport.Trailer(segment: total.unit.rawValue, declared: total.declared, counted: counted, agrees: total.agrees))
  }

  private func note(_ tail: MessageTail) {
    if hl7 != nil, !Self.isWholeDrop(tail.outcome) { count(Self.shown(tail.rawType)) }
    if fhir != nil { count(FHIRTypes.holds(String(decoding: tail.rawType, as: UTF8.self)) ? String(decoding: tail.rawType, as: UTF8.self) : "other") }
    switch tail.outcome {
    case .decoded: break
    case .held(let finding), .rejected(let finding): add(finding)
    }
    tail.findings.forEach(add)
  }

  private func count(_ type: String) {
    let isTold = report.messageTypes.count < InspectionReport.typeLimit || report.messageTypes[type] != nil
    report.messageTypes[isTold ? type : "other", default: 0] += 1
  }

  /// A drop without any message is said as one that is rejected.
  private static func isWholeDrop(_ outcome: MessageTail.Outcome) -> Bool {
    guard case .rejected(let finding) = outcome else { return false }
    return finding.code == .dropEmpty || finding.code == .notHL7
  }

  private func add(_ finding: Finding) {
    guard report.findings.count < InspectionReport.findingLimit else { return report.findingsLeftOut += 1 }
    report.findings.append(finding)
  }

  /// Three capital letters or digits and a separator of HL7's kind.
  private static func isSegment(_ bytes: [UInt8]) -> Bool {
    let line = bytes.drop { !HL7Delimiters.isAlphanumeric($0) }.prefix(4)
    guard line.count == 4, let mark = line.last else { return false }
    return line.dropLast().allSatisfy { (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) } && (0x41...0x5A).contains(line.first ?? 0) && mark == UInt8(ascii: "|")
  }

  /// A type that is not short and plain could hold anything, so it is not shown.
  private static func shown(_ type: [UInt8]) -> String {
    let isPlain = type.count <= 32 && type.allSatisfy { HL7Delimiters.isAlphanumeric($0) || Self.marks.contains($0) }
    return isPlain ? String(decoding: type, as: UTF8.self) : "other"
  }

  private static let marks = Array("^_-./:&".utf8)

  /// Nil while only white space and marks have come (at most 64 KiB of them are waited for).
  private static func format(of bytes: [UInt8]) -> SourceFormat? {
    let marks: [UInt8] = [0xEF, 0xBB, 0xBF, 0xFE, 0xFF, 0x0B, 0x00, 0x20, 0x09, 0x0A, 0x0D]
    guard let first = bytes.first(where: { !marks.contains($0) }) else { return bytes.count > 65_536 ? .hl7v2 : nil }
    return first == UInt8(ascii: "<") ? .cda : first == UInt8(ascii: "{") ? .fhir : .hl7v2
  }
}
