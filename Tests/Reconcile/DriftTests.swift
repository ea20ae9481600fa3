import Core
import Map
import Reconcile
import Support
import Testing

/// Two weeks of a sender, learned; made once a seed.
enum LearnedSender {
  static let nights = 14
  static let first = BusinessDate(daysSinceEpoch: 20_513)

  static func learn(seed: UInt64) throws -> (profile: FeedProfile, sender: DriftSender) {
    var sender = DriftSender(seed: seed)
    var tallies: [(night: BusinessDate, tally: FeedTally)] = []
    for number in 0..<nights { tallies.append((first.advanced(by: number), try DriftNight.tally(sender.night(number)))) }
    guard let profile = FeedProfile.learn(feed: "north", tallies) else { throw TestFailure("nothing was learned") }
    return (profile, sender)
  }

  static let shared = Result { try learn(seed: 1) }
}

@Suite("Drift") struct DriftTests {
  @Test("thirty clean nights with weekends, winter and growth show no drift", arguments: [1, 20_260, 77_777] as [UInt64])
  func cleanNights(seed: UInt64) throws {
    var (profile, sender) = try LearnedSender.learn(seed: seed)
    for number in LearnedSender.nights..<(LearnedSender.nights + 30) {
      let findings = DriftReview.findings(try DriftNight.tally(sender.night(number)), against: profile)
      #expect(findings == [], "night \(number)")
    }
    profile.frozen = nil
  }

  @Test("every change of a sender shows on its first night", arguments: DriftMutation.allCases)
  func mutations(mutation: DriftMutation) throws {
    var (profile, sender) = try LearnedSender.shared.get()
    let night = mutation.apply(to: sender.night(LearnedSender.nights + 1))
    let findings = DriftReview.findings(try DriftNight.tally(night), against: profile)
    #expect(!findings.isEmpty)
    profile.frozen = nil
  }

  @Test("the same night unchanged shows none of them") func unchanged() throws {
    var (profile, sender) = try LearnedSender.shared.get()
    #expect(DriftReview.findings(try DriftNight.tally(sender.night(LearnedSender.nights + 1)), against: profile) == [])
    profile.frozen = nil
  }

  @Test("a renamed column is one that is missing and one that is new") func renamedColumn() {
    let learned = (0..<14).map { (night: LearnedSender.first.advanced(by: $0), tally: Self.columns(["mrn", "dob"])) }
    let findings = FeedProfile.learn(feed: "census", learned).map { DriftReview.findings(Self.columns(["mrn", "birth_date"]), against: $0) }
    #expect(findings?.map(\.text) == ["new-place row birth_date", "missing-place row dob"])
  }

  static func columns(_ names: [String]) -> FeedTally {
    var tally = FeedTally()
    (tally.messages, tally.looked) = (50, 50)
    var sight = FeedTally.Sight()
    (sight.messages, sight.occurrences, sight.most, sight.lengths) = (50, 50, 1, [8: 50])
    tally.sights[.init(.part, scope: "document", path: "row")] = sight
    for name in names { tally.sights[.init(.field, scope: "row", path: name)] = sight }
    return tally
  }

  @Test("a profile reads back as it was written") func text() throws {
    var profile = try LearnedSender.shared.get().profile
    profile.frozen = FeedProfile.Freeze(person: "ann", date: LearnedSender.first)
    #expect(try FeedProfile(OutlineReader.read(Array(profile.text.utf8), file: "profiles/north.yaml")) == profile.withClosedCodes)
  }

  @Test("a night is held against a profile only when a person has frozen it") func unfrozen() throws {
    var (profile, sender) = try LearnedSender.shared.get()
    let tally = try DriftNight.tally(DriftMutation.newOwnSegment.apply(to: sender.night(15)))
    #expect(FeedCoverage(tally, profile: profile).drift == nil)
    profile.frozen = FeedProfile.Freeze(person: "ann", date: LearnedSender.first)
    #expect(FeedCoverage(tally, profile: profile).drift?.isEmpty == false)
  }
}

extension FeedProfile {
  /// The codes of open places are not written.
  fileprivate var withClosedCodes: FeedProfile {
    var profile = self
    for place in codes.keys where codes[place]?.isOpen == true { profile.codes[place]?.codes = [:] }
    return profile
  }
}
