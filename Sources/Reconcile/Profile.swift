public import Core

/// What a feed's messages looked like over some nights: places, shares, lengths and codes, and no other value of a message.
///
/// A person freezes it; from then on every night is held against it. See docs/formats/coverage.md.
public struct FeedProfile: Sendable, Equatable {
  /// A segment, section or field of one kind of message.
  public struct Place: Sendable, Hashable, Comparable {
    /// The message code (`ADT`), the section's LOINC code, `header` or `document`.
    public var scope: String
    public var path: String

    public init(scope: String, path: String) {
      self.scope = scope
      self.path = path
    }

    public static func < (left: Self, right: Self) -> Bool {
      left.scope == right.scope ? Reconciler.precedes(left.path, right.path) : Reconciler.precedes(left.scope, right.scope)
    }
  }

  /// A segment or section.
  public struct Part: Sendable, Equatable {
    public var messages = 0
    /// The most in one message.
    public var most = 0
    /// Of a thousand messages of its kind, in the night that had fewest.
    public var share = 0
  }

  /// A populated place.
  public struct Field: Sendable, Equatable {
    public var messages = 0
    /// Of a thousand messages with its segment or section, in the night that had fewest.
    public var share = 0
    /// Values counted.
    public var values = 0
    public var shortest = 0
    public var longest = 0
    /// Values that were more than digits, signs and points.
    public var lettered = 0
  }

  /// The codes of a place; of a place of dates the forms of its values.
  public struct Codes: Sendable, Equatable {
    /// Values counted.
    public var values = 0
    /// New ones came all the time, or too many to count: a new one says nothing.
    public var isOpen = false
    /// Tag to text; the text is empty where it may not be shown.
    public var codes: [String: String] = [:]
  }

  /// Who froze it, and when.
  public struct Freeze: Sendable, Equatable {
    public var person: String
    public var date: BusinessDate

    public init(person: String, date: BusinessDate) {
      self.person = person
      self.date = date
    }
  }

  public var feed: String
  public var from: BusinessDate
  public var until: BusinessDate
  /// Nights with messages among them.
  public var nights = 0
  /// Messages looked at.
  public var looked = 0
  /// The fingerprint of the key under which its codes are tagged; empty where it does not say so.
  public var tagKey = ""
  /// Nil while nobody has frozen it: then nothing is held against it.
  public var frozen: Freeze?
  /// Messages by type.
  public var types: [String: Int] = [:]
  public var parts: [Place: Part] = [:]
  public var fields: [Place: Field] = [:]
  public var codes: [Place: Codes] = [:]
  /// By place, then by the value that decides, the values that stood beside it and how often.
  public var pairs: [Place: [String: [String: Int]]] = [:]

  public init(feed: String, from: BusinessDate, until: BusinessDate) {
    self.feed = feed
    self.from = from
    self.until = until
  }
}

/// A tally with its message types folded to their message code, as profiles have it: ADT^A01 and ADT^A08 are one kind.
struct FoldedTally {
  private(set) var sights: [FeedTally.Item: FeedTally.Sight] = [:]
  let looked: Int

  init(_ tally: FeedTally) {
    looked = tally.looked
    for (item, sight) in tally.sights where item.kind != .unmapped {
      var folded = item
      folded.scope = Self.fold(item.scope)
      sights[folded, default: .init()].merge(sight)
    }
  }

  static func fold(_ scope: String) -> String { scope.firstIndex(of: "^").map { String(scope[..<$0]) } ?? scope }

  func of(_ kind: FeedTally.Kind) -> [(place: FeedProfile.Place, value: String, sight: FeedTally.Sight)] {
    sights.filter { $0.key.kind == kind }.map { (FeedProfile.Place(scope: $0.key.scope, path: $0.key.path), $0.key.value, $0.value) }
      .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
  }

  /// Messages of a scope: by type for HL7 v2, all documents else.
  func messages(of scope: String) -> Int {
    let typed = sights.filter { $0.key.kind == .type && Self.fold($0.key.path) == scope }.reduce(0) { $0 + $1.value.messages }
    return typed > 0 ? typed : looked
  }

  /// Messages in which a field could stand: those that hold its segment, or its section.
  func messages(around place: FeedProfile.Place) -> Int {
    let part = place.path.prefix { $0 != "-" }
    if let segment = sights[.init(.part, scope: place.scope, path: String(part))] { return segment.messages }
    if let section = sights[.init(.part, scope: "document", path: place.scope)] { return section.messages }
    return messages(of: place.scope)
  }
}

extension FeedProfile {
  /// Learns from nights in ascending order; nights without messages teach nothing.
  public static func learn(feed: String, _ nights: [(night: BusinessDate, tally: FeedTally)]) -> FeedProfile? {
    let taught = nights.filter { $0.tally.looked > 0 }
    guard let first = taught.first, let last = taught.last else { return nil }
    var profile = FeedProfile(feed: feed, from: first.night, until: last.night)
    var firstSeen: [Place: [String: Int]] = [:]
    for (number, night) in taught.enumerated() {
      let tally = FoldedTally(night.tally)
      profile.nights += 1
      profile.looked += tally.looked
      profile.learnPlaces(tally, isFirst: number == 0)
      profile.learnCodes(tally, number, &firstSeen)
    }
    profile.settleCodes(firstSeen)
    return profile
  }

  private mutating func learnPlaces(_ tally: FoldedTally, isFirst: Bool) {
    for (place, _, sight) in tally.of(.type) { types[place.path, default: 0] += sight.messages }
    for (place, _, sight) in tally.of(.part) {
      var part = parts[place] ?? Part(share: isFirst ? 1_000 : 0)
      part.messages += sight.messages
      part.most = max(part.most, sight.most)
      parts[place] = part
    }
    for (place, _, sight) in tally.of(.field) {
      var field = fields[place] ?? Field(share: isFirst ? 1_000 : 0, shortest: .max)
      field.messages += sight.messages
      field.values += sight.occurrences
      field.lettered += sight.lettered
      field.shortest = min(field.shortest, sight.lengths.keys.min().map { LengthSteps.length($0) } ?? .max)
      field.longest = max(field.longest, sight.lengths.keys.max().map { LengthSteps.length($0) } ?? 0)
      fields[place] = field
    }
    learnShares(tally)
  }

  /// The lowest share of all nights in which enough messages could have held the place.
  private mutating func learnShares(_ tally: FoldedTally) {
    for place in parts.keys {
      let around = tally.messages(of: place.scope == "document" ? "" : place.scope)
      guard around >= Self.enough else { continue }
      let here = tally.sights[.init(.part, scope: place.scope, path: place.path)]?.messages ?? 0
      let known = parts[place]?.share ?? 0
      parts[place]?.share = min(known, here * 1_000 / around)
    }
    for place in fields.keys {
      let around = tally.messages(around: place)
      guard around >= Self.enough else { continue }
      let here = tally.sights[.init(.field, scope: place.scope, path: place.path)]?.messages ?? 0
      let known = fields[place]?.share ?? 0
      fields[place]?.share = min(known, here * 1_000 / around)
    }
  }

  /// Fewer messages say nothing of a share.
  private static let enough = 10

  private mutating func learnCodes(_ tally: FoldedTally, _ number: Int, _ firstSeen: inout [Place: [String: Int]]) {
    for (place, value, sight) in tally.of(.code) + tally.of(.picture) {
      var known = codes[place] ?? Codes()
      known.values += sight.occurrences
      let text = known.codes[value] ?? ""
      known.codes[value] = text.isEmpty ? sight.shown : text
      codes[place] = known
      if firstSeen[place]?[value] == nil { firstSeen[place, default: [:]][value] = number }
    }
    for (place, _, sight) in tally.of(.field) where sight.isOpen { codes[place, default: Codes()].isOpen = true }
    for (place, value, sight) in tally.of(.pair) {
      let (key, beside) = Self.split(value)
      pairs[place, default: [:]][key, default: [:]][beside, default: 0] += sight.occurrences
    }
  }

  /// A place that still brought new codes in the last two thirds of the nights will go on to.
  private mutating func settleCodes(_ firstSeen: [Place: [String: Int]]) {
    for place in codes.keys {
      let late = (firstSeen[place] ?? [:]).values.count { $0 * 3 > nights }
      let count = codes[place]?.codes.count ?? 0
      if late >= 3, late * 8 > count { codes[place]?.isOpen = true }
    }
  }

  static func split(_ pair: String) -> (key: String, beside: String) {
    let parts = pair.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
    return (String(parts.first ?? ""), parts.count == 2 ? String(parts[1]) : "")
  }
}
