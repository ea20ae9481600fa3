import Core
import Exchange
import Store
import Trust

/// What the pull journal says, in the store's words.
struct JournalIntake {
  var drops: [DropIntake] = []
  var duplicates: [DuplicateName] = []
  var looks: [FeedLook] = []

  static func read(_ folder: SiteFolder) throws -> JournalIntake {
    var intake = JournalIntake()
    for record in try PullJournal.records(at: folder.spool) { intake.add(record) }
    return intake
  }

  private mutating func add(_ record: PullRecord) {
    switch record {
    case .drop(let drop):
      var entry = DropIntake(
        id: drop.id.hex, feed: drop.feed.text, night: drop.night, keyedHash: drop.keyedHash, byteCount: drop.byteCount, isControl: drop.kind == .control,
        isResubmission: drop.isResubmission)
      entry.arrived = drop.arrived
      drops.append(entry)
    case .duplicate(let duplicate):
      duplicates.append(DuplicateName(feed: duplicate.feed.text, night: duplicate.night, keyedName: duplicate.keyedName, keyedHash: duplicate.keyedHash))
    case .look(let look):
      var entry = FeedLook(feed: look.feed.text, night: look.night, arriving: look.arriving, skipped: look.skipped, unreadable: look.unreadable)
      entry.missing = look.missing
      looks.append(entry)
    case .stamp: break
    }
  }
}
