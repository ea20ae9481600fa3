/// Sums that stop at the ends of `Int`: a sender may declare any number, and no number of his may stop the close.
extension Int {
  /// The sum, or the end of the range that it passes.
  func plus(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return !overflow ? sum : other > 0 ? .max : .min
  }

  /// The difference, or the end of the range that it passes.
  func minus(_ other: Int) -> Int {
    let (difference, overflow) = subtractingReportingOverflow(other)
    return !overflow ? difference : other > 0 ? .min : .max
  }
}

extension Sequence where Element == Int {
  /// The sum of all, held inside the range.
  var total: Int { reduce(0) { $0.plus($1) } }
}
