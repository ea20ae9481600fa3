/// What the listings of one walk have given so far. A partner that lists without an end is not listened to until memory ends.
struct ListingCount {
  /// Every name counts, also dots, the same name again, and what is no component of a path.
  var maximumNames = 1_000_000
  /// Bytes of all these names, and of the paths of the files among them.
  var maximumBytes = 64 << 20
  private(set) var names = 0
  private(set) var bytes = 0
  /// Names that are no component of a path: never kept and never asked for.
  private(set) var unusable = 0
  /// Names of which the file system could not say what they are, though they are there.
  private(set) var unknown = 0

  /// Counts a name, whatever it is. - Throws: `.endless` past a limit.
  mutating func take(_ name: [UInt8]) throws(TransportFault) {
    (names, bytes) = (names + 1, bytes + name.count)
    guard names <= maximumNames, bytes <= maximumBytes else { throw .endless }
  }

  /// Counts what stands before the name in the path that is kept of it. - Throws: `.endless` past the limit.
  mutating func keep(below folder: PartnerPath) throws(TransportFault) {
    bytes += folder.components.reduce(0) { $0 + $1.count + 1 }
    guard bytes <= maximumBytes else { throw .endless }
  }

  /// Of the name that was counted last nobody could say what it is.
  mutating func miss() { unknown += 1 }

  /// The name that was counted last cannot be used.
  mutating func leaveOut() { unusable += 1 }
}
