import Core

extension Statement {
  /// `breaks.csv`: RFC 4180 with a header line, for people and their spreadsheets, so texts that a spreadsheet would read as a formula get a leading `'`.
  public var breaksCSV: [UInt8] {
    let header = ["night", "code", "party", "name", "place", "expected", "actual", "difference", "unit", "tolerance", "covered", "age_nights", "owner", "hint"]
    var out: [UInt8] = []
    AnalystCSV.write(header.map { .text($0) }, into: &out)
    for item in judgement.breaks { AnalystCSV.write(row(item), into: &out) }
    return out
  }

  private func row(_ item: Break) -> [AnalystCSV.Cell] {
    [
      .text(judgement.night.description), .text(item.code.rawValue), .text(Self.kind(of: item.party)), .text(item.party.name), .text(item.place),
      .number(item.expected),
      .number(item.actual), .number(item.difference), .text(item.unit), .number(item.tolerance), .text(item.covered ? "yes" : "no"), .number(item.age),
      .text(item.owner), .text(item.code.hint),
    ]
  }
}

extension Statement {
  private static func kind(of party: Break.Party) -> String {
    switch party {
    case .feed: "feed"
    case .consumer: "consumer"
    case .site: "site"
    }
  }
}

/// CSV for spreadsheets (RFC 4180): numbers typed, texts safe from being read as formulas.
enum AnalystCSV {
  enum Cell {
    case text(String)
    case number(Int)
  }

  static func write(_ cells: [Cell], into out: inout [UInt8]) {
    for (index, cell) in cells.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      switch cell {
      case .number(let value): out += String(value).utf8
      case .text(let text): write(text: text, into: &out)
      }
    }
    out += "\r\n".utf8
  }

  /// The full-width signs are there because some spreadsheets fold them.
  private static let formulaStarts: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"]

  private static func write(text: String, into out: inout [UInt8]) {
    let isFormula = text.unicodeScalars.first.map(formulaStarts.contains) ?? false
    let safe = isFormula ? "'" + text : text
    guard isFormula || safe.utf8.contains(where: { $0 == 0x22 || $0 == 0x2C || $0 == 0x0D || $0 == 0x0A }) else {
      out += safe.utf8
      return
    }
    out.append(0x22)
    for byte in safe.utf8 {
      if byte == 0x22 { out.append(0x22) }
      out.append(byte)
    }
    out.append(0x22)
  }
}
