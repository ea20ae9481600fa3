import Core

extension Statement {
  /// One screen for the terminal, at most 40 lines: the breaks, the warnings, the exceptions, each feed's equation, what each consumer was sent
  /// and what was withheld.
  ///
  /// - places: label and path of files that the reader may want next; printed last, as they are.
  public func summary(places: [(label: String, path: String)] = []) -> String {
    let rest = stateWords.drop { $0 != ";" }
    let head = ["Night \(judgement.night), site \(site): \(judgement.state.rawValue.uppercased())" + rest, ""]
    let tail = places.isEmpty ? [] : [""] + aligned(places.map { ["  " + $0.label, $0.path] })
    let room = 40 - head.count - tail.count
    let parts = [breakLines, warningLines, exceptionLines, feedLines, consumerLines].filter { !$0.isEmpty }
    return (head + Self.fit(parts, into: room) + tail).joined(separator: "\n") + "\n"
  }

  /// Cuts the longest parts first, and says how much is left out.
  private static func fit(_ parts: [[String]], into room: Int) -> [String] {
    var limits = parts.map(\.count)
    let gaps = parts.count - 1
    while limits.reduce(gaps, +) > max(room, 12), let longest = limits.indices.max(by: { limits[$0] < limits[$1] }), limits[longest] > 2 { limits[longest] -= 1 }
    let cut = zip(parts, limits).map { part, limit in
      part.count <= limit ? part : Array(part.prefix(limit - 1)) + ["  … \(part.count - limit + 1) more lines, see the statement"]
    }
    return Array(cut.joined(separator: [""]))
  }

  /// Of many feeds those that balance are only counted, and the broken ones come first.
  private var feedLines: [String] {
    let order: [Verdict] = judgement.feeds.count > 6 ? [.broken, .notMeasured] : [.broken, .notMeasured, .balanced]
    let shown = order.flatMap { verdict in judgement.feeds.filter { $0.verdict == verdict } }
    let equations = aligned(
      shown.map { item in
        let declared = item.intake.declared.map { String($0) } ?? "not measured"
        return ["  " + item.feed, "declared \(declared)", Self.sign(item.intake), "received \(item.intake.received)", item.words.uppercased()]
      })
    let balanced = judgement.feeds.count { $0.verdict == .balanced }
    return ["Intake: \(balanced) of \(Figures.count(judgement.feeds.count, "feed", "feeds")) balanced"]
      + zip(equations, shown).flatMap { [$0, "    \($1.intake.received) = " + Self.terms($1.intake.tally) + Self.beside($1.ledger)] }
  }

  private static func sign(_ intake: Intake) -> String {
    guard let declared = intake.declared else { return " " }
    return declared == intake.received ? "=" : "≠"
  }

  static func terms(_ tally: DispositionTally) -> String {
    let terms = Disposition.allCases.filter { tally[$0] != 0 }.map { "\(tally[$0]) \($0.rawValue)" }
    return terms.isEmpty ? "0" : terms.joined(separator: " + ")
  }

  static func beside(_ ledger: FeedLedger) -> String {
    let counts = [("duplicate", ledger.dropsDuplicate), ("resubmitted", ledger.dropsResubmitted), ("arriving", ledger.dropsArriving), ("unreadable", ledger.dropsUnreadable)]
    let words = [dropWords(ledger)] + counts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
    return "   (" + words.joined(separator: ", ") + ")"
  }

  private var breakLines: [String] {
    guard !judgement.breaks.isEmpty else { return ["Breaks: none"] }
    return ["Breaks: \(judgement.breaks.count)"] + aligned(judgement.breaks.map { line($0, standing: $0.covered ? "covered" : "OPEN") })
  }

  private var warningLines: [String] {
    guard !judgement.warnings.isEmpty else { return [] }
    return ["Warnings: \(judgement.warnings.count)"] + aligned(judgement.warnings.map { ["  " + words(of: $0), $0.owner] })
  }

  private func line(_ item: Break, standing: String) -> [String] {
    let age = item.age == 0 ? "new" : "\(item.age) night\(item.age == 1 ? "" : "s")"
    let place = item.place.isEmpty ? item.party.name : "\(item.party.name), \(item.place)"
    let figures =
      item.isOfSum
      ? "expected \(Money(cents: item.expected)), got \(Money(cents: item.actual))" : "expected \(item.expected), got \(item.actual) \(item.unit)"
    return ["  " + item.code.rawValue, place, figures, standing, age, item.owner]
  }

  private var exceptionLines: [String] {
    guard waiting > 0 else { return ["Exceptions: none"] }
    let rows = exceptionItems.map { ["  " + $0.code.rawValue, $0.feed, String($0.count), $0.code.ownerRole, $0.owner] }
    return ["Exceptions: \(waiting), listed by \(exceptionCommand)"] + aligned(rows)
  }

  private var consumerLines: [String] {
    guard !judgement.consumers.isEmpty else { return ["Outflow: no consumers"] }
    return ["Outflow" + (isWithholding ? "; rows withheld are listed by \(withheldCommand)" : "")] + judgement.consumers.flatMap(outflow)
  }

  private func outflow(_ item: ConsumerJudgement) -> [String] {
    guard let ledger = item.ledger else { return ["  \(item.consumer): no extract yet"] }
    if let refusal = ledger.refusal { return ["  \(item.consumer): nothing sent, \(refusal); \(Figures.count(ledger.withheld.values.total, "row stays", "rows stay")) due"] }
    let withheld = ledger.withheld.sorted { Reconciler.precedes($0.key, $1.key) }.map { "\($0.value) withheld \($0.key)" }
    let terms = ["\(ledger.sent) sent"] + withheld + (ledger.suppressed > 0 ? ["\(ledger.suppressed) suppressed"] : [])
    let delivery = ledger.delivery.isEmpty ? "" : ", \(ledger.delivery)"
    return [
      "  \(item.consumer): \(ledger.eligible) eligible = " + terms.joined(separator: " + ") + delivery,
      "    sent \(Money(cents: ledger.sentCents))" + (Self.withheld(ledger).map { "; " + $0 } ?? ""),
    ] + (item.beginsLate ? ["    from this night on; nothing of the nights before it"] : [])
  }

  /// Columns padded to their widest cell, two blanks apart.
  private func aligned(_ rows: [[String]]) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0 }
    return rows.map { row in
      let cells = row.enumerated().map { index, cell in index == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[index] - cell.count) }
      return cells.joined(separator: "  ")
    }
  }
}
