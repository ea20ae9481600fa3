public import Core

/// Why a night does not add up: a closed list.
public enum BreakCode: String, Sendable, CaseIterable {
  case trailerMismatch = "TRAILER-MISMATCH"
  case controlTotalMismatch = "CONTROL-TOTAL-MISMATCH"
  case controlTotalMissing = "CONTROL-TOTAL-MISSING"
  case feedLate = "FEED-LATE"
  case feedSuspended = "FEED-SUSPENDED"
  case feedAbsent = "FEED-ABSENT"
  case dropLate = "DROP-LATE"
  case dropUnexpected = "DROP-UNEXPECTED"
  case fileMissing = "FILE-MISSING"
  case feedNotPulled = "FEED-NOT-PULLED"
  case sourceUnreadable = "SOURCE-UNREADABLE"
  case earlierNightPending = "EARLIER-NIGHT-PENDING"
  case dropEmpty = "DROP-EMPTY"
  case dropPartial = "DROP-PARTIAL"
  case dropRefused = "DROP-REFUSED"
  case dropNotLoaded = "DROP-NOT-LOADED"
  case runUndone = "RUN-UNDONE"
  case equationBroken = "EQUATION-BROKEN"
  case agreementMissing = "AGREEMENT-MISSING"
  case agreementExpired = "AGREEMENT-EXPIRED"
  case agreementNotYet = "AGREEMENT-NOT-YET"
  case envelopeNotPermitted = "ENVELOPE-NOT-PERMITTED"
  case extractMissing = "EXTRACT-MISSING"
  case extractRefused = "EXTRACT-REFUSED"
  case deliveryFailed = "DELIVERY-FAILED"
  case consumerSuspended = "CONSUMER-SUSPENDED"
  case receiptOverdue = "RECEIPT-OVERDUE"
  case receiptRefused = "RECEIPT-REFUSED"
  case receiptDiffers = "RECEIPT-DIFFERS"
  case receiptUnknown = "RECEIPT-UNKNOWN"

  /// False where a difference is our own fault or a matter of law: nobody can sign it away.
  public var canBeTolerated: Bool {
    switch self {
    case .trailerMismatch, .controlTotalMismatch, .controlTotalMissing, .feedLate, .feedAbsent, .dropLate, .dropUnexpected, .fileMissing, .dropEmpty, .dropPartial, .dropRefused, .runUndone,
      .receiptOverdue, .receiptRefused: true
    case .feedSuspended, .consumerSuspended, .feedNotPulled, .sourceUnreadable, .earlierNightPending, .dropNotLoaded, .equationBroken, .agreementMissing, .agreementExpired,
      .agreementNotYet, .envelopeNotPermitted, .extractMissing, .extractRefused, .deliveryFailed, .receiptDiffers, .receiptUnknown:
      false
    }
  }

  /// What to do next, in one sentence that can be pasted into a ticket.
  public var hint: String {
    switch self {
    case .trailerMismatch: "What the trailer declares is not what came; ask the sender which one is right."
    case .controlTotalMismatch: "The control file's count is not the count of what came; ask the sender which one is right."
    case .controlTotalMissing: "Documents came without their control file; ask the sender for it."
    case .feedLate: "No drop came for this night; ask the sender, then run the night again."
    case .feedSuspended: "A person has stopped this feed: nothing was pulled or loaded. compline inventory says who and why; compline resume lets it go on."
    case .consumerSuspended: "A person has stopped this consumer: nothing was sent. compline inventory says who and why; compline resume lets it go on."
    case .feedAbsent: "Fewer drops came than the feed's calendar expects of this night; ask the sender, then run the night again."
    case .dropLate: "Drops arrived after the feed's cut-off; nothing was refused. Ask the sender whether its schedule changed."
    case .dropUnexpected: "More drops came than the feed's calendar expects of this night; they are loaded. Ask the sender, or correct the calendar."
    case .fileMissing: "A manifest lists files that did not come as it says, or is none; ask the sender to send them again."
    case .feedNotPulled: "Nobody has looked at the feed's source for this night; run compline-pull and see its exit code. A feed that began later says 'since: NIGHT' in its file."
    case .sourceUnreadable: "Files or folders of the source could not be read and may hide drops; correct their permissions, then run the night again."
    case .earlierNightPending: "An earlier night holds drops that were pulled but not loaded; run compline-nightly for that night."
    case .dropEmpty: "A file without a byte came; ask the sender whether that was meant."
    case .dropPartial: "A file ends inside a message or an open envelope; ask the sender to send it again."
    case .dropRefused: "A file is not what the feed says; ask the sender to correct it, or correct the feed."
    case .dropNotLoaded: "A drop was pulled but not loaded; run compline-ingest for this night."
    case .runUndone: "What a run brought was taken back; where it is to be loaded again, say so: compline undo RUN --again, then run the night again."
    case .equationBroken: "Counts that must agree do not; this is a fault of the program or of the store. Keep the site as it is and report it."
    case .agreementMissing: "No agreement is registered for this consumer; nothing was sent. Register one in agreements/."
    case .agreementExpired: "The agreement has ended; nothing was sent. Renew it in agreements/, then run compline-extract."
    case .agreementNotYet: "The agreement is not in force yet; nothing was sent. Check its dates in agreements/; a consumer that gets nothing of older nights says 'since: NIGHT' in its file."
    case .envelopeNotPermitted: "The agreement does not permit delivery in clear; nothing was sent. Name recipient keys or amend the agreement."
    case .extractMissing: "No extract was made for this consumer yet; run compline-extract for this night."
    case .extractRefused: "The extract was refused; nothing was sent. See the code in the consumer's line."
    case .receiptOverdue: "The consumer has not answered in the agreed time; ask whether the delivery arrived."
    case .receiptRefused: "The consumer did not take all rows; its receipt lies sealed in var/receipts. Ask what was wrong with them."
    case .receiptDiffers: "A receipt does not count the rows of the delivery that it answers; ask the consumer which of its counts is right."
    case .receiptUnknown: "A receipt cannot be read, or answers nothing that was delivered; ask the consumer what it is for."
    case .deliveryFailed: "The extract is made and sealed but not handed over; run compline-extract again when the recipient can be reached."
    }
  }
}

/// A difference, with both sides named.
public struct Break: Sendable, Equatable {
  /// Whose books do not agree.
  public enum Party: Sendable, Hashable {
    case feed(String)
    case consumer(String)
    /// The site as a whole.
    case site

    /// The name from the site's own configuration; `site` for the whole.
    public var name: String {
      switch self {
      case .feed(let name), .consumer(let name): name
      case .site: "site"
      }
    }
  }

  public var code: BreakCode
  public var party: Party
  /// Where in the party's books, like `drop 2, BTS 1`; empty when it is the whole. Never a file name, never a value.
  public var place: String
  public var expected: Int
  public var actual: Int
  /// What is counted: `messages`, `batches`, `drops`…; `cents` for a sum, in hundredths.
  public var unit: String
  /// The difference that is permitted on this night; zero when there is no tolerance in force.
  public var tolerance = 0
  /// The reason of the tolerance that covers it; nil when it is not covered.
  public var reason: String?
  /// Nights since it was first seen without a pause; 0 when it is new.
  public var age = 0
  /// The owner of the feed or consumer.
  public var owner: String

  public init(_ code: BreakCode, _ party: Party, place: String = "", expected: Int, actual: Int, unit: String, owner: String) {
    self.code = code
    self.party = party
    self.place = place
    self.expected = expected
    self.actual = actual
    self.unit = unit
    self.owner = owner
  }

  /// The unit of sums, whose figures are hundredths.
  static let cents = "cents"
  /// True for a difference of sums: people read its figures with two decimals.
  var isOfSum: Bool { unit == Self.cents }
  /// Actual less expected.
  public var difference: Int { actual.minus(expected) }
  /// True where a tolerance in force permits the difference.
  public var covered: Bool { reason != nil }
}

/// A break of the night before, so that this night's can say how old it is.
public struct EarlierBreak: Sendable, Hashable {
  public var code: BreakCode
  public var party: Break.Party
  public var firstNight: BusinessDate

  public init(code: BreakCode, party: Break.Party, firstNight: BusinessDate) {
    self.code = code
    self.party = party
    self.firstNight = firstNight
  }

  /// The breaks in `statement.json` of an earlier night; entries of another shape are left out, as are ages outside 0…36500 nights.
  public static func list(inStatement statement: JSONValue) -> [EarlierBreak] {
    guard let night = statement["night"]?.string.flatMap({ BusinessDate($0) }) else { return [] }
    return (statement["breaks"]?.array ?? []).compactMap { entry in
      guard let code = entry["code"]?.string.flatMap(BreakCode.init(rawValue:)), let age = entry["age"]?.integer, (0...36_500).contains(age) else { return nil }
      return party(of: entry).map { EarlierBreak(code: code, party: $0, firstNight: night.advanced(by: -age)) }
    }
  }

  private static func party(of entry: JSONValue) -> Break.Party? {
    if let feed = entry["feed"]?.string { return .feed(feed) }
    if let consumer = entry["consumer"]?.string { return .consumer(consumer) }
    return entry["site"] == true ? .site : nil
  }
}
