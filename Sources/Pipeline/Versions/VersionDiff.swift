import Core
import Store
import Trust

/// Compares what two versions say, message by message: statements of both sides go into one sealed sort, and meet there by key and message.
///
/// - Memory: that of the sorter, one row's statements of one message, and sixteen bytes a message of the present drop.
/// - A message is named by the byte at which it begins: two layouts may find different ones in one drop.
/// - Values never leave it: what comes out are counts, names of fields, and keys under the index key.
final class VersionDiff {
  enum Side: UInt8 { case old, new }

  /// Which version a statement is of, and which message said it.
  private struct Place {
    var side: Side
    var drop: Int
    var byteOffset: Int
  }

  private let dictionary: CanonicalDictionary
  private let sorter: SealedSorter
  private let keys: [BlindIndex]
  private(set) var entities: [EntityDiff]
  private(set) var messages = 0
  /// How messages end, as numbers in `endings`: of the present drop under the old version, ascending by where they begin.
  private var oldEndings: [(byteOffset: Int, ending: UInt16)] = []
  /// How many of them the new version has come past.
  private var passed = 0
  private var endings: [String] = []
  private(set) var verdicts: [[String]: Int] = [:]

  /// `folder` takes sealed, nameless files where the sort does not fit into memory.
  init(dictionary: CanonicalDictionary, indexKey: SecretKey, folder: String) throws {
    self.dictionary = dictionary
    sorter = SealedSorter(spillingTo: folder)
    keys = try dictionary.entities.map { try BlindIndex(key: indexKey, label: "diff/" + $0.name) }
    entities = Array(repeating: EntityDiff(), count: dictionary.entities.count)
  }

  /// Begins a drop: first all its messages of the old side, then all of the new one.
  func begin() { (oldEndings, passed) = ([], 0) }

  /// Takes what one version makes of a message. The messages of a side come in the order of the drop.
  func take(_ message: MappedMessage, _ side: Side, drop: Int) throws {
    let ending = number(of: MessageEnding.text(message))
    if side == .old { oldEndings.append((message.byteOffset, ending)) } else { settle(ending, at: message.byteOffset) }
    for held in message.heldRows { try hold(held.finding.code, held.entity, side) }
    for row in message.rows.rows.indices { try add(row, of: message, Place(side: side, drop: drop, byteOffset: message.byteOffset)) }
  }

  private func settle(_ ending: UInt16, at byteOffset: Int) {
    passOld(upTo: byteOffset)
    let isOld = passed < oldEndings.count && oldEndings[passed].byteOffset == byteOffset
    count(isOld ? oldEndings[passed].ending : number(of: MessageEnding.none), ending)
    if isOld { passed += 1 }
  }

  /// Messages that only the old version has.
  private func passOld(upTo byteOffset: Int) {
    while passed < oldEndings.count, oldEndings[passed].byteOffset < byteOffset {
      count(oldEndings[passed].ending, number(of: MessageEnding.none))
      passed += 1
    }
  }

  private func count(_ old: UInt16, _ new: UInt16) {
    messages += 1
    if old != new { verdicts[[endings[Int(old)], endings[Int(new)]], default: 0] += 1 }
  }

  /// Ends a drop.
  func end() { passOld(upTo: .max) }

  private func number(of ending: String) -> UInt16 {
    if let known = endings.firstIndex(of: ending) { return UInt16(known) }
    endings.append(ending)
    return UInt16(endings.count - 1)
  }

  private func hold(_ code: FindingCode, _ entity: Int, _ side: Side) throws {
    guard entities.indices.contains(entity) else { throw WorkerFailure() }
    var counts = entities[entity].held[code.rawValue] ?? (0, 0)
    if side == .old { counts.old += 1 } else { counts.new += 1 }
    entities[entity].held[code.rawValue] = counts
  }

  // MARK: Records

  /// Entity, key, drop, message, side, event time, lateness, cells: so statements of one row and message stand together, those of the old side first.
  private func add(_ row: Int, of message: MappedMessage, _ place: Place) throws {
    let entry = message.rows.rows[row], entity = Int(entry.entity)
    guard let key = message.rows.key(row: row, entity: dictionary.entities[entity]) else { return try hold(.requiredMissing, entity, place.side) }
    var record = [UInt8(entity)] + (try keys[entity].index(of: key))
    record += Self.bigEndian(UInt64(place.drop)).suffix(4) + Self.bigEndian(UInt64(place.byteOffset)) + [place.side.rawValue]
    record += Self.bigEndian(UInt64(bitPattern: Int64(entry.eventInstant)) ^ (1 << 63))
    // One up, since what is not final comes before the others.
    record.append(UInt8(entry.action.lateness + 1))
    for field in dictionary.entities[entity].fields.indices {
      let cell = message.rows.cell(row: row, field: field)
      record += [cell.state.rawValue] + Self.bigEndian(UInt64(cell.count)).suffix(4)
      if cell.state == .value { record += message.rows.value(row: row, field: field) }
    }
    try sorter.append(record)
  }

  private static func bigEndian(_ number: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) } }

  // MARK: Result

  /// Compares everything that was taken; `rows` gets each row that differs, by entity and pseudonym. The comparison is spent afterwards.
  func compare(_ rows: (DiffRow) throws -> Void) throws {
    var row = RowComparison(), message = MessageComparison()
    try sorter.forEachSorted { record in
      let statement = DiffStatement(record)
      if statement.rowID != row.id || statement.message != message.id { try message.close(into: &row, &entities) }
      if statement.rowID != row.id {
        try close(&row, rows)
        row = RowComparison(id: statement.rowID)
      }
      message.add(statement)
    }
    try message.close(into: &row, &entities)
    try close(&row, rows)
  }

  private func close(_ row: inout RowComparison, _ rows: (DiffRow) throws -> Void) throws {
    guard let first = row.id.first else { return }
    let entity = Int(first), fields = dictionary.entities[entity].fields
    guard let change = row.change else {
      entities[entity].rows.same += 1
      return
    }
    var names: [String] = []
    switch change {
    case .added: entities[entity].rows.added += 1
    case .removed: entities[entity].rows.removed += 1
    case .changed:
      entities[entity].rows.changed += 1
      names = row.fields.map { $0 == DiffStatement.eventTime ? "event_time" : $0 == DiffStatement.action ? "action" : fields[$0].name }.sorted()
      for name in names { entities[entity].fields[name, default: 0] += 1 }
    }
    try rows(DiffRow(entity: dictionary.entities[entity].name, key: Hex.text(row.id.dropFirst()), change: change, fields: names))
  }
}
