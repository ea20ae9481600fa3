/// The ledger's view of one night: what Store gives and Reconcile judges. Plain numbers, no keys, no values from messages.
public struct NightLedger: Sendable, Equatable {
  public var night: BusinessDate
  public var feeds: [FeedLedger]
  public var consumers: [ConsumerLedger]
  public var runs: [RunEntry]
  /// Nights before this one that hold drops pulled but not loaded, ascending.
  public var earlierOpen: [EarlierNight] = []

  public init(night: BusinessDate, feeds: [FeedLedger] = [], consumers: [ConsumerLedger] = [], runs: [RunEntry] = []) {
    self.night = night
    self.feeds = feeds
    self.consumers = consumers
    self.runs = runs
  }
}

/// A night before the one that is judged, which is not finished.
public struct EarlierNight: Sendable, Equatable {
  public var night: BusinessDate
  /// Drops pulled but not loaded.
  public var drops: Int

  public init(night: BusinessDate, drops: Int) {
    self.night = night
    self.drops = drops
  }
}

/// One feed of a night.
public struct FeedLedger: Sendable, Equatable {
  public var feed: String
  /// True where a pull has looked at the feed's source for this night; without a look nobody knows what did not come.
  public var looked = false
  /// Ascending by SHA-256.
  public var drops: [DropLedger]
  /// Names under which bytes already known came again, once a name.
  public var dropsDuplicate = 0
  /// Drops whose name was used before for other bytes.
  public var dropsResubmitted = 0
  /// Files still being written at the last look.
  public var dropsArriving = 0
  /// Links, FIFOs, devices and names that the feed does not take, passed over at the last look.
  public var dropsSkipped = 0
  /// Files and folders that could not be read at the last look; each may hide a drop.
  public var dropsUnreadable = 0
  /// Files that a manifest lists and that had not come as it says at the last look.
  public var dropsMissing = 0
  /// Drops pulled but not yet loaded: a night with any is not finished.
  public var dropsPending = 0
  /// Drops whose load was undone and that nobody has asked for again.
  public var dropsWithdrawn = 0
  /// Rows per entity name.
  public var entities: [String: EntityTally] = [:]
  /// Sums of money per entity and field, in cents: what was mapped.
  public var sums: [FieldSum] = []

  public init(feed: String, drops: [DropLedger] = []) {
    self.feed = feed
    self.drops = drops
  }
}

/// A sum over the mapped rows of a feed's night.
public struct FieldSum: Sendable, Equatable {
  public var entity: String
  public var field: String
  public var cents: Int

  public init(entity: String, field: String, cents: Int) {
    self.entity = entity
    self.field = field
    self.cents = cents
  }
}

/// One drop in the ledger.
public struct DropLedger: Sendable, Equatable {
  /// SHA-256 of the plain bytes, hex; empty for a drop that could not be opened.
  public var sha256: String
  /// Its random id, hex: the name for logs and for `trace`.
  public var id: String
  public var byteCount = 0
  public var isControlFile = false
  /// Its name was used before for other bytes.
  public var isResubmission = false
  /// When it can have arrived at the latest, in seconds since the epoch; nil where nobody wrote that down.
  public var arrived: Int?
  public var messages = 0
  public var byType: [String: Int] = [:]
  public var dispositions = DispositionTally()
  public var entities: [String: EntityTally] = [:]
  public var batches: [BatchTotal] = []
  /// Messages that stand in a unit which declares a count.
  public var messagesDeclared = 0
  /// Findings and exceptions by code; exceptions are those whose code says so.
  public var findings: [FindingCode: Int] = [:]

  public init(sha256: String, id: String) {
    self.sha256 = sha256
    self.id = id
  }
}

/// What one consumer was due and got.
public struct ConsumerLedger: Sendable, Equatable {
  public var consumer: String
  public var eligible = 0
  public var sent = 0
  /// By reason, like `ACCOUNT-MISSING`.
  public var withheld: [String: Int] = [:]
  public var suppressed = 0
  /// Sum of the sent money in cents, and of the withheld.
  public var sentCents = 0
  public var withheldCents = 0
  /// Why nothing was produced, like `AGREEMENT-EXPIRED`; nil when an extract was made.
  public var refusal: String?
  /// `not-due`, `delivered`, `failed` with a code.
  public var delivery = ""
  /// Path of the manifest below `var`, empty when none.
  public var manifest = ""
  /// SHA-256 of the plain extract, hex.
  public var sha256 = ""
  public var receiptExpected = false
  /// Rows of this night's delivery that the consumer took, and that it did not; both zero until it answers.
  public var acknowledged = 0
  public var refused = 0
  /// How often the delivery of this night was begun.
  public var attempts = 0
  /// Deliveries, of this night or earlier ones, whose receipt is overdue on this night, oldest first.
  public var overdue: [DeliveryLedger] = []
  /// The receipts that came in this night.
  public var receipts: [ReceiptLedger] = []

  /// `sent = acknowledged + refused + awaiting`; nil where no receipt is expected.
  public var awaiting: Int? { receiptExpected ? sent - acknowledged - refused : nil }

  public init(consumer: String) { self.consumer = consumer }
}

/// One run of a stage.
public struct RunEntry: Sendable, Equatable {
  public var id: String
  public var stage: String
  public var epoch: Int
  /// UTC, ISO 8601.
  public var started: String
  public var ended: String
  public var exit: Int

  public init(id: String, stage: String, epoch: Int, started: String, ended: String, exit: Int) {
    self.id = id
    self.stage = stage
    self.epoch = epoch
    self.started = started
    self.ended = ended
    self.exit = exit
  }
}

/// A delivery as the books name it.
public struct DeliveryLedger: Sendable, Equatable {
  public var night: BusinessDate
  public var revision: Int
  /// Rows of the extract.
  public var lines: Int

  public init(night: BusinessDate, revision: Int, lines: Int) {
    self.night = night
    self.revision = revision
    self.lines = lines
  }
}

/// A receipt as the books name it.
public struct ReceiptLedger: Sendable, Equatable {
  public var fate: ReceiptFate
  /// What it answers; nil where nothing that was delivered.
  public var delivery: DeliveryLedger?
  public var acknowledged: Int
  public var refused: Int

  public init(fate: ReceiptFate, of delivery: DeliveryLedger?, acknowledged: Int, refused: Int) {
    self.fate = fate
    self.delivery = delivery
    self.acknowledged = acknowledged
    self.refused = refused
  }
}

/// What became of a receipt.
public enum ReceiptFate: String, Sendable, CaseIterable {
  case settled
  /// Says again what an earlier one said.
  case again
  /// Its counts are not those of the manifest, or not those of an earlier receipt for the same delivery.
  case differs
  /// It answers nothing that was delivered.
  case unknown
  case unreadable
}
