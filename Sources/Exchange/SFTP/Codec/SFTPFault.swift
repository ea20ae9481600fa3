/// A breach of the protocol by the other side. It says which rule, never what was sent.
enum SFTPFault: Error, Equatable {
  /// A packet that is empty or longer than `SFTPFrames.maximumBytes`.
  case packetLength
  /// A string, a list or a number that reaches past the end of its packet.
  case lyingLength
  /// Bytes of a packet that belong to nothing.
  case trailingBytes
  /// A packet type that no server sends.
  case unknownType
  /// A handle that is empty or longer than 256 bytes (draft-ietf-secsh-filexfer-02, 6.3).
  case handleLength
  /// Attributes with a flag that this version does not know, so that their end is not known either.
  case unknownAttributes
  /// A first packet that is no VERSION, or of a version before 3.
  case version
  /// An answer to a request that was not made, or was answered before.
  case unknownRequest
  /// An answer of a type that its request cannot have.
  case wrongAnswer
  /// More data than a read asked for, or none.
  case dataLength

  /// The rule in words, for the error that an operator reads.
  var rule: String {
    switch self {
    case .packetLength: "a packet of a length that no packet has"
    case .lyingLength: "a length that reaches past its packet"
    case .trailingBytes: "bytes behind the end of an answer"
    case .unknownType: "a packet of an unknown type"
    case .handleLength: "a file handle of a length that none may have"
    case .unknownAttributes: "file attributes of an unknown kind"
    case .version: "no version 3 of the protocol"
    case .unknownRequest: "an answer to nothing that was asked"
    case .wrongAnswer: "an answer of the wrong kind"
    case .dataLength: "more bytes than were asked for, or none"
    }
  }
}
