public import Core

/// One difference between a night and the frozen profile of its feed. It names a place and a kind, never a value of a message.
public struct DriftFinding: Sendable, Equatable {
  /// What differs.
  public enum Kind: String, Sendable, CaseIterable {
    case newType = "new-type"
    case newPart = "new-part"
    case missingPart = "missing-part"
    /// A segment or section that stood once a message stands several times.
    case repeatedPart = "repeated-part"
    case newPlace = "new-place"
    case missingPlace = "missing-place"
    case longerValue = "longer-value"
    /// Letters or other signs where there were numbers alone, or dates of another form.
    case changedFormat = "changed-format"
    case newCode = "new-code"
    /// A code beside another one with which it never stood: a unit or value type of a test.
    case changedPair = "changed-pair"
    /// The profile's codes are tagged under other keys than the night's: nothing can be held against it.
    case otherKeys = "learned-under-other-keys"
  }

  public var kind: Kind
  public var place: FeedProfile.Place
  /// The code, where it may be shown; else empty.
  public var shown: String
  /// How often it was seen (for what is missing: 0), and of how many.
  public var count: Int
  public var of: Int

  /// The one difference of a profile that no night of this site can be held against.
  public static let otherKeys = DriftFinding(kind: .otherKeys, place: FeedProfile.Place(scope: "", path: "profile"), shown: "", count: 0, of: 0)

  /// `new-code ADT PV1-2`.
  public var text: String { "\(kind.rawValue) \(place.scope.isEmpty ? "" : place.scope + " ")\(place.path)" }
}

/// Holds a night against a profile.
///
/// - What is new is reported where it came more often than chance allows for something that none of the learned messages had: with N of them its share
///   is below 3/N, so that c of n are reported where a share of 3/N gives as many in less than one of 10,000 nights, and at least three.
/// - What is missing is reported where half of its lowest share would leave it out in less than one of 1,000,000 nights.
/// - Counts of messages never matter: a feed may grow, rest at weekends and swell in winter.
public struct DriftReview: Sendable {
  private static let surprise = 1e-4
  private static let absence = 1e-6
  private static let leastCount = 3
  /// Fewer learned values say nothing.
  private static let leastLearned = 20
  /// Longer values are texts, whose length says nothing.
  private static let longestMeasured = 128

  private let profile: FeedProfile
  private let tally: FoldedTally
  private var found: [DriftFinding] = []

  /// The differences, by place and kind.
  public static func findings(_ tally: FeedTally, against profile: FeedProfile) -> [DriftFinding] {
    var review = DriftReview(profile: profile, tally: FoldedTally(tally))
    review.reviewTypes()
    review.reviewParts()
    review.reviewFields()
    review.reviewCodes()
    review.reviewPairs()
    return review.found.sorted { ($0.place, $0.kind.rawValue, $0.shown) < ($1.place, $1.kind.rawValue, $1.shown) }
  }

  private init(profile: FeedProfile, tally: FoldedTally) {
    self.profile = profile
    self.tally = tally
  }

  private mutating func note(_ kind: DriftFinding.Kind, _ place: FeedProfile.Place, _ count: Int, of total: Int, shown: String = "") {
    found.append(DriftFinding(kind: kind, place: place, shown: shown, count: count, of: total))
  }

  // MARK: Chance

  /// True where `count` of `total` is too much for something that `learned` did not hold.
  static func isSurprising(_ count: Int, of total: Int, learned: Int) -> Bool {
    guard count >= leastCount, learned >= leastLearned else { return false }
    return tail(count, of: max(total, count), share: min(1, 3 / Double(learned))) < surprise
  }

  /// The chance of at least `count` of `total` at a share (binomial).
  static func tail(_ count: Int, of total: Int, share: Double) -> Double {
    if share >= 1 { return 1 }
    var term = power(1 - share, total), below = 0.0
    for number in 0..<count {
      below += term
      term *= Double(total - number) / Double(number + 1) * share / (1 - share)
    }
    return max(0, 1 - below)
  }

  /// True where something of that share (of a thousand) cannot be missing by chance.
  static func cannotBeMissing(share: Int, of total: Int) -> Bool { share > 0 && power(1 - Double(share) / 2_000, total) < absence }

  private static func power(_ base: Double, _ exponent: Int) -> Double {
    var result = 1.0, factor = base, left = exponent
    while left > 0 {
      if left & 1 == 1 { result *= factor }
      factor *= factor
      left >>= 1
    }
    return result
  }

  // MARK: Types and parts

  private mutating func reviewTypes() {
    for (place, _, sight) in tally.of(.type) where profile.types[place.path] == nil {
      if Self.isSurprising(sight.messages, of: tally.looked, learned: profile.looked) { note(.newType, place, sight.messages, of: tally.looked) }
    }
  }

  /// Messages of a scope that the profile learned from.
  private func learned(_ scope: String) -> Int {
    let typed = profile.types.filter { FoldedTally.fold($0.key) == scope }.reduce(0) { $0 + $1.value }
    return typed > 0 ? typed : profile.looked
  }

  private func isKnown(_ scope: String) -> Bool {
    scope == "document" || scope == "header" || profile.types.isEmpty || profile.types.contains { FoldedTally.fold($0.key) == scope }
  }

  private mutating func reviewParts() {
    for (place, _, sight) in tally.of(.part) where isKnown(place.scope) {
      let around = tally.messages(of: place.scope), before = learned(place.scope)
      guard let part = profile.parts[place] else {
        if Self.isSurprising(sight.messages, of: around, learned: before) { note(.newPart, place, sight.messages, of: around) }
        continue
      }
      if part.most == 1, Self.isSurprising(sight.occurrences - sight.messages, of: sight.occurrences, learned: part.messages) {
        note(.repeatedPart, place, sight.occurrences - sight.messages, of: sight.occurrences)
      }
    }
    for (place, part) in profile.parts where tally.sights[.init(.part, scope: place.scope, path: place.path)] == nil {
      let around = tally.messages(of: place.scope)
      guard hasMessages(place.scope), Self.cannotBeMissing(share: part.share, of: around) else { continue }
      note(.missingPart, place, 0, of: around)
    }
  }

  /// A scope of which no message came says nothing about its parts.
  private func hasMessages(_ scope: String) -> Bool {
    scope == "document" || scope == "header" ? tally.looked > 0 : tally.sights.contains { $0.key.kind == .type && FoldedTally.fold($0.key.path) == scope }
  }

  // MARK: Fields

  private mutating func reviewFields() {
    for (place, _, sight) in tally.of(.field) {
      guard let field = profile.fields[place] else {
        reviewNew(place, sight)
        continue
      }
      reviewLengths(place, sight, field)
      if field.lettered == 0, Self.isSurprising(sight.lettered, of: sight.occurrences, learned: field.values) {
        note(.changedFormat, place, sight.lettered, of: sight.occurrences)
      }
    }
    for (place, field) in profile.fields where tally.sights[.init(.field, scope: place.scope, path: place.path)] == nil {
      guard let part = part(around: place), tally.sights[part] != nil || place.scope == "header" else { continue }
      let around = tally.messages(around: place)
      if Self.cannotBeMissing(share: field.share, of: around) { note(.missingPlace, place, 0, of: around) }
    }
  }

  /// The segment or section that holds a field.
  private func part(around place: FeedProfile.Place) -> FeedTally.Item? {
    let segment = FeedTally.Item(.part, scope: place.scope, path: String(place.path.prefix { $0 != "-" }))
    if profile.parts[.init(scope: segment.scope, path: segment.path)] != nil { return segment }
    return FeedTally.Item(.part, scope: "document", path: place.scope)
  }

  /// A new place in a segment or section that is known; where that is new itself, it says all.
  private mutating func reviewNew(_ place: FeedProfile.Place, _ sight: FeedTally.Sight) {
    guard let part = part(around: place), place.scope == "header" || profile.parts[.init(scope: part.scope, path: part.path)] != nil else { return }
    let before = profile.parts[.init(scope: part.scope, path: part.path)]?.messages ?? profile.looked
    let around = tally.messages(around: place)
    if Self.isSurprising(sight.messages, of: around, learned: before) { note(.newPlace, place, sight.messages, of: around) }
  }

  private mutating func reviewLengths(_ place: FeedProfile.Place, _ sight: FeedTally.Sight, _ field: FeedProfile.Field) {
    guard field.longest <= Self.longestMeasured else { return }
    let limit = Self.longestAllowed(field)
    let longer = sight.lengths.reduce(0) { $0 + (LengthSteps.length($1.key) > limit ? $1.value : 0) }
    if Self.isSurprising(longer, of: sight.occurrences, learned: field.values) { note(.longerValue, place, longer, of: sight.occurrences) }
  }

  /// Numbers and values of one length may grow by a quarter, by two at least: counters do. Texts may double, and 16 more.
  static func longestAllowed(_ field: FeedProfile.Field) -> Int {
    let isSteady = field.lettered == 0 || field.longest - field.shortest <= 2
    return isSteady ? field.longest + max(2, field.longest / 4) : 2 * field.longest + 16
  }

  // MARK: Codes

  private mutating func reviewCodes() {
    for (place, value, sight) in tally.of(.code) { review(value, of: place, sight, .newCode) }
    for (place, value, sight) in tally.of(.picture) where !found.contains(where: { $0.kind == .changedFormat && $0.place == place }) {
      review(value, of: place, sight, .changedFormat)
    }
  }

  private mutating func review(_ value: String, of place: FeedProfile.Place, _ sight: FeedTally.Sight, _ kind: DriftFinding.Kind) {
    guard let known = profile.codes[place], !known.isOpen, known.codes[value] == nil else { return }
    let around = tally.sights[.init(.field, scope: place.scope, path: place.path)]?.occurrences ?? sight.occurrences
    if Self.isSurprising(sight.occurrences, of: around, learned: known.values) { note(kind, place, sight.occurrences, of: around, shown: sight.shown) }
  }

  private mutating func reviewPairs() {
    var totals: [FeedProfile.Place: [String: Int]] = [:]
    for (place, value, sight) in tally.of(.pair) { totals[place, default: [:]][FeedProfile.split(value).key, default: 0] += sight.occurrences }
    for (place, value, sight) in tally.of(.pair) {
      let (key, beside) = FeedProfile.split(value)
      guard let known = profile.pairs[place]?[key], known[beside] == nil else { continue }
      let around = totals[place]?[key] ?? sight.occurrences
      if Self.isSurprising(sight.occurrences, of: around, learned: known.values.reduce(0, +)) {
        note(.changedPair, place, sight.occurrences, of: around, shown: sight.shown)
      }
    }
  }
}
