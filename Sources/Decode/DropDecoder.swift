public import Core

/// A drop's bytes to source records: pure, pushed, in bounded memory.
///
/// - Bytes: the record passed to `emit` is lent for that call and used again for the next one.
/// - Errors: bad data never throws; it comes as findings and outcomes. Only what `emit` throws goes through, and the decoder
///   must not be used after that.
/// - Cost: one pass; nothing is allocated per field.
public final class DropDecoder {
  private let unpacking: UnpackingDecoder?
  private let hl7: HL7Decoder?
  private let cda: CDADecoder?
  private let csv: CSVDecoder?
  private let fhir: FHIRDecoder?

  public init(_ settings: DecodeSettings) {
    unpacking = settings.envelope.isEmpty ? nil : UnpackingDecoder(settings)
    hl7 = settings.format == .hl7v2 ? HL7Decoder(settings) : nil
    cda = settings.format == .cda ? CDADecoder(settings) : nil
    csv = settings.format == .csv ? CSVDecoder(settings) : nil
    fhir = settings.format == .fhir ? FHIRDecoder(settings) : nil
  }

  /// The member of the container from which the message at hand came, one-based; 0 where the drop is no container.
  public var member: Int { unpacking?.member ?? 0 }

  /// Takes the next bytes of the drop, of any length, and emits what they complete.
  public func push<Failure: Error>(
    _ chunk: Span<UInt8>, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void
  ) throws(Failure) {
    if let unpacking { return try unpacking.push(unsafe chunk.withUnsafeBufferPointer { unsafe Array($0) }, emit) }
    try hl7?.push(chunk, emit)
    try cda?.push(chunk, emit)
    try csv?.push(chunk, emit)
    try fhir?.push(chunk, emit)
  }

  /// The same for an array.
  public func push<Failure: Error>(
    _ chunk: [UInt8], _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void
  ) throws(Failure) {
    try push(chunk.span, emit)
  }

  /// Ends the drop: emits its last message and what the envelope still owes. A drop without any message gives one that is rejected.
  public func finish<Failure: Error>(_ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) -> DropSummary {
    if let unpacking { return try unpacking.finish(emit) }
    if let hl7 { return try hl7.finish(emit) }
    if let cda { return try cda.finish(emit) }
    if let csv { return try csv.finish(emit) }
    if let fhir { return try fhir.finish(emit) }
    return DropSummary()
  }
}
