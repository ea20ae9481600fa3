public import Core

/// What an undo takes back, or would: counts and names of ours only.
public struct UndoReport: Sendable, Equatable {
  /// The run of ingest that is undone, and its night.
  public var run: String
  public var night: BusinessDate
  /// Ascending by feed, then SHA-256; set aside.
  public var drops: [UndoneDrop] = []
  /// By entity, where something was said of it.
  public var entities: [String: UndoTally] = [:]
  /// Messages of other drops, duplicates in the books of their nights, that speak now in the place of one that was undone.
  public var heirs = 0
  /// What consumers have of rows whose content is another now; ascending by consumer, then night. None of it is recalled.
  public var deliveries: [UndoneDelivery] = []

  init(run: String, night: BusinessDate) { (self.run, self.night) = (run, night) }
}

/// A drop that an undo sets aside.
public struct UndoneDrop: Sendable, Equatable {
  public var id: String
  public var feed: String
  /// Hex; empty for one that could not be opened.
  public var sha256: String
  /// Received, as the books of the night had them.
  public var messages: Int
}

/// What an undo does to the statements of one entity.
public struct UndoTally: Sendable, Equatable {
  /// Nobody says them any more.
  public var withdrawn = 0
  /// Another message says them too, and is their source now.
  public var handedOn = 0
  /// Rows whose current content is another.
  public var changed = 0

  public init(withdrawn: Int = 0, handedOn: Int = 0, changed: Int = 0) { (self.withdrawn, self.handedOn, self.changed) = (withdrawn, handedOn, changed) }

  var isEmpty: Bool { self == UndoTally() }
}

/// An extract that holds rows as an undone run left them.
public struct UndoneDelivery: Sendable, Equatable {
  public var consumer: String
  public var night: BusinessDate
  public var revision: Int
  /// As the ledger has it: `delivered`, `pending`, `failed`.
  public var state: String
  /// How many of its rows have another content now, or none.
  public var rows: Int
}
