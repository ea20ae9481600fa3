import Core

/// How values of a message are shown: their shape, or, to who may see them, what they say.
enum ValueView {
  case masked, revealed

  /// A shape shows this many characters; what is longer is counted.
  static let longestShape = 40

  /// A value as one line that cannot act on a terminal. A masked date or time is no more than that.
  func text(_ value: [UInt8], isTime: Bool = false) -> String {
    let text = String(decoding: value, as: UTF8.self)
    switch self {
    case .revealed: return Self.visible(text)
    case .masked: return isTime ? "(time)" : Self.shape(of: text)
    }
  }

  /// Letters as A, digits as 9, blanks and punctuation of ASCII as they are, all else as ?.
  static func shape(of text: String) -> String {
    let scalars = text.unicodeScalars
    let shape = String(String.UnicodeScalarView(scalars.prefix(longestShape).map(shape)))
    return scalars.count > longestShape ? "\(shape)… (\(scalars.count) characters)" : shape
  }

  private static func shape(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    if scalar.properties.numericType != nil { return "9" }
    if scalar.properties.isAlphabetic { return "A" }
    return scalar.value >= 0x20 && scalar.value < 0x7F ? scalar : "?"
  }

  /// Controls, marks that turn the direction of writing, and whatever else has no face of its own, as `\u{202E}`.
  static func visible(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      if isInvisible(scalar) {
        out += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
      } else {
        out.unicodeScalars.append(scalar)
      }
    }
    return out
  }

  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: true
    default: false
    }
  }
}
