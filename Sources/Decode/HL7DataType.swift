import Core

/// What the components of an ED or RP value say of its data (HL7 v2.5.1, 2.A.24 and 2.A.62, tables 0191, 0291 and 0299).
enum HL7DataType {
  /// The encoding by its name; nil for a name that the table does not have. No name means no encoding.
  static func encoding(_ name: [UInt8]) -> AttachmentHead.Encoding? {
    switch word(name) {
    case "base64", "b64": .base64
    case "hex": .hex
    case "a", "ascii", "": .text
    default: nil
    }
  }

  /// The media type by type of data and subtype, in the words of the tables or of MIME; empty where they are not known, for what
  /// a sender writes there may be anything.
  static func mediaType(_ type: [UInt8], _ subtype: [UInt8]) -> String {
    let kind = word(type), name = word(subtype)
    if let known = known[name.split(separator: "/").last.map(String.init) ?? ""] { return known }
    if let known = known[kind] { return known }
    if let slash = kind.firstIndex(of: "/"), let known = known[String(kind[kind.index(after: slash)...])] { return known }
    return ["text", "tx", "ft"].contains(kind) ? "text/plain" : ""
  }

  private static let known = [
    "pdf": "application/pdf", "rtf": "application/rtf", "octet-stream": "application/octet-stream", "dicom": "application/dicom",
    "zip": "application/zip", "postscript": "application/postscript", "msword": "application/msword", "json": "application/json",
    "jpeg": "image/jpeg", "jpg": "image/jpeg", "png": "image/png", "gif": "image/gif", "tiff": "image/tiff", "tif": "image/tiff",
    "bmp": "image/bmp", "pict": "image/x-pict", "fax": "image/g3fax", "basic": "audio/basic", "wav": "audio/wav", "mpeg": "video/mpeg",
    "mp4": "video/mp4", "html": "text/html", "xml": "text/xml", "sgml": "text/sgml", "plain": "text/plain", "txt": "text/plain",
    "x-hl7-cda-level-one": "multipart/x-hl7-cda-level-one",
  ]

  /// In small letters without blanks around it.
  private static func word(_ bytes: [UInt8]) -> String {
    let isBlank = { (byte: UInt8) in byte == 0x20 }
    return String(decoding: bytes.drop(while: isBlank).reversed().drop(while: isBlank).reversed(), as: UTF8.self).lowercased()
  }
}
