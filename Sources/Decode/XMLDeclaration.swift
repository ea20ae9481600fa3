/// What the first bytes of a document say of its character set, read before libxml2 sees them: it would ask the C library for
/// any set that a sender names, and the C library opens a file for most.
struct XMLDeclaration {
  /// The declared name (XML 1.0, 4.3.3); empty for none.
  private(set) var encoding: [UInt8] = []
  /// Where the name stands; 0 where characters have more than one byte.
  private(set) var offset = 0
  /// A byte-order mark stands before it.
  let hasMark: Bool
  /// False where the declaration does not end within the bytes.
  private(set) var isWhole = true

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    let mark = Self.marks.first { unsafe bytes.starts(with: $0) } ?? []
    hasMark = !mark.isEmpty
    // A character of more than one byte has zeros beside those of ASCII.
    let behind = unsafe Array(bytes.dropFirst(mark.count)), text = behind.contains(0) ? behind.filter { $0 != 0 } : behind
    if behind.starts(with: Self.ebcdic) { encoding = Array("EBCDIC".utf8) }
    guard text.starts(with: "<?xml".utf8), text.count > 5, Self.isBlank(text[5]) else { return }
    guard let end = text.indices.first(where: { text[$0...].starts(with: "?>".utf8) }) else {
      isWhole = false
      return
    }
    read(text[5..<end])
    if offset > 0 { offset = behind.count == text.count ? offset + mark.count : 0 }
  }

  /// Name, equals sign, value in quotes; up to the one that says the encoding.
  private mutating func read(_ text: ArraySlice<UInt8>) {
    var rest = text
    while let equals = rest.firstIndex(of: UInt8(ascii: "=")), let open = rest[equals...].firstIndex(where: { $0 == 0x22 || $0 == 0x27 }) {
      guard let close = rest[(open + 1)...].firstIndex(of: rest[open]) else { return }
      let name = rest[..<equals].split(whereSeparator: Self.isBlank).last ?? []
      if name.elementsEqual("encoding".utf8) {
        encoding = Array(rest[(open + 1)..<close])
        offset = open + 1
        return
      }
      rest = rest[(close + 1)...]
    }
  }

  /// True where libxml2 may be given the document: no set is named, or one of ours or of XML's own list.
  var isReadable: Bool {
    encoding.isEmpty || Charset(name: encoding) != nil || Self.others.contains(folded)
  }

  /// True where the mark says another set than the declaration. The mark is authoritative (RFC 7303, 3.3), but for a declaration
  /// that no reader would take for a slip: one of UTF-16 over bytes of UTF-8.
  var isOverruled: Bool { hasMark && !encoding.isEmpty && !folded.hasPrefix("UTF16") && !folded.hasPrefix("UTF8") }

  private var folded: String {
    String(decoding: encoding.compactMap { (0x61...0x7A).contains($0) ? $0 - 0x20 : (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) ? $0 : nil }, as: UTF8.self)
  }

  private static func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

  private static let marks: [[UInt8]] = [[0xEF, 0xBB, 0xBF], [0xFF, 0xFE], [0xFE, 0xFF]]
  /// `<?xm` in EBCDIC (XML 1.0, F.1).
  private static let ebcdic: [UInt8] = [0x4C, 0x6F, 0xA7, 0x94]
  /// Sets of XML 1.0, 4.3.3, and of Windows, that no HL7 v2 feed has.
  private static let others: Set<String> = Set(
    ["UTF16", "UTF16LE", "UTF16BE", "SHIFTJIS", "EUCJP", "ISO885910", "ISO885913", "ISO885914", "ISO885916", "KOI8R", "GBK", "GB2312"]
      + (1_250...1_258).map { "WINDOWS\($0)" })
}
