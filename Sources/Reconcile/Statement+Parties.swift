import Core

// MARK: - Equations

/// An equation as an accountant prints it: the total, its terms, the total of the terms, the difference.
private struct Equation {
  var total: (name: String, value: Int)
  var terms: [(name: String, value: Int)]

  var difference: Int { terms.map(\.value).total.minus(total.value) }

  func write(to page: inout HTMLWriter) {
    page.raw("<table class=\"equation\"><tbody>\n")
    row(&page, .plain, "", total.name, Figures.text(total.value))
    for (index, term) in terms.enumerated() { row(&page, .plain, index == 0 ? "=" : "+", term.name, Figures.text(term.value)) }
    row(&page, .sum, "", "accounted for", Figures.text(terms.map(\.value).total))
    if difference == 0 { row(&page, .plain, "", "difference", "0") } else { row(&page, .gap, "≠", "difference", Figures.text(difference)) }
    page.raw("</tbody></table>\n")
  }

  private enum Style { case plain, sum, gap }

  private func row(_ page: inout HTMLWriter, _ style: Style, _ sign: String, _ name: String, _ value: String) {
    switch style {
    case .plain: page.raw("<tr>")
    case .sum: page.raw("<tr class=\"sum\">")
    case .gap: page.raw("<tr class=\"gap\">")
    }
    page.element("td", "sign", sign)
    page.element("td", name)
    page.element("td", "n", value)
    page.raw("</tr>\n")
  }
}

extension HTMLWriter {
  /// A party's block: folded when its books agree.
  fileprivate mutating func party(_ name: String, _ verdict: String, _ who: String, _ content: (inout HTMLWriter) -> Void) {
    let folds = verdict == "balanced"
    raw(folds ? "<details class=\"party\"><summary><span class=\"head\">" : "<div class=\"party\"><div class=\"head\">")
    element("span", name)
    self.verdict(verdict)
    element("span", "who", who)
    raw(folds ? "</span></summary>\n" : "</div>\n")
    content(&self)
    raw(folds ? "</details>\n" : "</div>\n")
  }
}

extension Disposition {
  /// For the head of a column.
  fileprivate var title: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
}

// MARK: - Feeds

extension Statement {
  func feeds(_ page: inout HTMLWriter) {
    page.raw("<section id=\"feeds\">\n<h2>Intake</h2>\n")
    if judgement.feeds.isEmpty { page.element("p", "No feeds.") } else {
      page.table(
        ["Feed", "Verdict", "Declared", "Received", "Difference"] + Disposition.allCases.map(\.title),
        judgement.feeds.map(Self.line), foot: Self.total(judgement.feeds))
    }
    let worst: [Verdict] = [.broken, .notMeasured, .balanced]
    for verdict in worst { for item in judgement.feeds where item.verdict == verdict { feed(item, &page) } }
    page.raw("</section>\n")
  }

  private static func line(_ item: FeedJudgement) -> [HTMLCell] {
    let declared = item.intake.declared
    return [
      .code(item.feed), .verdict(item.words), declared.map { .number($0) } ?? .dash, .number(item.intake.received),
      declared.map { .number(item.intake.received.minus($0)) } ?? .dash,
    ] + Disposition.allCases.map { .number(item.intake.tally[$0]) }
  }

  private static func total(_ items: [FeedJudgement]) -> [HTMLCell] {
    let tally = items.reduce(into: DispositionTally()) { $0 += $1.intake.tally }
    return [.text("All"), .text(""), .dash, .number(tally.received), .dash] + Disposition.allCases.map { .number(tally[$0]) }
  }

  private func feed(_ item: FeedJudgement, _ page: inout HTMLWriter) {
    let who = [item.owner, item.dueBy.isEmpty ? "" : "due by \(item.dueBy)"].filter { !$0.isEmpty }.joined(separator: ", ")
    page.party(item.feed, item.words, who) { page in
      if let declared = item.intake.declared {
        Equation(total: ("declared", declared), terms: [("received", item.intake.received)]).write(to: &page)
      } else if item.intake.received == 0 {
        page.element("p", "note", "Nothing came that could be measured.")
      } else {
        page.element("p", "note", "Declared: not measured. Not every message stands in a unit that declares a count.")
      }
      Equation(total: ("received", item.intake.received), terms: Disposition.allCases.map { ($0.rawValue, item.intake.tally[$0]) }).write(to: &page)
      page.element("p", "note", Self.dropCounts(item.ledger))
      drops(item, &page)
      totals(item, &page)
      sums(item, &page)
    }
  }

  private static func dropCounts(_ ledger: FeedLedger) -> String {
    let counts = [
      (ledger.dropsDuplicate, "duplicate"), (ledger.dropsResubmitted, "resubmitted under a used name"), (ledger.dropsArriving, "still arriving"),
      (ledger.dropsUnreadable, "unreadable"),
    ]
    return dropWords(ledger) + "; beside them " + counts.map { "\(Figures.text($0.0)) \($0.1)" }.joined(separator: ", ") + "."
  }

  /// Long lists are cut here; `statement.json` names every drop.
  private static let listedDrops = 200

  private func drops(_ item: FeedJudgement, _ page: inout HTMLWriter) {
    guard !item.ledger.drops.isEmpty else { return }
    page.element("h3", "Drops, in ascending order of their SHA-256")
    page.table(
      ["Drop", "Bytes", "Messages", "Received", "Fate", "Findings"],
      item.ledger.drops.prefix(Self.listedDrops).enumerated().map { index, drop in
        let findings = drop.findings.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { "\($0.key.rawValue) \($0.value)" }
        return [
          .text("drop \(index + 1)\(drop.isControlFile ? ", control file" : "")"), .number(drop.byteCount), .number(drop.messages), .number(drop.dispositions.received),
          .text(drop.isControlFile ? "" : Self.terms(drop.dispositions)), .text(findings.joined(separator: ", ")),
        ]
      })
    page.element("p", "note", "compline status --json and statement.json list the drops of a feed in this order, with their SHA-256.")
    if item.ledger.drops.count > Self.listedDrops {
      page.element("p", "note", "\(Figures.text(item.ledger.drops.count - Self.listedDrops)) more drops stand in statement.json.")
    }
  }

  private func totals(_ item: FeedJudgement, _ page: inout HTMLWriter) {
    let batches = item.ledger.drops.enumerated().flatMap { index, drop in drop.batches.map { (index, $0) } }
    guard !batches.isEmpty else { return }
    page.element("h3", "Control totals")
    page.table(
      ["Drop", "Total", "Declared", "Counted", "Difference", "Verdict"],
      batches.prefix(Self.listedDrops).map { index, batch in
        let verdict = batch.agrees.map { $0 ? "balanced" : "broken" } ?? "not-measured"
        return [
          .text("drop \(index + 1)"), .text(batch.unit == .control ? "control file" : "\(batch.unit.rawValue) \(batch.ordinal + 1)"),
          batch.declared.map(batch.figure) ?? .dash, batch.isCounted ? batch.figure(batch.counted) : .dash,
          batch.agrees == nil ? .dash : batch.figure(batch.counted.minus(batch.declared ?? 0)),
          .verdict(verdict),
        ]
      })
  }

  private func sums(_ item: FeedJudgement, _ page: inout HTMLWriter) {
    guard !item.ledger.sums.isEmpty else { return }
    page.element("h3", "Sums of the mapped rows")
    page.table(["Entity", "Field", "Sum"], item.ledger.sums.map { [.text($0.entity), .text($0.field), .money($0.cents)] })
  }
}

// MARK: - Rows

extension Statement {
  func rows(_ page: inout HTMLWriter) {
    let tallies = Self.total(judgement.feeds.map(\.ledger.entities)).sorted { Reconciler.precedes($0.key, $1.key) }
    page.raw("<section id=\"rows\">\n<h2>Rows</h2>\n")
    page.element("p", "note", "found = mapped + held + skipped; mapped = inserted + updated + unchanged + superseded")
    if tallies.isEmpty { page.element("p", "None.") } else {
      page.table(
        ["Entity", "Verdict", "Found", "Mapped", "Held", "Skipped", "Inserted", "Updated", "Unchanged", "Superseded"],
        tallies.map { [.text($0.key), .verdict($0.value.isBalanced ? "balanced" : "broken")] + Self.numbers($0.value) },
        foot: [.text("All"), .text("")] + Self.numbers(tallies.reduce(into: EntityTally()) { $0 += $1.value }))
    }
    page.raw("</section>\n")
  }

  private static func numbers(_ tally: EntityTally) -> [HTMLCell] {
    [tally.found, tally.mapped, tally.held, tally.skipped, tally.inserted, tally.updated, tally.unchanged, tally.superseded].map { .number($0) }
  }
}

// MARK: - Consumers

extension Statement {
  func consumers(_ page: inout HTMLWriter) {
    page.raw("<section id=\"consumers\">\n<h2>Outflow</h2>\n")
    if judgement.consumers.isEmpty { page.element("p", "No consumers.") } else { outflowTable(&page) }
    for item in judgement.consumers {
      let who = [item.owner, item.purpose.isEmpty ? "" : "purpose: \(item.purpose)"].filter { !$0.isEmpty }.joined(separator: ", ")
      page.party(item.consumer, item.verdict.rawValue, who) { page in outflow(item, &page) }
    }
    page.raw("</section>\n")
  }

  /// One line a consumer, never folded: eligible = sent + withheld + suppressed.
  private func outflowTable(_ page: inout HTMLWriter) {
    page.table(
      ["Consumer", "Verdict", "Eligible", "Sent", "Withheld", "Suppressed", "Difference", "Sum sent", "Sum withheld", "Withheld because"],
      judgement.consumers.map { item in
        guard let ledger = item.ledger else {
          return [.code(item.consumer), .verdict(item.verdict.rawValue)] + Array(repeating: .dash, count: 7) + [.text("no extract yet")]
        }
        let withheld = ledger.withheld.values.total
        return [
          .code(item.consumer), .verdict(item.verdict.rawValue), .number(ledger.eligible), .number(ledger.sent), .number(withheld),
          .number(ledger.suppressed), .number([ledger.sent, withheld, ledger.suppressed].total.minus(ledger.eligible)), .money(ledger.sentCents),
          .money(ledger.withheldCents), .text(ledger.refusal.map { "nothing sent, \($0)" } ?? ledger.withheld.keys.sorted(by: Reconciler.precedes).joined(separator: ", ")),
        ]
      })
    page.element("p", "note", "eligible = sent + withheld + suppressed (the consumer has the row as it is)")
  }

  private func outflow(_ item: ConsumerJudgement, _ page: inout HTMLWriter) {
    guard let ledger = item.ledger else { return page.element("p", "No extract was made yet.") }
    if let refusal = ledger.refusal { page.element("p", "Nothing was produced or sent: \(refusal).") }
    let withheld = ledger.withheld.sorted { Reconciler.precedes($0.key, $1.key) }.map { (name: "withheld, \($0.key)", value: $0.value) }
    Equation(total: ("eligible", ledger.eligible), terms: [("sent", ledger.sent)] + withheld + [("suppressed, no change", ledger.suppressed)]).write(to: &page)
    if item.beginsLate { page.element("p", "The first extract of this consumer: it holds what changed from this night on, nothing of the nights before it.") }
    guard ledger.refusal == nil else { return }
    page.table(
      ["Money", "Sum"], [[.text("sent"), .money(ledger.sentCents)], [.text("withheld"), .money(ledger.withheldCents)]])
    let delivery = ledger.delivery.isEmpty ? "not due" : ledger.delivery
    if let awaiting = ledger.awaiting {
      let terms = [("acknowledged", ledger.acknowledged), ("refused by the consumer", ledger.refused), ("awaiting receipt", awaiting)]
      Equation(total: ("sent", ledger.sent), terms: terms.map { (name: $0.0, value: $0.1) }).write(to: &page)
    }
    page.element("p", "note", "Delivery: \(delivery).\(ledger.receiptExpected ? "" : " Receipt: not measured, none is expected.")")
    if !ledger.manifest.isEmpty { page.element("p", "note", "Manifest: \(ledger.manifest)") }
  }
}

// MARK: - Words and runs

extension Statement {
  func words(_ page: inout HTMLWriter) {
    page.raw("<section id=\"words\">\n<details><summary>The words of this statement</summary>\n<dl>\n")
    for (word, meaning) in Self.definitions {
      page.element("dt", word)
      page.element("dd", meaning)
    }
    page.raw("</dl>\n</details>\n</section>\n")
  }

  func runs(_ page: inout HTMLWriter) {
    page.raw("<section id=\"runs\">\n<details><summary>Runs of this night (the only part that differs between runs)</summary>\n")
    if endedRuns.isEmpty { page.element("p", "None.") } else {
      page.table(
        ["Stage", "Epoch", "Started", "Ended", "Exit"],
        endedRuns.map { [.text($0.stage), .number($0.epoch), .text($0.started), .text($0.ended), .text(String($0.exit))] })
    }
    page.raw("</details>\n</section>\n")
  }

  private static let definitions: [(String, String)] = [
    ("closed", "Every measured equation holds."),
    ("closed with breaks", "Each difference is inside a tolerance that has a reason, an owner and a last day."),
    ("open", "At least one difference is outside every tolerance."),
    ("break", "A difference between what was declared, expected or counted and what there is."),
    ("exception", "Work for a person: something was held, rejected or doubtful."),
    ("not measured", "Nobody declared a count to compare with. It is never a pass."),
    ("drop", "One delivered file. Here it is named by its order."),
    ("loaded", "At least one row of the message changed the store."),
    ("unchanged", "No row of the message changed the store, and none is older than what is there."),
    ("superseded", "No row changed the store, and at least one is older than what is there."),
    ("duplicate", "The same bytes already have a fate in this feed."),
    ("filtered", "A named rule says that messages of this type carry no rows."),
    ("held", "The message or row waits: its subject cannot be settled, no mapping reads it, or a rule or limit holds it."),
    ("rejected", "The message cannot be decoded."),
    ("eligible", "The row's current version changed this night, by what a message says of it or by a merge that moved it, or it was withheld earlier."),
    ("withheld", "The row lacks what the consumer requires; it stays due."),
    ("suppressed", "The consumer already has the row as it is."),
    ("acknowledged", "The consumer's receipt says that it took the row."),
    ("awaiting receipt", "Sent, and not answered yet."),
  ]
}

extension BatchTotal {
  /// One of its figures as people read it: sums are hundredths.
  fileprivate func figure(_ value: Int) -> HTMLCell { unit == .sum ? .money(value) : .number(value) }
}
