import Core

/// Decides which codes may stand in the ledger and in statements as text: those that look like codes, and were seen often enough and at several
/// patients of a night. All others stay tags.
///
/// - What it knows it has from the tallies of the night's drops as they lie in the ledger: a night that was cut short goes on with what it had seen.
/// - Limits: 65,536 different values a night of a feed; what is beyond is not shown.
public struct CodeGate: Sendable {
  private static let messagesNeeded = 3
  private static let patientsNeeded = 2
  private static let limit = 1 << 16

  private struct Seen {
    var messages = 0
    var patients: [UInt64] = []
  }

  /// By item, its value a tag.
  private var seen: [FeedTally.Item: Seen] = [:]

  /// One that has seen nothing.
  public init() {}

  /// Puts tags in the place of values and of patients, and says of each value whether it may be shown.
  mutating func settle(_ tally: FeedTally, value: (FeedTally.Item) throws -> String, patient: (UInt64) throws -> UInt64) rethrows -> FeedTally {
    var settled = FeedTally()
    (settled.messages, settled.looked) = (tally.messages, tally.looked)
    for (item, sight) in tally.sights.sorted(by: { $0.key < $1.key }) {
      var sight = sight, tagged = item
      sight.shown = ""
      if !item.value.isEmpty { tagged.value = try value(item) }
      sight.patients = item.value.isEmpty ? [] : try sight.patients.prefix(Self.patientsNeeded).map(patient)
      if note(tagged, sight), Self.isPlain(item) { sight.shown = item.value }
      settled.sights[tagged, default: .init()].merge(sight)
    }
    return settled
  }

  /// Counts a drop that was settled before.
  mutating func add(_ tally: FeedTally) {
    for (item, sight) in tally.sights.sorted(by: { $0.key < $1.key }) { _ = note(item, sight) }
  }

  /// The form of a value says nothing of it: digits and letters stand as 9 and A.
  private static func isPicture(_ value: String) -> Bool { value.utf8.count <= 32 && value.utf8.allSatisfy { "9A?/-.:+, ".utf8.contains($0) } }

  private static func isPlain(_ item: FeedTally.Item) -> Bool {
    if item.kind == .picture { return isPicture(item.value) }
    let parts = item.kind == .pair ? item.value.split(separator: " ", maxSplits: 1) : [item.value[...]]
    return !parts.isEmpty && parts.allSatisfy { CodeShape.isPlain($0.utf8) }
  }

  /// True where the value was seen often enough.
  private mutating func note(_ item: FeedTally.Item, _ sight: FeedTally.Sight) -> Bool {
    if item.value.isEmpty { return false }
    if item.kind == .picture { return sight.messages >= Self.messagesNeeded }
    guard var known = seen[item] ?? (seen.count < Self.limit ? Seen() : nil) else { return false }
    known.messages += sight.messages
    for patient in sight.patients where known.patients.count < Self.patientsNeeded && !known.patients.contains(patient) { known.patients.append(patient) }
    seen[item] = known
    return known.messages >= Self.messagesNeeded && known.patients.count >= Self.patientsNeeded
  }
}
