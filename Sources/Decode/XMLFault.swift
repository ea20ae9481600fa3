internal import CLibXML2
import Core

/// What libxml2's error numbers mean for a document; its texts are never read.
enum XMLFault {
  static func outcome(code: Int32, offset: Int, hasRoot: Bool) -> MessageTail.Outcome {
    let position = SourcePosition(byteOffset: offset)
    switch UInt32(bitPattern: code) {
    // Depth, or a name, attribute or comment longer than libxml2 looks ahead.
    case XML_ERR_INTERNAL_ERROR.rawValue, XML_ERR_NAME_TOO_LONG.rawValue: return .held(Finding(.xmlLimit, at: position))
    case XML_ERR_INVALID_ENCODING.rawValue: return .rejected(Finding(.charsetUndecodable, at: position))
    case XML_ERR_UNSUPPORTED_ENCODING.rawValue, XML_ERR_UNKNOWN_ENCODING.rawValue: return .rejected(Finding(.charsetUnsupported, at: position))
    case XML_ERR_DOCUMENT_EMPTY.rawValue where !hasRoot: return .rejected(Finding(.notCDA, at: position))
    default: return .rejected(Finding(.xmlMalformed, at: position))
    }
  }
}
