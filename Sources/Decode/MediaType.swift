/// What the first bytes of a file say it is: the signatures of the formats that clinical systems embed.
enum MediaType {
  /// How many bytes are enough.
  static let sniffedBytes = 132

  private static let signatures: [(bytes: [UInt8], type: String)] = [
    (Array("%PDF-".utf8), "application/pdf"), ([0x89] + Array("PNG".utf8), "image/png"), ([0xFF, 0xD8, 0xFF], "image/jpeg"),
    (Array("GIF8".utf8), "image/gif"), (Array("II*".utf8) + [0], "image/tiff"), (Array("MM".utf8) + [0] + Array("*".utf8), "image/tiff"),
    (Array("{\\rtf".utf8), "application/rtf"), (Array("PK".utf8) + [3, 4], "application/zip"), ([0x1F, 0x8B], "application/gzip"),
    (Array("<?xml".utf8), "text/xml"), (Array("<html".utf8), "text/html"), (Array("<!DOCTYPE html".utf8), "text/html"),
    ([0xD0, 0xCF, 0x11, 0xE0], "application/x-ole-storage"), (Array("BM".utf8), "image/bmp"),
  ]

  /// Like `application/pdf`; empty where the bytes say nothing.
  static func sniffed(_ beginning: [UInt8]) -> String {
    if beginning.count >= 132, beginning[128..<132].elementsEqual("DICM".utf8) { return "application/dicom" }
    let start = beginning.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    return signatures.first { beginning[start...].starts(with: $0.bytes) }?.type ?? ""
  }
}
