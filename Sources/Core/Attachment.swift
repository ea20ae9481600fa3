/// A file that a message carries inside: ED data of an OBX-5, or the `nonXMLBody` of a document. It never stands in a record or a row.
public struct AttachmentHead: Sendable, Equatable {
  /// How the bytes stood in the message.
  public enum Encoding: UInt8, Sendable {
    case base64 = 0, hex, text
    /// Only a pointer was sent (RP, or a `reference`); there are no bytes, and the pointer stays in the sealed drop.
    case reference
  }

  /// Zero-based, in the drop.
  public var message: Int
  /// Zero-based, in the message.
  public var number: Int
  /// `OBX-5` with its occurrence, or `h:nonXMLBody/h:text`.
  public var position: SourcePosition
  /// As the sender declares it, like `application/pdf`; empty when it does not, or in a form that is no media type.
  public var mediaType: String
  public var encoding: Encoding
  /// The declared compression (HL7 v3 CompressionAlgorithm: DF, GZ, ZL, Z ...); empty for none. The bytes are kept as sent.
  public var compression: String

  public init(message: Int, number: Int, position: SourcePosition, mediaType: String = "", encoding: Encoding, compression: String = "") {
    self.message = message
    self.number = number
    self.position = position
    self.mediaType = AttachmentHead.isMediaType(mediaType) ? mediaType : ""
    self.encoding = encoding
    self.compression = AttachmentHead.isWord(compression) ? compression : ""
  }

  /// True for `type/subtype` of RFC 6838 and for the empty text: what is printed of an attachment can hold nothing else.
  public static func isMediaType(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    return text.isEmpty || (parts.count == 2 && text.utf8.count <= 80 && parts.allSatisfy { !$0.isEmpty && isWord($0) })
  }

  static func isWord(_ text: some StringProtocol) -> Bool {
    text.utf8.count <= 60
      && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || "+-._".utf8.contains($0) }
  }
}

/// What is known of an attachment once its last byte has passed.
public struct AttachmentTail: Sendable, Equatable {
  /// Decoded bytes.
  public var byteCount: Int
  /// What the first bytes say it is, like `application/pdf`; empty when they say nothing.
  public var sniffedType: String
  /// False where the encoding was broken: what could be decoded was kept, the rest stays in the sealed drop.
  public var isWhole: Bool

  public init(byteCount: Int, sniffedType: String, isWhole: Bool) {
    self.byteCount = byteCount
    self.sniffedType = sniffedType
    self.isWhole = isWhole
  }
}

extension AttachmentHead {
  public func write(to writer: inout ByteWriter) {
    writer.write(message)
    writer.write(number)
    writer.write(position.path)
    writer.write(position.occurrence)
    writer.write(position.repetition)
    writer.write(position.byteOffset)
    writer.write(mediaType)
    writer.write(encoding.rawValue)
    writer.write(compression)
  }

  public init(from reader: inout ByteReader) throws(FrameError) {
    let message = try reader.integer(), number = try reader.integer()
    let path = try reader.text()
    let occurrence = try reader.integer(), repetition = try reader.integer(), offset = try reader.integer()
    let mediaType = try reader.text()
    guard let encoding = Encoding(rawValue: try reader.byte()) else { throw FrameError() }
    let compression = try reader.text()
    guard Self.isMediaType(mediaType), Self.isWord(compression) else { throw FrameError() }
    self.init(
      message: message, number: number, position: SourcePosition(path: path, occurrence: occurrence, repetition: repetition, byteOffset: offset),
      mediaType: mediaType, encoding: encoding, compression: compression)
  }
}

extension AttachmentTail {
  public func write(to writer: inout ByteWriter) {
    writer.write(byteCount)
    writer.write(sniffedType)
    writer.write(UInt8(isWhole ? 1 : 0))
  }

  public init(from reader: inout ByteReader) throws(FrameError) {
    self.init(byteCount: try reader.integer(), sniffedType: try reader.text(), isWhole: try reader.byte() == 1)
    guard AttachmentHead.isMediaType(sniffedType), byteCount >= 0 else { throw FrameError() }
  }
}
