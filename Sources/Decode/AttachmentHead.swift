/// What a sender says of data that stands in a message and is not part of its record (a scanned document, a PDF).
public struct AttachmentHead: Sendable, Equatable {
  /// Zero-based, in the message.
  public var ordinal: Int
  /// As sent, like `application/pdf`; it may hold anything a sender writes.
  public var mediaType: [UInt8]
  public var representation: AttachmentDecoder.Encoding
  /// As sent, empty for none: `DF`, `GZ`, `ZL` or `Z` (HL7 v3 data types, CompressionAlgorithm). The bytes are given compressed.
  public var compression: [UInt8]
  /// Where the data is, when it is elsewhere; empty when it follows. It is never fetched.
  public var reference: [UInt8]

  public init(ordinal: Int, mediaType: [UInt8], representation: AttachmentDecoder.Encoding, compression: [UInt8] = [], reference: [UInt8] = []) {
    self.ordinal = ordinal
    self.mediaType = mediaType
    self.representation = representation
    self.compression = compression
    self.reference = reference
  }
}

/// What is known when an attachment has ended.
public struct AttachmentTail: Sendable, Equatable {
  public var ordinal: Int
  /// Bytes that `attachmentBytes` gave.
  public var byteCount: Int
  /// False where the alphabet was broken and what followed was kept as it came.
  public var isDecoded: Bool

  public init(ordinal: Int, byteCount: Int, isDecoded: Bool) {
    self.ordinal = ordinal
    self.byteCount = byteCount
    self.isDecoded = isDecoded
  }
}
