import Core

/// Decides which codes may stand in the ledger and in statements as text: those that look like codes, and were seen often enough and at several
/// patients. All others stay tags.
///
/// - Limits: 65,536 different values a run of a feed; what is beyond is not shown.
struct CodeGate {
  private static let messagesNeeded = 3
  private static let patientsNeeded = 2
  private static let limit = 1 << 16

  private struct Seen {
    var messages = 0
    var patients: [UInt64] = []
  }

  private var seen: [FeedTally.Item: Seen] = [:]

  /// Sets `shown` where it may be, and takes the patients away.
  mutating func settle(_ tally: FeedTally) -> FeedTally {
    var tally = tally
    for (item, sight) in tally.sights where !item.value.isEmpty || !sight.patients.isEmpty {
      tally.sights[item]?.shown = isFree(item, sight) ? item.value : ""
      tally.sights[item]?.patients = []
    }
    return tally
  }

  /// The form of a value says nothing of it: digits and letters stand as 9 and A.
  private static func isPicture(_ value: String) -> Bool { value.utf8.count <= 32 && value.utf8.allSatisfy { "9A?/-.:+, ".utf8.contains($0) } }

  private mutating func isFree(_ item: FeedTally.Item, _ sight: FeedTally.Sight) -> Bool {
    if item.kind == .picture { return sight.messages >= Self.messagesNeeded && Self.isPicture(item.value) }
    let parts = item.kind == .pair ? item.value.split(separator: " ", maxSplits: 1) : [item.value[...]]
    guard !parts.isEmpty, parts.allSatisfy({ CodeShape.isPlain($0.utf8) }) else { return false }
    guard var known = seen[item] ?? (seen.count < Self.limit ? Seen() : nil) else { return false }
    known.messages += sight.messages
    for patient in sight.patients where known.patients.count < Self.patientsNeeded && !known.patients.contains(patient) { known.patients.append(patient) }
    seen[item] = known
    return known.messages >= Self.messagesNeeded && known.patients.count >= Self.patientsNeeded
  }
}
