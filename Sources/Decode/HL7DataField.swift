import Core

/// Where the reader stands in an OBX whose OBX-5 is of type ED or RP, and the data that is on its way out.
struct HL7DataField {
  enum Kind {
    /// ED: component 5 is data.
    case data
    /// RP: component 1 points to what is kept elsewhere.
    case pointer
  }

  /// The OBX is the last segment of the message: the rest of its line, and text that goes on behind it, is read here.
  private(set) var isOpen = false
  private(set) var kind = Kind.data
  private(set) var repetition = 1
  private var field = 0
  private var component = 1
  /// The first bytes of components 1 to 4 of the repetition.
  private var parts: [[UInt8]] = []
  /// Quotation marks at the beginning of the data: two alone are the null value, which is no data.
  var quotes = 0
  var quotesOffset = 0
  /// Bytes were left out before the next ones that the record keeps.
  var isDisplaced = false
  /// Where the data that was read last ends in the drop.
  var end = 0
  /// The data on its way out, or none: in an array of at most one, so that what holds this field stays small where it is moved.
  var attachment: [HL7Attachment] = []

  private static let partBytes = 64

  mutating func begin(_ kind: Kind) {
    self = HL7DataField()
    isOpen = true
    parts = [[UInt8]](repeating: [], count: 4)
    self.kind = kind
  }

  mutating func close() { isOpen = false }

  var isInField: Bool { isOpen && field == 5 }
  var isInData: Bool { isInField && component == 5 && kind == .data }
  /// The repetition points to something.
  var isPointer: Bool { isInField && kind == .pointer && !parts[0].isEmpty && parts[0] != [0x22, 0x22] }

  /// Nil where the encoding has a name that is not known.
  var encoding: AttachmentHead.Encoding? { kind == .pointer ? .reference : HL7DataType.encoding(parts[3]) }

  var mediaType: String { kind == .pointer ? HL7DataType.mediaType(parts[2], parts[3]) : HL7DataType.mediaType(parts[1], parts[2]) }

  /// The index of the next separator that means something here, or the count.
  func end(of bytes: Span<UInt8>, from start: Int, _ marks: SegmentTable.Delimiters) -> Int {
    var at = start
    if field > 5 { return bytes.count }
    let field = marks.field
    let component = isInField && marks.component != 0 ? marks.component : field
    let repetition = isInField && marks.repetition != 0 ? marks.repetition : field
    while at < bytes.count, bytes[at] != field, bytes[at] != component, bytes[at] != repetition { at += 1 }
    return at
  }

  /// Notes what the record keeps of the field.
  mutating func note(_ bytes: Span<UInt8>) {
    guard isInField, component <= parts.count else { return }
    for at in 0..<min(bytes.count, Self.partBytes - parts[component - 1].count) { parts[component - 1].append(bytes[at]) }
  }

  /// Gives bytes to the data on its way out.
  mutating func take(_ bytes: Span<UInt8>, at offset: Int, _ events: inout [DecodeEvent]) {
    if !attachment.isEmpty { attachment[0].take(bytes, at: offset, &events) }
  }

  /// True where a separator ends the repetition that is read.
  func endsRepetition(_ mark: UInt8, _ marks: SegmentTable.Delimiters) -> Bool { isInField && (mark == marks.field || mark != marks.component) }

  /// Steps over a separator.
  mutating func step(_ mark: UInt8, _ marks: SegmentTable.Delimiters) {
    if mark == marks.field {
      field += 1
    } else if mark == marks.component {
      component += 1
    } else {
      repetition += 1
      component = 1
      for index in parts.indices { parts[index].removeAll(keepingCapacity: true) }
    }
  }
}

extension HL7DataField.Kind {
  /// By OBX-2, read as mappings read it; nil for any other type.
  ///
  /// - Parameter line: an OBX, or the beginning of a long one.
  init?(_ line: Span<UInt8>, _ marks: SegmentTable.Delimiters) {
    var at = 4
    guard line.count > 3, line[3] == marks.field else { return nil }
    while at < line.count, line[at] != marks.field { at += 1 }
    guard at + 3 < line.count, line[at + 3] == marks.field || line[at + 3] == marks.component else { return nil }
    switch (line[at + 1], line[at + 2]) {
    case (UInt8(ascii: "E"), UInt8(ascii: "D")): self = .data
    case (UInt8(ascii: "R"), UInt8(ascii: "P")): self = .pointer
    default: return nil
    }
  }
}
