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
    coverage(&page)
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
    switch tone {
    case .good: page.raw("\n<div class=\"answer good\">")
    case .plain: page.raw("\n<div class=\"answer plain\">")
    case .mild: page.raw("\n<div class=\"answer mild\">")
    case .bad: page.raw("\n<div class=\"answer bad\">")
    }
    page.element("p", "word", stateWords)
    page.element("p", answer)
    actions(&page)
    page.raw("</div>\n</header>\n")
  }

  private enum Tone { case good, plain, mild, bad }

  /// Green only where something was compared, all of it agrees and nobody has to act.
  private var tone: Tone {
    switch judgement.state {
    case .open: .bad
    case .closedWithBreaks: .mild
    case .closed where waiting > 0 || !judgement.warnings.isEmpty: .mild
    case .closed: isMeasured ? .good : .plain
    }
  }

  private var isMeasured: Bool { judgement.feeds.contains { $0.intake.declared != nil } }

  private var answer: String {
    let open = judgement.breaks.filter { !$0.covered }.count, covered = judgement.breaks.count - open
    var sentences: [String] = []
    if judgement.breaks.isEmpty { sentences.append(isMeasured ? "Every count that was declared agrees with what came." : "Nobody declared a count, so none was compared.") }
    if open > 0 { sentences.append("\(Figures.count(open, "break is", "breaks are")) outside every tolerance.") }
    if covered > 0 { sentences.append("\(Figures.count(covered, "break is", "breaks are")) inside a tolerance.") }
    if waiting == 0 { sentences.append("No exception waits for a person.") }
    let silent = judgement.feeds.filter { $0.verdict == .notMeasured && $0.words != $0.verdict.rawValue }
    let unmeasured = judgement.feeds.filter { $0.verdict == .notMeasured && $0.words == $0.verdict.rawValue }
    if !silent.isEmpty { sentences.append("Nothing came from: \(silent.map(\.feed).joined(separator: ", ")).") }
    if !unmeasured.isEmpty { sentences.append("Not measured, because nobody declared a count: \(unmeasured.map(\.feed).joined(separator: ", ")).") }
    return sentences.joined(separator: " ")
  }

  /// Who must act and on what: open breaks, warnings, exceptions, money that was withheld.
  private func actions(_ page: inout HTMLWriter) {
    let groups = [breakActions, warningActions, exceptionActions, withheldActions]
    guard groups.contains(where: { !$0.isEmpty }) else { return }
    page.raw("<ul>\n")
    for lines in groups {
      for line in lines.prefix(8) { page.element("li", line) }
      if lines.count > 8 { page.element("li", "and \(lines.count - 8) more of the same, below.") }
    }
    page.raw("</ul>\n")
    if waiting > 0 { command("Each exception with its place", exceptionCommand, &page) }
    if isWithholding { command("Each row that is withheld", withheldCommand, &page) }
  }

  private func command(_ what: String, _ command: String, _ page: inout HTMLWriter) {
    page.raw("<p class=\"note\">")
    page.text(what)
    page.raw(": <code>")
    page.text(command)
    page.raw("</code></p>\n")
  }

  private var breakActions: [String] {
    judgement.breaks.filter { !$0.covered }.map { item in
      let owner = item.party == .site ? "The operator" : item.owner.isEmpty ? "No owner is named" : item.owner
      return "\(owner): \(item.code.rawValue) at \(item.party.name)\(item.place.isEmpty ? "" : ", " + item.place). \(item.code.hint)"
    }
  }

  private var warningActions: [String] {
    judgement.warnings.map { "Warning: \(words(of: $0)). Owner: \($0.owner.isEmpty ? "none is named" : $0.owner)." }
  }

  private var exceptionActions: [String] {
    exceptionItems.map { item in
      let owner = item.owner.isEmpty ? "" : "; the feed's owner is \(item.owner)"
      return "\(item.code.rawValue) \(Figures.text(item.count)) at \(item.feed): for the \(item.code.ownerRole)\(owner)."
    }
  }

  private var withheldActions: [String] {
    judgement.consumers.compactMap { item in item.ledger.flatMap(Self.withheld).map { "\(item.consumer): \($0)." } }
  }

  private func breaks(_ page: inout HTMLWriter) {
    page.raw("<section id=\"breaks\">\n<h2>Breaks</h2>\n")
    let all = judgement.breaks.map { ($0, $0.covered ? "covered" : "open") } + judgement.warnings.map { ($0, "warning") }
    if all.isEmpty { page.element("p", "None.") } else {
      page.table(
        ["Standing", "Code", "Where", "Expected", "Actual", "Difference", "Tolerance", "Age", "Owner"],
        all.map { item, standing in
          [
            .verdict(standing), .code(item.code.rawValue), .text(Self.place(of: item)), item.figure(item.expected), item.figure(item.actual),
            item.figure(item.difference), item.figure(item.tolerance), .text(item.age == 0 ? "new" : Figures.count(item.age, "night", "nights")),
            .text(item.owner),
          ]
        })
      hints(all.map(\.0), &page)
    }
    page.raw("</section>\n")
  }

  private static func place(of item: Break) -> String {
    item.party.name + (item.place.isEmpty ? "" : ", " + item.place) + (item.isOfSum ? "" : " (in \(item.unit))")
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
    let items = exceptionItems
    if items.isEmpty { page.element("p", "None.") } else {
      page.table(
        ["Code", "Feed", "Count", "For the", "Feed's owner", "What to do"],
        items.map { [.code($0.code.rawValue), .code($0.feed), .number($0.count), .text($0.code.ownerRole), .text($0.owner), .text($0.code.hint)] },
        foot: [.text("All"), .text(""), .number(waiting), .text(""), .text(""), .text("")])
    }
    page.raw("</section>\n")
  }
}

extension Break {
  /// One of its figures as people read it.
  fileprivate func figure(_ value: Int) -> HTMLCell { isOfSum ? .money(value) : .number(value) }
}
