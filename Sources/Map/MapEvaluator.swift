public import Core

/// Turns the records of one message into its rows: `begin`, any number of `record`, `end`. One a worker, reused from message to message.
///
/// - Pure: no clock, no keys, no I/O. The same records give the same message.
/// - Cost: values are copied once, into the message's row buffer; nothing is allocated per field.
public struct MapEvaluator: Sendable {
  let plan: MapPlan
  let program: MapProgram
  /// The code sets in force on the business date, by the plan's numbers.
  let tables: [CodeTable]
  let fallbackInstant: Int
  /// The feed's zone, where it has one.
  var clock: ZoneClock
  let hasZone: Bool
  /// The offset of MSH-7, in minutes: it holds for the times of the message that have none. Nil where the feed's zone says the same, or MSH-7 nothing.
  var sentOffset: Int?
  var message = MappedMessage()
  /// The type of the message at hand: MSH-9.1 and its event, in HL7 v2.
  var scratch: [UInt8] = []
  /// Index of the segment that the row at hand is made from; 0 in documents.
  var rowPosition = 0
  /// Index of the segment that the path at hand found behind another one; -1 for none.
  var followed = -1
  /// What was found behind which segment, by path.
  var followings: [Followed] = []
  var messageNumber = 0
  /// What the trigger event says that the rows of the block at hand do.
  var eventAction = RowAction.state
  /// The path that says what the row at hand does; -1 for the trigger event.
  var actionPath = -1
  /// EVN-1, where MSH-9 names no event; empty where it does.
  var oldEvent = Piece.none
  /// Where the value at hand begins in the row buffer's bytes.
  var tail = 0
  /// Why the whole message is held.
  var messageHold: Finding?
  /// The event times of the document at hand.
  var documentClock = DocumentClock()
  /// Which templates stand in the entry at hand, by the gates of the plan's walks.
  var openGates: [Bool]
  var filteredBy: String?
  var keys = RowIndex()
  /// Rows to be held at the end: others of the message have their key and other content.
  var contradicted: Set<Int> = []
  /// Withdrawals in whose place a later row of the message states what is so.
  var replaced: Set<Int> = []
  /// Some row of the message is withdrawn.
  var holdsWithdrawals = false
  /// What later rows of its key add to a row, by row and field; a field on which they differ is absent.
  var joined: [Int: [Int32: SaidCell]] = [:]
  /// Rows whose key field gets another value at the end.
  var renamed: [Int: (field: Int, value: [UInt8])] = [:]
  /// By entity, in the order of their places.
  var anchors: [[Anchor]]
  /// What ends the group of an OBR in the message at hand.
  var orderGroup = OrderGroup()
  /// The segments that open patient groups.
  var patients: [Int32] = []
  /// The encoded keys of the anchors and the canonical texts of times, for the cells that hold them.
  var aside: [UInt8] = []
  var subjectsFound: EntityMarks
  var routes = RouteCache()
  /// Mappings that take the message at hand.
  var readers: [Int] = []
  /// Which path of its chain each field of the row at hand took; -1 for none.
  var choices: [Int]
  /// The unit of the row at hand that a sign for components had cut: what stands beside it is its other half; -1 for none.
  var cutUnit: Int32 = -1
  /// The element that gave each field of the row at hand its value, where it took a path.
  var chosenNodes: [Int32]
  /// The same in HL7 v2: the repetition, where one was looked for; empty for none.
  var chosenPieces: [Piece]
  /// The repetition that the path at hand found; empty for none.
  var foundPiece = Piece.none
  /// The fields that the row at hand says, while it is completed.
  var isSaid: [Bool]
  /// The last segment met of each context of the block at hand; -1 for none.
  var contexts: [Int32]
  /// The last day and the last time whose texts stand aside; no piece that is read is empty.
  var dateMemo = TimeMemo()
  var timeMemo = TimeMemo()
  /// Lent out while a message is mapped.
  var batch = CellBatch()
  var eventMemo = EventMemo()
  /// The one before it: a chain may read two.
  var olderEventMemo = EventMemo()
  /// The last instant that the event time read last may mean; its own where it is exact to the second.
  var eventEnd = 0
  /// The time of the Bundle, where the resource at hand says something by it.
  var bundleTime: [UInt8] = []
  /// Findings that are given once a message; event times that are none once a path.
  var noted: Set<Note> = []
  /// Codes of the message that their sets do not hold, for whoever counts them.
  public var unmapped = UnmappedCodes()
  /// Asked for by whoever explains a value; nil as a rule.
  var trace: FieldTrace?
  /// Rows held because their key cannot be settled, by entity: how many, and why the first.
  var unkeyed: [Int: (count: Int, first: Finding)] = [:]

  struct Note: Hashable, Sendable {
    var code: FindingCode
    var path = ""
  }

  /// The segment that a path found behind another one of a message.
  struct Followed: Sendable {
    var message = -1
    var anchor = -1
    var segment = -1
  }

  /// Where a row of an entity stands, for `ref`; without a key where it was held or skipped, so that nobody takes a neighbour for it.
  struct Anchor: Sendable {
    /// Index of its segment; 0 in documents.
    var position: Int32
    var key: MapProgram.Run
  }

  /// The event time that was read last: the rows of a message share it as a rule.
  struct EventMemo: Sendable {
    var segment = -1
    var field: Int32 = -1
    var instant: Int?
    var end = 0
  }

  /// The business date stands in for a missing event time (00:00 in the feed's zone) and chooses the code-set rows that are in force.
  ///
  /// - Parameter traced: the field of which `source(ofRow:)` tells; nil for none.
  public init(plan: MapPlan, businessDate: BusinessDate, tracing traced: TracedField? = nil) {
    self.plan = plan
    program = traced.map(plan.program.running) ?? plan.program
    trace = traced.map(FieldTrace.init)
    tables = plan.codeSets.map { CodeTable($0, on: businessDate) }
    let local = businessDate.daysSinceEpoch * 86_400
    fallbackInstant = (local - (plan.zone?.offset(atLocal: local).minutes ?? 0) * 60) * 1_000_000
    clock = ZoneClock(plan.zone ?? .utc)
    hasZone = plan.zone != nil
    anchors = [[Anchor]](repeating: [], count: plan.dictionary.entities.count)
    subjectsFound = EntityMarks(count: plan.dictionary.entities.count)
    choices = [Int](repeating: -1, count: program.fieldLimit)
    chosenNodes = [Int32](repeating: -1, count: program.fieldLimit)
    chosenPieces = [Piece](repeating: .none, count: program.fieldLimit)
    isSaid = [Bool](repeating: false, count: program.fieldLimit)
    openGates = [Bool](repeating: false, count: plan.nodes.gates.count)
    contexts = [Int32](repeating: -1, count: program.contextLimit)
  }

  /// Begins a message; whatever was at hand is dropped.
  public mutating func begin(_ head: MessageHead) {
    message.reset(head)
    messageNumber += 1
    messageHold = nil
    filteredBy = nil
    keys.removeAll()
    if !contradicted.isEmpty { contradicted.removeAll() }
    if !replaced.isEmpty { replaced.removeAll() }
    holdsWithdrawals = false
    if !joined.isEmpty { joined.removeAll() }
    if !renamed.isEmpty { renamed.removeAll() }
    if !noted.isEmpty { noted.removeAll() }
    if !unkeyed.isEmpty { unkeyed.removeAll() }
    if !unmapped.isEmpty { unmapped.removeAll() }
    if trace != nil {
      trace?.sources.removeAll()
      trace?.joined.removeAll()
    }
    for entity in anchors.indices where !anchors[entity].isEmpty { anchors[entity].removeAll(keepingCapacity: true) }
    patients.removeAll(keepingCapacity: true)
    aside.removeAll(keepingCapacity: true)
    subjectsFound.removeAll()
    readers.removeAll(keepingCapacity: true)
    eventMemo = EventMemo()
    olderEventMemo = EventMemo()
    dateMemo = TimeMemo()
    timeMemo = TimeMemo()
    sentOffset = nil
    oldEvent = .none
    if !bundleTime.isEmpty { bundleTime.removeAll() }
  }

  /// Takes one record of the message; it is borrowed and read in place.
  public mutating func record(_ record: SourceRecord) {
    switch record.part {
    case .message: if plan.format == .csv { mapRow(record.segments) } else { map(record.segments) }
    case .header: mapHeader(record)
    case .entry: mapEntry(record)
    case .section: break
    case .resource: mapResource(record)
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
    if !tail.findings.isEmpty { message.findings = tail.findings + message.findings }
    message.verdict = verdict(tail.outcome)
    if case .rows = message.verdict {
      settleKeys()
      if plan.format == .csv { settleIdentity() } else if plan.format == .fhir { settleResource() }
    } else {
      message.rows.removeAll()
      message.heldRows.removeAll()
      message.skipped.removeAll()
    }
    return message
  }

  private mutating func verdict(_ outcome: MessageTail.Outcome) -> MappedMessage.Verdict {
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
  private mutating func unkeyedMain() -> Finding? {
    if unkeyed.isEmpty { return nil }
    for reader in readers {
      for block in program.mappings[reader].blocks.indices where program.blocks[block].isMain {
        let entity = Int(program.blocks[block].entity)
        if let unkeyed = unkeyed[entity], unkeyed.count == found(entity) { return unkeyed.first }
      }
    }
    return nil
  }

  private mutating func found(_ entity: Int) -> Int {
    message.rows.rows.count { $0.entity == Int32(entity) } + message.heldRows.count { $0.entity == entity }
      + message.skipped.reduce(0) { $0 + ($1.entity == entity ? $1.count : 0) }
  }

  private mutating func type(_ raw: [UInt8]) -> String {
    switch plan.format {
    case .hl7v2:
      // Where the event is that of EVN-1 the decoder does not know it.
      MessageType.isNormal(oldEvent.isEmpty ? raw : scratch) ? String(decoding: oldEvent.isEmpty ? raw : scratch, as: UTF8.self) : "other"
    case .cda: MessageType.isDocumentCode(raw) ? String(decoding: raw, as: UTF8.self) : "cda"
    case .csv: "csv"
    case .fhir: FHIRTypes.holds(String(decoding: raw, as: UTF8.self)) ? String(decoding: raw, as: UTF8.self) : "other"
    }
  }

  // MARK: Findings and holds

  mutating func finding(_ code: FindingCode, _ path: String, _ occurrence: Int = 0) -> Finding {
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
  mutating func holdRow(_ block: BlockCode, _ held: Finding) {
    guard block.isSubject else {
      message.heldRows.append(MappedMessage.HeldRow(entity: Int(block.entity), finding: held))
      return
    }
    var finding = held
    if block.isPatient, held.code == .requiredMissing { finding.code = .subjectMissing }
    holdMessage(finding)
  }

  mutating func holdUnkeyed(_ block: BlockCode, _ held: Finding) {
    unkeyed[Int(block.entity), default: (0, held)].count += 1
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
      for block in program.mappings[reader].blocks.indices where program.blocks[block].isSubject {
        if !subjectsFound.contains(Int(program.blocks[block].entity)) { holdMessage(finding(.subjectMissing, program.eachTexts[block])) }
      }
    }
  }
}

/// A mark for each entity of the dictionary.
struct EntityMarks: Sendable {
  private var isMarked: [Bool]

  init(count: Int) { isMarked = [Bool](repeating: false, count: count) }

  mutating func insert(_ entity: Int) { isMarked[entity] = true }
  func contains(_ entity: Int) -> Bool { isMarked[entity] }
  mutating func removeAll() { for entity in isMarked.indices { isMarked[entity] = false } }
}

/// What becomes of the message types met so far.
struct RouteCache: Sendable {
  private var types: [[UInt8]] = []
  private var routes: [MapPlan.Route] = []

  /// The route of a type, worked out by `plan` when it is met for the first time.
  mutating func route(_ type: [UInt8], _ plan: MapPlan) -> MapPlan.Route {
    if let known = types.firstIndex(of: type) { return routes[known] }
    let route = plan.route(type)
    // A sender that makes types up fills no table.
    if types.count < 64 {
      types.append(type)
      routes.append(route)
    }
    return route
  }
}
