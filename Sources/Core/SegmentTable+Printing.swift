extension SegmentTable.Delimiters {
  /// What `\letter\` stands for, or nil.
  func character(escapedBy letter: UInt8) -> UInt8? {
    let byte: UInt8
    switch letter {
    case UInt8(ascii: "F"): byte = field
    case UInt8(ascii: "S"): byte = component
    case UInt8(ascii: "T"): byte = subcomponent
    case UInt8(ascii: "R"): byte = repetition
    case UInt8(ascii: "E"): byte = escape
    case UInt8(ascii: "P"): byte = truncation
    default: return nil
    }
    return byte == 0 ? nil : byte
  }

  /// The letter that escapes a character, or nil where it needs none.
  private func letter(escaping byte: UInt8) -> UInt8? {
    switch byte {
    case 0: nil
    case escape: UInt8(ascii: "E")
    case field: UInt8(ascii: "F")
    case component: UInt8(ascii: "S")
    case subcomponent: UInt8(ascii: "T")
    case repetition: UInt8(ascii: "R")
    case truncation: UInt8(ascii: "P")
    default: nil
    }
  }

  /// A text as it stands in a message with these delimiters: `SegmentTable.text` of it is the text again.
  ///
  /// - Shape: line ends are written as hexadecimal data; so are two quotation marks alone, which would be the null value.
  /// - Returns: nil where the delimiters name no escape character and the text needs one.
  public func escaped(_ text: some Collection<UInt8>) -> [UInt8]? {
    var out: [UInt8] = []
    out.reserveCapacity(text.count)
    if text.elementsEqual([0x22, 0x22]) { return escape == 0 ? nil : [escape] + "X2222".utf8 + [escape] }
    for byte in text {
      let code: [UInt8]
      switch byte {
      case 0x0D: code = Array("X0D".utf8)
      case 0x0A: code = Array("X0A".utf8)
      default:
        guard let letter = letter(escaping: byte) else {
          out.append(byte)
          continue
        }
        code = [letter]
      }
      guard escape != 0 else { return nil }
      out += [escape] + code + [escape]
    }
    return out
  }
}

extension SegmentTable {
  /// The message as bytes again, segment by segment from the tables, each ended by CR: to decode them gives this table.
  ///
  /// - Bytes: UTF-8, whatever MSH-18 says: decode them with `UTF-8` as the feed's character set.
  /// - Shape: fields stand as they came, escapes included; the delimiters are the message's own.
  public func printed() -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    for segment in segments {
      for piece in 0..<Int(segment.pieceCount) {
        let index = Int(segment.firstPiece) + piece
        if piece > 0 { out.append(delimiters.field) }
        out += bytes[Int(pieceStarts[index])..<(Int(pieceStarts[index + 1]) - 1)]
      }
      out.append(0x0D)
    }
    return out
  }
}
