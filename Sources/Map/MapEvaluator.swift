public import Core

/// Turns the records of one message into its rows: `begin`, any number of `record`, `end`. One a worker, reused from message to message.
///
/// - Pure: no clock, no keys, no I/O. The same records give the same message.
/// - Cost: values are copied once, into the message's row buffer; nothing else is allocated per field.
public struct MapEvaluator: Sendable {
  let plan: MapPlan
  /// The code sets in force on the business date, by the plan's numbers.
  let tables: [[[UInt8]: [UInt8]]]
  let fallbackInstant: Int
  var message = MappedMessage()
  /// The value at hand.
  var scratch: [UInt8] = []
  /// Why the whole message is held.
  var messageHold: Finding?
  var filteredBy: String?
  /// Where the first row of each entity, key and event time stands.
  var keys: [[UInt8]: KeyedRow] = [:]
  /// Rows to be held at the end: others of the message have their key and other content.
  var contradicted: Set<Int> = []
  /// Rows whose key field gets another value at the end.
  var renamed: [Int: (field: Int, value: [UInt8])] = [:]
  var anchors: [Anchor] = []
  var subjectsFound: Set<Int> = []
  var routes: [[UInt8]: MapPlan.Route] = [:]
  /// Mappings that take the document at hand.
  var readers: [Int] = []
  /// Which path of its chain each field of the row at hand took; -1 for none.
  var choices: [Int] = []
  var lastChoice = -1
  /// Findings that are given once a message; event times that are none once a path.
  var noted: Set<Note> = []
  /// Rows held because their key cannot be settled, by entity: how many, and why the first.
  var unkeyed: [Int: (count: Int, first: Finding)] = [:]

  struct Note: Hashable, Sendable {
    var code: FindingCode
    var path = ""
  }

  /// Where a row of an entity stands, for `ref`.
  struct Anchor: Sendable {
    var entity: Int
    /// Index of its segment; 0 in documents.
    var position: Int
    var key: [UInt8]
  }

  /// The business date stands in for a missing event time (00:00 in the feed's zone) and chooses the code-set rows that are in force.
  public init(plan: MapPlan, businessDate: BusinessDate) {
    self.plan = plan
    tables = plan.codeSets.map { $0.table(on: businessDate) }
    let local = businessDate.daysSinceEpoch * 86_400
    fallbackInstant = (local - (plan.zone?.offset(atLocal: local).minutes ?? 0) * 60) * 1_000_000
  }

  /// Begins a message; whatever was at hand is dropped.
  public mutating func begin(_ head: MessageHead) {
    message = MappedMessage()
    message.ordinal = head.ordinal
    message.byteOffset = head.byteOffset
    message.batch = head.batch
    messageHold = nil
    filteredBy = nil
    keys.removeAll(keepingCapacity: true)
    contradicted.removeAll(keepingCapacity: true)
    renamed.removeAll(keepingCapacity: true)
    anchors.removeAll(keepingCapacity: true)
    subjectsFound.removeAll(keepingCapacity: true)
    readers.removeAll(keepingCapacity: true)
    noted.removeAll(keepingCapacity: true)
    unkeyed.removeAll(keepingCapacity: true)
  }

  /// Takes one record of the message; it is borrowed and read in place.
  public mutating func record(_ record: SourceRecord) {
    switch record.part {
    case .message: map(record.segments)
    case .header: mapHeader(record)
    case .entry: mapEntry(record)
    case .section: break
    }
  }

  /// Settles the verdict and gives the message; the evaluator is ready for the next `begin`.
  ///
  /// A message that is filtered, held or rejected has no rows, no held rows and nothing skipped.
  public mutating func end(_ tail: MessageTail) -> MappedMessage {
    message.byteCount = tail.byteCount
    message.digest = tail.digest
    message.controlIdentity = tail.controlIdentity
    message.type = type(tail.rawType)
    message.findings = tail.findings + message.findings
    message.verdict = verdict(tail.outcome)
    if message.verdict == .rows { settleKeys() }
    if message.verdict != .rows {
      message.rows.removeAll()
      message.heldRows.removeAll()
      message.skipped.removeAll()
    }
    defer { message = MappedMessage() }
    return message
  }

  private func verdict(_ outcome: MessageTail.Outcome) -> MappedMessage.Verdict {
    switch outcome {
    case .rejected(let finding): return .rejected(finding)
    case .held(let finding): return .held(finding)
    case .decoded: break
    }
    if let filteredBy { return .filtered(rule: filteredBy) }
    if let messageHold { return .held(messageHold) }
    if let finding = unkeyedMain() { return .held(finding) }
    if readers.isEmpty { return .held(finding(.noMapping, "")) }
    return .rows
  }

  /// Why the key of the main entity cannot be settled: rows of it were found, and none has a key.
  private func unkeyedMain() -> Finding? {
    for block in readers.flatMap({ plan.compiled[$0].blocks }) where block.isMain {
      if let unkeyed = unkeyed[block.entity], unkeyed.count == found(block.entity) { return unkeyed.first }
    }
    return nil
  }

  private func found(_ entity: Int) -> Int {
    message.rows.rows.count { $0.entity == Int32(entity) } + message.heldRows.count { $0.entity == entity }
      + message.skipped.reduce(0) { $0 + ($1.entity == entity ? $1.count : 0) }
  }

  private func type(_ raw: [UInt8]) -> String {
    switch plan.format {
    case .hl7v2: MessageType.isNormal(raw) ? String(decoding: raw, as: UTF8.self) : "other"
    case .cda: MessageType.isDocumentCode(raw) ? String(decoding: raw, as: UTF8.self) : "cda"
    }
  }

  // MARK: Findings and holds

  func finding(_ code: FindingCode, _ path: String, _ occurrence: Int = 0) -> Finding {
    Finding(code, at: SourcePosition(path: path, occurrence: occurrence, byteOffset: message.byteOffset))
  }

  mutating func note(_ code: FindingCode, _ path: String, _ occurrence: Int) { message.findings.append(finding(code, path, occurrence)) }

  /// Advice that is given once a message, at the first place.
  mutating func noteOnce(_ code: FindingCode, _ path: String) {
    if noted.insert(Note(code: code)).inserted { note(code, path, 0) }
  }

  mutating func holdMessage(_ finding: Finding) {
    if messageHold == nil { messageHold = finding }
  }

  /// A row that cannot be settled; where it is the subject, the whole message is held.
  mutating func holdRow(_ block: Block, _ held: Finding) {
    guard block.isSubject else {
      message.heldRows.append(MappedMessage.HeldRow(entity: block.entity, finding: held))
      return
    }
    var finding = held
    if plan.dictionary.entities[block.entity].name == "patient", held.code == .requiredMissing { finding.code = .subjectMissing }
    holdMessage(finding)
  }

  /// A row that a rule cannot fill; without a key field nobody can say which row it is.
  mutating func holdRow(_ block: Block, _ held: Finding, at field: Int) {
    if held.code == .requiredMissing, plan.dictionary.entities[block.entity].fields[field].isKey { return holdUnkeyed(block, held) }
    holdRow(block, held)
  }

  mutating func holdUnkeyed(_ block: Block, _ held: Finding) {
    unkeyed[block.entity, default: (0, held)].count += 1
    holdRow(block, held)
  }

  mutating func skip(_ entity: Int, _ rule: String) {
    if let known = message.skipped.firstIndex(where: { $0.entity == entity && $0.rule == rule }) {
      message.skipped[known].count += 1
    } else {
      message.skipped.append((entity, rule, 1))
    }
  }

  /// Where a mapping has a subject and the message has none, nothing can be said of its rows.
  mutating func requireSubjects() {
    for reader in readers {
      for block in plan.compiled[reader].blocks where block.isSubject && !subjectsFound.contains(block.entity) {
        holdMessage(finding(.subjectMissing, block.each))
      }
    }
  }

  // MARK: Rows

  /// What became of one cell.
  enum CellResult: Equatable {
    case filled
    case hold(FindingCode)
    case skip(rule: String)
  }

  mutating func beginRow(_ block: Block, occurrence: Int, eventInstant: Int?) {
    if eventInstant == nil { noteOnce(.eventTimeMissing, eventPath(block)) }
    message.rows.beginRow(
      entity: block.entity, fieldCount: plan.dictionary.entities[block.entity].fields.count, mapping: block.mapping, path: block.rowPath,
      occurrence: occurrence,
      eventInstant: eventInstant ?? fallbackInstant, fallback: eventInstant == nil)
    subjectsFound.insert(block.entity)
    choices.removeAll(keepingCapacity: true)
    choices += repeatElement(-1, count: plan.dictionary.entities[block.entity].fields.count)
  }

  /// Where a row is a whole statement, what it does not say is no longer so.
  mutating func complete(_ block: Block) {
    guard block.isWhole else { return }
    let row = message.rows.rows.count - 1
    for rule in block.rules where message.rows.cell(row: row, field: rule.field).state == .absent { message.rows.setNull(field: rule.field) }
  }

  /// For a `beside` rule the path that its field took, -1 for none; nil for other rules.
  func choice(of rule: FieldRule) -> Int? { rule.beside.map { choices[$0] } }

  /// The event time in `scratch`, in UTC; what has no offset, a day too, is taken in the feed's zone. Nil, with a finding, where it is no time.
  mutating func eventInstant(_ path: String) -> Int? {
    guard let time = ClinicalTime(scratch, zone: plan.zone) else {
      if noted.insert(Note(code: .timeInvalid, path: path)).inserted { note(.timeInvalid, path, 0) }
      return nil
    }
    if let doubt = time.doubt { noteOnce(doubt == .gap ? .timeInGap : .timeAmbiguous, path) }
    guard time.offsetMinutes == nil, let zone = plan.zone else { return time.instant }
    return time.instant - zone.offset(atLocal: time.localSeconds).minutes * 60_000_000
  }

  private func eventPath(_ block: Block) -> String {
    switch block.eventTime {
    case .fields(let paths): paths.first?.text ?? ""
    case .nodes(let paths): paths.first?.text ?? ""
    }
  }

  /// Remembers where a row stands, if some rule refers to its entity.
  mutating func anchor(_ entity: Int, _ position: Int, _ key: [UInt8]) {
    if plan.referred.contains(entity) { anchors.append(Anchor(entity: entity, position: position, key: key)) }
  }

  /// The key of the nearest row of an entity at or before a position; in a document there must be one only.
  func nearest(_ entity: Int, _ position: Int) -> [UInt8]? {
    guard plan.format == .hl7v2 else {
      guard let first = anchors.first(where: { $0.entity == entity })?.key else { return nil }
      return anchors.allSatisfy { $0.entity != entity || $0.key == first } ? first : nil
    }
    return anchors.last { $0.entity == entity && $0.position <= position }?.key
  }
}
