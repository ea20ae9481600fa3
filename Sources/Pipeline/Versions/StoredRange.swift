import Core

/// `FEED`, `FEED:NIGHT` or `FEED:NIGHT..NIGHT`: stored drops that something is to be run over.
struct StoredRange: Sendable, Equatable {
  var feed: String
  var first: BusinessDate
  var last: BusinessDate

  init(feed: String, first: BusinessDate, last: BusinessDate) {
    self.feed = feed
    self.first = first
    self.last = last
  }

  /// - Throws: PIP-806 for another form. Without nights: all there are.
  init(_ text: String) throws(PipelineError) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard Name.isLegal(parts[0]) else { throw Self.fault }
    feed = parts[0]
    guard parts.count == 2 else {
      (first, last) = (BusinessDate(daysSinceEpoch: 0), BusinessDate(daysSinceEpoch: 2_932_896))
      return
    }
    let ends = parts[1].split(separator: "..", omittingEmptySubsequences: false).map(String.init)
    guard ends.count <= 2, let first = BusinessDate(ends[0]), let last = BusinessDate(ends[ends.count - 1]), first <= last else { throw Self.fault }
    (self.first, self.last) = (first, last)
  }

  private static let fault = PipelineError("PIP-806", .usage, "--on is not FEED, FEED:NIGHT or FEED:NIGHT..NIGHT", hint: "Write it like north-hl7:2026-03-01..2026-03-31.")
}
