import Core

/// Messages of a load that are settled together: what the store holds of all that they name is asked at once, and what they say is written at once.
struct LoadSlice {
  private static let maximumMessages = 128
  private static let maximumRows = 2_048
  private static let maximumBytes = 1 << 20

  private(set) var messages: [MappedMessage] = []
  private var rows = 0
  private var bytes = 0

  var isFull: Bool { messages.count >= Self.maximumMessages || rows >= Self.maximumRows || bytes >= Self.maximumBytes }

  mutating func add(_ message: MappedMessage) {
    messages.append(message)
    rows += message.rows.rows.count + message.heldRows.count + message.findings.count
    bytes += message.rows.bytes.count
  }

  mutating func take() -> [MappedMessage] {
    defer { self = LoadSlice() }
    return messages
  }
}

/// A message of a slice under the names by which the store knows it and its rows.
struct NamedMessage {
  var message: MappedMessage
  var mac: [UInt8]?
  var control: [UInt8]?
  /// One a row; nil where its key is incomplete. None while they are not made.
  var keys: [NamedRow?]
}

/// A row of a message under the key by which it counts.
struct NamedRow {
  var entity: Int
  /// The blind index of the key.
  var key: Bytes16
  /// Where it names a row that was replaced.
  var moved: MovedRow?
}

/// A row that counts as something else than it was said.
struct MovedRow {
  /// As it counts.
  var cells: [StoredCell]
  var key: [UInt8]
  /// As it was said.
  var said: [StoredCell]
  /// The key of the patient that it was said of.
  var patient: [UInt8]
}
