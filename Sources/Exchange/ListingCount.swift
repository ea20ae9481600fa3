/// What the listings of one walk have given so far. A partner that lists without an end is not listened to until memory ends.
struct ListingCount {
  /// Every name counts, also dots, the same name again, and what is no component of a path.
  var maximumNames = 1_000_000
  /// Bytes of all these names.
  var maximumBytes = 64 << 20
  private(set) var names = 0
  private(set) var bytes = 0
  /// Names that are no component of a path: never kept and never asked for.
  private(set) var unusable = 0

  /// Counts a name, whatever it is. - Throws: `.endless` past a limit.
  mutating func take(_ name: [UInt8]) throws(TransportFault) {
    (names, bytes) = (names + 1, bytes + name.count)
    guard names <= maximumNames, bytes <= maximumBytes else { throw .endless }
  }

  /// The name that was counted last cannot be used.
  mutating func leaveOut() { unusable += 1 }
}
