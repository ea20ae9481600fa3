import Core
import Reconcile
import Testing

/// Files of rows declare their rows and the sums of their columns.
@Suite struct RowTotalsTests {
  private func rows(_ declared: Int?, counted: Int) -> BatchTotal {
    BatchTotal(unit: .rows, ordinal: 0, declared: declared, counted: counted, agrees: declared.map { $0 == counted }, hasTrailer: true, hasHeader: true)
  }

  private func sum(_ declared: Int, counted: Int) -> BatchTotal {
    BatchTotal(unit: .sum, ordinal: 1, declared: declared, counted: counted, agrees: declared == counted, hasTrailer: true, hasHeader: true)
  }

  @Test func `a file whose trailer counts its rows declares them`() {
    let feed = Books.judge([Books.drop("a", received: 3, batches: [rows(3, counted: 3), sum(-125, counted: -125)])]).feeds[0]
    #expect(feed.intake.declared == 3)
    #expect(feed.verdict == .balanced)
  }

  @Test func `a sum that lies is a break in cents`() {
    let breaks = Books.judge([Books.drop("a", received: 1, batches: [rows(1, counted: 1), sum(12_550, counted: 12_500)])]).breaks
    #expect(breaks.map(\.code) == [.trailerMismatch])
    #expect(breaks[0].expected == 12_550 && breaks[0].actual == 12_500 && breaks[0].unit == "cents" && breaks[0].place == "drop 1, sum 2")
  }

  @Test func `people read the figures of a sum with two decimals`() {
    let judgement = Books.judge([Books.drop("a", received: 1, batches: [rows(1, counted: 1), sum(125_051, counted: 125_050)])])
    let statement = Statement(site: "demo", judgement: judgement)
    #expect(statement.summary().contains("expected 1250.51, got 1250.50  OPEN"))
    let page = String(decoding: statement.html, as: UTF8.self)
    #expect(page.split(separator: ">1,250.51</td>").count == 3 && page.split(separator: ">1,250.50</td>").count == 3)
  }

  @Test func `a file that says it has no rows is loaded and balanced`() {
    let judgement = Books.judge([Books.drop("a", received: 0, batches: [rows(0, counted: 0)])])
    #expect(judgement.breaks == [])
    #expect(judgement.feeds[0].verdict == .balanced)
  }

  @Test func `a file that received nothing and does not say so has not been loaded`() {
    #expect(Books.judge([Books.drop("a", received: 0, batches: [rows(nil, counted: 0)])]).breaks.map(\.code) == [.dropNotLoaded])
  }
}
