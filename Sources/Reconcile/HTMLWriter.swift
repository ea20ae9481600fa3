/// Writes HTML with every text escaped; the only way to markup is through its methods.
struct HTMLWriter {
  private(set) var bytes: [UInt8] = []

  /// Markup of our own.
  mutating func raw(_ markup: StaticString) { markup.withUTF8Buffer { bytes += $0 } }

  /// A text, escaped for element content and quoted attributes.
  mutating func text(_ text: String) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "&"): bytes += "&amp;".utf8
      case UInt8(ascii: "<"): bytes += "&lt;".utf8
      case UInt8(ascii: ">"): bytes += "&gt;".utf8
      case UInt8(ascii: "\""): bytes += "&quot;".utf8
      case UInt8(ascii: "'"): bytes += "&#39;".utf8
      default: bytes.append(byte)
      }
    }
  }

  /// An element with text in it.
  mutating func element(_ name: StaticString, _ content: String) { element(name, "", content) }

  /// An element of a class with text in it.
  mutating func element(_ name: StaticString, _ style: StaticString, _ content: String) {
    open(name, style)
    text(content)
    close(name)
  }

  /// Opens an element; an empty class is left out.
  mutating func open(_ name: StaticString, _ style: StaticString = "") {
    raw("<")
    raw(name)
    if style.utf8CodeUnitCount > 0 {
      raw(" class=\"")
      raw(style)
      raw("\"")
    }
    raw(">")
  }

  mutating func close(_ name: StaticString) {
    raw("</")
    raw(name)
    raw(">")
  }

  /// A word in the colour of what it says: colour never stands alone.
  mutating func verdict(_ word: String) {
    switch word {
    case "balanced", "closed": element("span", "tag good", word)
    case "closed-with-breaks", "covered", "warning": element("span", "tag mild", word)
    case "not-measured", "nothing came", "nothing new came", "nothing yet": element("span", "tag plain", word)
    default: element("span", "tag bad", word)
    }
  }
}

/// A cell of a table: texts stand left, numbers right in figures of one width.
enum HTMLCell {
  case text(String)
  /// A code or name that must not be broken over lines.
  case code(String)
  case number(Int)
  case money(Int)
  case verdict(String)
  /// Nothing to measure.
  case dash
}

extension HTMLWriter {
  /// A table with a header row; the columns of numbers are found from the first row.
  mutating func table(_ header: [String], _ rows: [[HTMLCell]], foot: [HTMLCell] = []) {
    raw("<div class=\"wide\"><table><thead><tr>")
    for (index, title) in header.enumerated() {
      let isNumber = (rows.first ?? foot).indices.contains(index) && (rows.first ?? foot)[index].isNumber
      element("th", isNumber ? "n" : "", title)
    }
    raw("</tr></thead><tbody>\n")
    for row in rows { self.row(row) }
    raw("</tbody>")
    if !foot.isEmpty {
      raw("<tfoot>")
      row(foot)
      raw("</tfoot>")
    }
    raw("</table></div>\n")
  }

  private mutating func row(_ cells: [HTMLCell]) {
    raw("<tr>")
    for cell in cells { write(cell) }
    raw("</tr>\n")
  }

  private mutating func write(_ cell: HTMLCell) {
    switch cell {
    case .text(let text): element("td", text)
    case .code(let text): element("td", "code", text)
    case .number(let value): element("td", value == 0 ? "n zero" : "n", Figures.text(value))
    case .money(let cents): element("td", "n", Figures.money(cents))
    case .dash: element("td", "n zero", "–")
    case .verdict(let word):
      open("td")
      verdict(word)
      close("td")
    }
  }
}

extension HTMLCell {
  var isNumber: Bool {
    switch self {
    case .number, .money, .dash: true
    case .text, .code, .verdict: false
    }
  }
}
