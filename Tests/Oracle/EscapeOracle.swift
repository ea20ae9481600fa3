public import Core

/// Escapes: any text, written with the escapes of the standard, reads back; and any bytes read as escapes stay in bounds.
public enum EscapeOracle {
  /// The promises that some bytes break, taken first as text, then as an escaped field.
  public static func breaches(_ input: [UInt8], _ delimiters: SegmentTable.Delimiters) -> [Breach] {
    var found: [Breach] = []
    if read(escaped(input, delimiters), delimiters).text != input { found.append(Breach("text escapes and reads back")) }
    let (text, unknown) = read(input, delimiters)
    if !input.contains(delimiters.escape), text != input || unknown != 0 { found.append(Breach("what has no escape is itself")) }
    if text.count > 4 * input.count + 64 { found.append(Breach("reading escapes does not swell")) }
    if unknown < 0 || unknown > input.count { found.append(Breach("unknown escapes are counted")) }
    let isText = String(validating: input, as: UTF8.self) != nil
    if isText, String(validating: text, as: UTF8.self) == nil { found.append(Breach("the text of UTF-8 is UTF-8")) }
    if read(escaped(text, delimiters), delimiters).text != text { found.append(Breach("what was read escapes and reads back")) }
    return found
  }

  /// Each delimiter by its letter (HL7 v2.5.1, 2.7.1), line ends by `\X0D\` and `\.br\`.
  public static func escaped(_ text: [UInt8], _ delimiters: SegmentTable.Delimiters) -> [UInt8] {
    text.flatMap { byte -> [UInt8] in
      let letter: String? =
        switch byte {
        case delimiters.escape: "E"
        case delimiters.field: "F"
        case delimiters.component: "S"
        case delimiters.subcomponent: "T"
        case delimiters.repetition: "R"
        case delimiters.truncation where delimiters.truncation != 0: "P"
        case 0x0D: "X0D"
        case 0x0A: ".br"
        default: nil
        }
      return letter.map { [delimiters.escape] + Array($0.utf8) + [delimiters.escape] } ?? [byte]
    }
  }

  private static func read(_ field: [UInt8], _ delimiters: SegmentTable.Delimiters) -> (text: [UInt8], unknown: Int) {
    var table = SegmentTable(), out: [UInt8] = []
    table.delimiters = delimiters
    table.bytes = field
    let unknown = table.appendText(0..<field.count, to: &out)
    return (out, unknown)
  }
}
