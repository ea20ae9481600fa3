import Core

/// Makes records of the tokens of one document: header, one entry at a time with its sections in reach, sections.
///
/// - Order: `next` works up to the first event and goes on behind it; what an event lends is taken back by the call after it.
/// - Cost: a token is a few array accesses; nothing is allocated for one.
struct CDAReader {
  let limits: DecodeLimits
  let known: CDANames
  private let entriesWanted: Bool
  private(set) var record = SourceRecord()
  private(set) var frames: [CDAFrame] = []
  private(set) var run = CDARun()
  /// White space since the last tag: data only where text follows it.
  private var blanks: [UInt8] = []
  /// True while the last node added is text that may go on.
  private var isTextOpen = false
  /// What the event given last leaves to be taken back.
  private var leftover: NodeArena.Mark?
  /// Events of attachments that have not been given yet.
  var queue: [DecodeEvent] = []
  var attachment: CDAAttachment?
  var attachments = 0
  private(set) var entries = 0
  private(set) var sections = 0
  private(set) var tally = SectionTally()
  private(set) var hasHeader = false
  private(set) var rawType: [UInt8] = []
  private(set) var findings: [Finding] = []
  /// Set once: nothing is read or emitted after it.
  private(set) var failure: MessageTail.Outcome?
  /// Counts for `inspect`; nil in the nightly run.
  private(set) var census: CDACensus?
  private let isCounting: Bool

  init(_ settings: DecodeSettings, _ names: inout XMLNames, counting: Bool) {
    limits = settings.limits
    entriesWanted = settings.entriesWanted
    known = CDANames(&names)
    isCounting = counting
    census = counting ? CDACensus(&names) : nil
    record.arena = NodeArena(names: names.texts)
    record.arena.anchorName = known.anchor
  }

  /// The arena must know the names that the tokenizer has met.
  mutating func adopt(names: [String]) {
    if names.count > record.arena.names.count { record.arena.adopt(names: names) }
  }

  /// True where the bytes end before the document does.
  var isCut: Bool {
    if case .rejected(let finding)? = failure { finding.code != .charsetUndecodable } else { failure != nil }
  }

  mutating func fail(_ outcome: MessageTail.Outcome) {
    if failure == nil { failure = outcome }
  }

  mutating func hold(_ code: FindingCode, path: String = "", occurrence: Int = 0) {
    fail(.held(Finding(code, at: SourcePosition(path: path, occurrence: occurrence))))
  }

  mutating func note(_ code: FindingCode, at position: SourcePosition) {
    guard !findings.contains(where: { $0.code == code && $0.position.path == position.path }) else { return }
    findings.append(Finding(code, at: position))
  }

  /// The next event that the tokens give from an index on, or nil when they are used up; the index goes on.
  mutating func next(_ tokens: XMLTokens, _ index: inout Int) -> DecodeEvent? {
    if let mark = leftover {
      record.arena.reset(to: mark)
      leftover = nil
    }
    if !queue.isEmpty { return queue.removeFirst() }
    while index < tokens.items.count, failure == nil {
      let token = tokens.items[index]
      index += 1
      switch token.kind {
      case .start:
        guard !isHeaderDue(token.name) else {
          index -= 1
          return header()
        }
        start(token, tokens)
      case .end:
        guard run.depth <= 1 else {
          endInside()
          continue
        }
        if let event = end() { return event }
      case .text:
        text(token, tokens, index)
        if !queue.isEmpty { return queue.removeFirst() }
      case .namespaceFault: note(.xmlNamespace, at: SourcePosition(byteOffset: tokens.offset(of: token)))
      case .doctype: fail(.rejected(Finding(.doctypeRefused, at: SourcePosition(byteOffset: tokens.offset(of: token)))))
      case .limit: fail(.held(Finding(.xmlLimit, at: SourcePosition(byteOffset: tokens.offset(of: token)))))
      case .fatal: fail(XMLFault.outcome(code: token.name, offset: tokens.offset(of: token), hasRoot: !frames.isEmpty || hasHeader))
      }
    }
    return nil
  }
}

// MARK: - Tags

extension CDAReader {
  private mutating func start(_ token: XMLToken, _ tokens: XMLTokens) {
    closeText()
    if isCounting { count(token, tokens) }
    if run.depth > 0 {
      run.depth += 1
      if run.role == .attachment { openInAttachment(token, tokens) }
      guard run.node >= 0 else { return }
      run.node = record.arena.addElement(token.name, parent: run.node)
      return addAttributes(token, tokens)
    }
    guard let parent = frames.last else { return openRoot(token, tokens) }
    open(token.name, known.role(of: token.name, in: parent.role), parent)
    if run.role == .attachment, run.depth > 0 { openAttachment(token, tokens) }
    addAttributes(token, tokens)
  }

  private mutating func count(_ token: XMLToken, _ tokens: XMLTokens) {
    census?.start(token.name)
    for attribute in tokens.attributes(of: token) { census?.attribute(attribute.name, tokens.value(of: attribute)) }
  }

  private mutating func openRoot(_ token: XMLToken, _ tokens: XMLTokens) {
    guard token.name == known.document else { return fail(.rejected(Finding(.notCDA, at: SourcePosition(byteOffset: 0)))) }
    frames.append(CDAFrame(role: .root, node: record.arena.addElement(token.name, parent: -1)))
    addAttributes(token, tokens)
  }

  private mutating func open(_ name: Int32, _ role: CDARole, _ parent: CDAFrame) {
    if role == .section { sections += 1 }
    if role == .entry { entries += 1 }
    if role == .entry { frames[frames.count - 1].tally.hasEntries = true }
    guard role.isStructure else { return openRun(name, role, parent) }
    guard parent.node >= 0, role != .nonXMLBody else { return frames.append(CDAFrame(role: role, node: -1)) }
    var frame = CDAFrame(role: role, node: -1)
    if role == .component || role == .section { frame.mark = record.arena.mark(under: parent.node) }
    frame.node = record.arena.addElement(name, parent: parent.node)
    if role == .section { record.arena.anchorScope = frame.node }
    frames.append(frame)
  }

  private mutating func openRun(_ name: Int32, _ role: CDARole, _ parent: CDAFrame) {
    let isKept = parent.node >= 0 && role != .skipped && role != .attachment && (role != .entry || entriesWanted)
    run = CDARun(role: isKept || role == .attachment ? role : .skipped, depth: 1)
    guard isKept else { return }
    if role == .entry || role == .narrative { run.mark = record.arena.mark(under: parent.node) }
    setLimits(role)
    run.top = record.arena.addElement(name, parent: parent.node)
    run.node = run.top
  }

  /// To the element opened last.
  private mutating func addAttributes(_ token: XMLToken, _ tokens: XMLTokens) {
    let node = run.depth > 0 ? run.node : frames.last?.node ?? -1
    guard node >= 0, failure == nil else { return }
    if token.count > 0 {
      record.arena.addAttributes(tokens.attributes.span, tokens.run(of: token), of: tokens.bytes.span, to: node)
      let isNull = run.depth == 0 && tokens.attributes(of: token).contains { $0.name == known.nullFlavor }
      if isNull { frames[frames.count - 1].tally.isNull = true }
    }
    checkBudget(adding: 0)
  }

  /// An element ends inside one that is kept or passed over whole.
  private mutating func endInside() {
    closeText()
    if isCounting { census?.end() }
    run.depth -= 1
    if run.node >= 0 { run.node = record.arena.nodes[Int(run.node)].parent }
  }

  private mutating func end() -> DecodeEvent? {
    closeText()
    if isCounting { census?.end() }
    guard run.depth == 0 else { return endRun() }
    guard let frame = frames.popLast() else { return nil }
    if frame.role == .section {
      tally.add(frame.tally)
      record.arena.anchorScope = frames.last { $0.role == .section }?.node ?? 0
    }
    guard frame.role != .root else { return hasHeader ? nil : header() }
    leftover = frame.mark
    guard frame.role != .section else { return give(.section, focus: frame.node, occurrence: sections) }
    if let mark = frame.mark { record.arena.reset(to: mark) }
    leftover = nil
    return nil
  }

  private mutating func endRun() -> DecodeEvent? {
    run.depth = 0
    if run.role == .attachment {
      closeAttachment()
      return queue.removeFirst()
    }
    guard run.role == .entry else { return nil }
    leftover = run.mark
    return give(.entry, focus: run.top, occurrence: entries)
  }
}

// MARK: - Text

extension CDAReader {
  /// Between the elements of data, white space means nothing; in a narrative it does.
  private mutating func text(_ token: XMLToken, _ tokens: XMLTokens, _ next: Int) {
    guard run.depth > 0, run.node >= 0 || run.role == .attachment else { return }
    let start = Int(token.start)
    let value = tokens.bytes.span.extracting(start..<start + Int(token.count))
    if run.role == .attachment { return attach(value, at: tokens.offset(of: token), isBlank: Self.isBlank(value)) }
    if isTextOpen || run.role == .narrative || !Self.isBlank(value) {
      addText(value)
    } else if next < tokens.items.count, tokens.items[next].kind == .start || tokens.items[next].kind == .end {
      checkBudget(adding: blanks.count + value.count)
    } else {
      unsafe value.withUnsafeBufferPointer { unsafe blanks.append(contentsOf: $0) }
      checkBudget(adding: blanks.count)
    }
  }

  private mutating func addText(_ value: Span<UInt8>) {
    if !blanks.isEmpty {
      record.arena.addText(blanks, to: run.node)
      blanks.removeAll(keepingCapacity: true)
    }
    record.arena.addText(value, to: run.node)
    isTextOpen = true
    if run.role == .narrative { noteText(value) }
    checkBudget(adding: 0)
  }

  private mutating func noteText(_ value: Span<UInt8>) {
    if !frames[frames.count - 1].tally.hasText { frames[frames.count - 1].tally.hasText = !Self.isBlank(value) }
  }

  private mutating func closeText() {
    isTextOpen = false
    if !blanks.isEmpty { blanks.removeAll(keepingCapacity: true) }
  }

  /// Below the space only white space is a character of XML.
  private static func isBlank(_ value: Span<UInt8>) -> Bool {
    for index in value.indices where value[index] > 0x20 { return false }
    return true
  }
}

// MARK: - Records

extension CDAReader {
  /// The header is whole when the body begins, whatever the body is.
  private func isHeaderDue(_ name: Int32) -> Bool {
    guard run.depth == 0, !hasHeader, let parent = frames.last, parent.role == .bodyComponent else { return false }
    return known.role(of: name, in: .bodyComponent) != .header
  }

  private mutating func header() -> DecodeEvent {
    closeText()
    hasHeader = true
    rawType = documentCode
    return give(.header, focus: 0, occurrence: 1)
  }

  private mutating func give(_ part: SourceRecord.Part, focus: Int32, occurrence: Int) -> DecodeEvent {
    record.part = part
    record.focus = focus
    record.occurrence = occurrence
    return .record
  }

  private var documentCode: [UInt8] {
    let arena = record.arena
    var child = arena.nodes[0].firstChild
    while child >= 0 {
      if arena.nodes[Int(child)].name == known.code { return arena.attribute(known.codeValue, of: child).map { Array(arena.value($0)) } ?? [] }
      child = arena.nodes[Int(child)].next
    }
    return []
  }

}

// MARK: - Budgets

extension CDAReader {
  private mutating func setLimits(_ role: CDARole) {
    run.nodeLimit = limits.contextNodes
    run.byteLimit = limits.contextBytes
    if role == .entry {
      run.nodeLimit = record.arena.nodes.count + limits.entryNodes
      run.byteLimit = record.arena.bytes.count + limits.entryBytes
    } else if role == .narrative {
      run.byteLimit = min(run.byteLimit, record.arena.bytes.count + limits.narrativeBytes)
    }
  }

  /// Holds the document when the entry, or all that stays besides, is over its limit; leaves a long narrative out.
  private mutating func checkBudget(adding bytes: Int) {
    let nodeLimit = run.depth > 0 ? run.nodeLimit : limits.contextNodes
    let byteLimit = run.depth > 0 ? run.byteLimit : limits.contextBytes
    if record.arena.nodes.count <= nodeLimit, record.arena.bytes.count + bytes <= byteLimit { return }
    guard run.depth > 0 else { return hold(.xmlLimit) }
    switch run.role {
    case .entry: hold(.entryLimit, path: "h:entry", occurrence: entries)
    case .narrative: leaveOutNarrative()
    default: hold(.xmlLimit)
    }
  }

  private mutating func leaveOutNarrative() {
    closeText()
    note(.xmlLimit, at: SourcePosition(path: "h:section/h:text", occurrence: sections))
    if let mark = run.mark { record.arena.reset(to: mark) }
    run.role = .skipped
    run.top = -1
    run.node = -1
    run.mark = nil
  }
}
