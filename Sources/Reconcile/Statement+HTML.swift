import Core

extension Statement {
  /// `statement.html`: one self-contained page, no script, nothing fetched. The first screen says what state the night is in, what broke and who must act.
  public var html: [UInt8] {
    var page = HTMLWriter()
    page.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
    page.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n")
    page.element("title", "\(site), night of \(judgement.night): \(judgement.state.rawValue)")
    page.raw("\n<style>\n")
    page.raw(StatementStyle.sheet)
    page.raw("\n</style>\n</head>\n<body>\n")
    heading(&page)
    breaks(&page)
    exceptions(&page)
    feeds(&page)
    rows(&page)
    consumers(&page)
    words(&page)
    runs(&page)
    page.raw("</body>\n</html>\n")
    return page.bytes
  }
}

// MARK: - The answer

extension Statement {
  private func heading(_ page: inout HTMLWriter) {
    page.raw("<header>\n<p class=\"over\">Nightly statement · ")
    page.text(site)
    page.raw("</p>\n")
    page.element("h1", "Night of \(judgement.night)")
    switch judgement.state {
    case .closed: page.raw("\n<div class=\"answer good\"><p class=\"word\">Closed</p>\n")
    case .closedWithBreaks: page.raw("\n<div class=\"answer mild\"><p class=\"word\">Closed with breaks</p>\n")
    case .open: page.raw("\n<div class=\"answer bad\"><p class=\"word\">Open</p>\n")
    }
    page.element("p", answer)
    actions(&page)
    page.raw("</div>\n</header>\n")
  }

  private var answer: String {
    let open = judgement.breaks.filter { !$0.covered }.count, covered = judgement.breaks.count - open
    let work = judgement.exceptions.values.total
    var sentences: [String] = []
    if judgement.breaks.isEmpty { sentences.append("Every count that was declared agrees with what came.") }
    if open > 0 { sentences.append("\(Figures.count(open, "break is", "breaks are")) outside every tolerance.") }
    if covered > 0 { sentences.append("\(Figures.count(covered, "break is", "breaks are")) inside a tolerance.") }
    sentences.append(work == 0 ? "No exception waits for a person." : "\(Figures.count(work, "exception waits", "exceptions wait")) for a person.")
    let unmeasured = judgement.feeds.filter { $0.verdict == .notMeasured }.map(\.feed)
    if !unmeasured.isEmpty { sentences.append("Not measured, because nobody declared a count: \(unmeasured.joined(separator: ", ")).") }
    return sentences.joined(separator: " ")
  }

  /// Who must act: each owner of an open break, and each role with exceptions.
  private func actions(_ page: inout HTMLWriter) {
    var lines: [String] = []
    for item in judgement.breaks where !item.covered {
      let owner = item.owner.isEmpty ? "No owner is named" : item.owner
      lines.append("\(owner): \(item.code.rawValue) at \(item.party.name). \(item.code.hint)")
    }
    let roles = Dictionary(grouping: judgement.exceptions, by: \.key.ownerRole).sorted { $0.key < $1.key }
    for (role, items) in roles {
      let codes = items.sorted { $0.key < $1.key }.map { "\($0.key.rawValue) \(Figures.text($0.value))" }
      lines.append("The \(role): \(codes.joined(separator: ", ")).")
    }
    guard !lines.isEmpty else { return }
    page.raw("<ul>\n")
    for line in lines.prefix(8) { page.element("li", line) }
    if lines.count > 8 { page.element("li", "and \(lines.count - 8) more, below.") }
    page.raw("</ul>\n")
  }

  private func breaks(_ page: inout HTMLWriter) {
    page.raw("<section id=\"breaks\">\n<h2>Breaks</h2>\n")
    let all = judgement.breaks.map { ($0, $0.covered ? "covered" : "open") } + judgement.warnings.map { ($0, "warning") }
    if all.isEmpty { page.element("p", "None.") } else {
      page.table(
        ["Standing", "Code", "Where", "Expected", "Actual", "Difference", "Tolerance", "Age", "Owner"],
        all.map { item, standing in
          [
            .verdict(standing), .code(item.code.rawValue), .text(Self.place(of: item)), .number(item.expected), .number(item.actual),
            .number(item.difference), .number(item.tolerance), .text(item.age == 0 ? "new" : Figures.count(item.age, "night", "nights")),
            .text(item.owner),
          ]
        })
      hints(all.map(\.0), &page)
    }
    page.raw("</section>\n")
  }

  private static func place(of item: Break) -> String {
    item.party.name + (item.place.isEmpty ? "" : ", " + item.place) + " (in \(item.unit))"
  }

  private func hints(_ items: [Break], _ page: inout HTMLWriter) {
    page.raw("<dl>\n")
    for code in Set(items.map(\.code)).sorted(by: { $0.rawValue < $1.rawValue }) {
      page.element("dt", code.rawValue)
      let reasons = Set(items.filter { $0.code == code }.compactMap(\.reason)).sorted()
      page.element("dd", code.hint + (reasons.isEmpty ? "" : " Tolerated: \(reasons.joined(separator: "; "))."))
    }
    page.raw("</dl>\n")
  }

  private func exceptions(_ page: inout HTMLWriter) {
    page.raw("<section id=\"exceptions\">\n<h2>Exceptions</h2>\n")
    let counts = judgement.exceptions.sorted { $0.key < $1.key }
    if counts.isEmpty { page.element("p", "None.") } else {
      page.table(
        ["Code", "Count", "Owner", "What to do"],
        counts.map { [.code($0.key.rawValue), .number($0.value), .text($0.key.ownerRole), .text($0.key.hint)] },
        foot: [.text("All"), .number(counts.map(\.value).total), .text(""), .text("")])
    }
    page.raw("</section>\n")
  }
}
