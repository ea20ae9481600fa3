import Core

/// CDA documents: one message a drop, read as a stream into one entry at a time with its header and sections in reach.
final class CDADecoder {
  private let settings: DecodeSettings
  private let known: CDANames
  private let tokenizer: XMLTokenizer
  private var record = SourceRecord()
  private var frames: [CDAFrame] = []
  /// Text since the last tag: it comes in pieces that depend on the chunks.
  private var pendingText: [UInt8] = []
  /// What came since the last block. libxml2 sees blocks of one size, counted from the start of the document: what it says of
  /// broken XML, and where, depends on where its pieces end.
  private var block: [UInt8] = []
  private static let blockBytes = 16_384
  private var tail = MessageTail()
  private var hash = SHA256()
  private var summary = DropSummary()
  private var entries = 0
  private var sections = 0
  private var hasBegun = false
  private var hasHeader = false
  private var hasContent = false
  /// Set once: nothing is read or emitted after it.
  private var failure: MessageTail.Outcome?
  /// Counts for `inspect`; nil in the nightly run.
  private(set) var census: CDACensus?

  init(_ settings: DecodeSettings, counting: Bool = false) {
    self.settings = settings
    var names = XMLNames(seed: settings.names, limit: settings.limits.names)
    known = CDANames(&names)
    census = counting ? CDACensus(&names) : nil
    record.arena = NodeArena(names: names.texts)
    tokenizer = XMLTokenizer(names: names)
  }

  func push<Failure: Error>(_ chunk: Span<UInt8>, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    try begin(emit)
    summary.byteCount += chunk.count
    var at = 0
    while at < chunk.count {
      let end = min(chunk.count, at + Self.blockBytes - block.count)
      unsafe chunk.withUnsafeBufferPointer { pointer in unsafe block.append(contentsOf: pointer[at..<end]) }
      if block.count == Self.blockBytes { try readBlock(emit) }
      at = end
    }
  }

  /// Gives the parser what was gathered.
  private func readBlock<Failure: Error>(_ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    unsafe block.withUnsafeBufferPointer { pointer in
      unsafe hash.update(pointer)
      unsafe look(at: pointer)
      if failure == nil { unsafe tokenizer.parse(pointer, isLast: false) }
    }
    block.removeAll(keepingCapacity: true)
    try drain(emit)
  }

  func finish<Failure: Error>(_ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) -> DropSummary {
    try begin(emit)
    try readBlock(emit)
    if !hasContent { fail(.rejected(Finding(.dropEmpty, at: SourcePosition(byteOffset: 0)))) }
    if failure == nil {
      unsafe tokenizer.parse(UnsafeBufferPointer(start: nil, count: 0), isLast: true)
      try drain(emit)
      summary.truncated = failure != nil
    }
    tail.byteCount = summary.byteCount
    tail.digest = hash.finish()
    tail.outcome = failure ?? .decoded
    summary.messages = 1
    try emit(.end(tail), record)
    return summary
  }

  private func begin<Failure: Error>(_ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    guard !hasBegun else { return }
    hasBegun = true
    try emit(.begin(MessageHead(ordinal: 0, byteOffset: 0, batch: -1)), record)
  }

  private func look(at bytes: UnsafeBufferPointer<UInt8>) {
    if !hasContent { hasContent = unsafe bytes.contains { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) } }
  }

  private func fail(_ outcome: MessageTail.Outcome) {
    guard failure == nil else { return }
    failure = outcome
    tokenizer.stop()
  }

  private func hold(_ code: FindingCode, path: String = "", occurrence: Int = 0) {
    fail(.held(Finding(code, at: SourcePosition(path: path, occurrence: occurrence))))
  }
}

// MARK: - Tokens

extension CDADecoder {
  private func drain<Failure: Error>(_ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    adoptNames()
    var index = 0
    let count = tokenizer.tokens.items.count
    while index < count, failure == nil {
      let token = tokenizer.tokens.items[index]
      index += 1
      switch token.kind {
      case .start: try start(token.name, emit)
      case .attribute: attribute(token)
      case .end: try end(emit)
      case .text: text(token)
      case .namespaceFault: note(.xmlNamespace, at: SourcePosition(byteOffset: token.offset))
      case .doctype: fail(.rejected(Finding(.doctypeRefused, at: SourcePosition(byteOffset: token.offset))))
      case .limit: hold(.xmlLimit)
      case .fatal: fail(XMLFault.outcome(code: token.name, offset: token.offset, hasRoot: !frames.isEmpty || hasHeader))
      }
    }
  }

  /// Keeps the arena's numbers of names equal to the tokenizer's.
  private func adoptNames() {
    let texts = tokenizer.names.texts
    for index in record.arena.names.count..<max(texts.count, record.arena.names.count) { _ = record.arena.intern(texts[index]) }
  }

  private func note(_ code: FindingCode, at position: SourcePosition) {
    guard !tail.findings.contains(where: { $0.code == code && $0.position.path == position.path }) else { return }
    tail.findings.append(Finding(code, at: position))
  }

  private func start<Failure: Error>(_ name: Int32, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    flushText()
    census?.start(name)
    guard frames.count < settings.limits.depth else { return hold(.xmlLimit) }
    guard let parent = frames.last else { return openRoot(name) }
    let role = known.role(of: name, in: parent.role)
    if parent.role == .bodyComponent, role != .header { try emitHeader(emit) }
    if role == .section { sections += 1 }
    if role == .entry, parent.role == .section { entries += 1 }
    let isLeftOut = role == .entry && !settings.entriesWanted
    open(name, role: isLeftOut ? .skipped : role, in: parent)
  }

  private func openRoot(_ name: Int32) {
    guard name == known.document else { return fail(.rejected(Finding(.notCDA, at: SourcePosition(byteOffset: 0)))) }
    frames.append(CDAFrame(role: .root, node: record.arena.addElement(name, parent: -1)))
  }

  private func open(_ name: Int32, role: CDAFrame.Role, in parent: CDAFrame) {
    guard role != .skipped else { return frames.append(CDAFrame(role: .skipped, node: -1)) }
    let isTop = role != parent.role
    var frame = CDAFrame(role: role, node: -1, isTop: isTop)
    frame.nodesBefore = isTop ? record.arena.nodes.count : parent.nodesBefore
    frame.bytesBefore = isTop ? record.arena.bytes.count : parent.bytesBefore
    switch role {
    case .component, .section: frame.mark = record.arena.mark(under: parent.node)
    case .entry, .narrative: frame.mark = isTop ? record.arena.mark(under: parent.node) : nil
    case .root, .header, .bodyComponent, .structuredBody, .sectionPart, .skipped: break
    }
    frame.node = record.arena.addElement(name, parent: parent.node)
    frames.append(frame)
    checkBudget(adding: 0)
  }

  private func attribute(_ token: XMLToken) {
    let range = Int(token.start)..<Int(token.start + token.count)
    census?.attribute(token.name, tokenizer.tokens.bytes[range])
    guard let node = frames.last?.node, node >= 0 else { return }
    record.arena.addAttribute(token.name, value: tokenizer.tokens.bytes[range], to: node)
    var count = 0
    var attribute = record.arena.nodes[Int(node)].firstAttribute
    while attribute >= 0, count <= settings.limits.attributes {
      count += 1
      attribute = record.arena.nodes[Int(attribute)].next
    }
    if count > settings.limits.attributes { return hold(.xmlLimit) }
    checkBudget(adding: 0)
  }

  private func text(_ token: XMLToken) {
    guard let frame = frames.last, frame.takesText else { return }
    pendingText += tokenizer.tokens.bytes[Int(token.start)..<Int(token.start + token.count)]
    checkBudget(adding: pendingText.count)
  }

  /// Adds the text since the last tag; between the elements of data, white space means nothing.
  private func flushText() {
    guard !pendingText.isEmpty else { return }
    defer { pendingText.removeAll(keepingCapacity: true) }
    guard failure == nil, let frame = frames.last, frame.takesText else { return }
    let isData = frame.role == .narrative || pendingText.contains { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
    if isData { record.arena.addText(pendingText, to: frame.node) }
  }

  private func end<Failure: Error>(_ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    flushText()
    census?.end()
    guard let frame = frames.popLast() else { return }
    switch frame.role {
    case .root: try emitHeader(emit)
    case .entry where frame.isTop: try emitRecord(.entry, focus: frame.node, occurrence: entries, emit)
    case .section: try emitRecord(.section, focus: frame.node, occurrence: sections, emit)
    default: break
    }
    if let mark = frame.mark, frame.role != .narrative { record.arena.reset(to: mark) }
  }
}

// MARK: - Records and budgets

extension CDADecoder {
  private func emitHeader<Failure: Error>(_ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void) throws(Failure) {
    guard !hasHeader else { return }
    hasHeader = true
    tail.rawType = documentCode
    try emitRecord(.header, focus: 0, occurrence: 1, emit)
  }

  private func emitRecord<Failure: Error>(
    _ part: SourceRecord.Part, focus: Int32, occurrence: Int, _ emit: (DecodeEvent, SourceRecord) throws(Failure) -> Void
  ) throws(Failure) {
    record.part = part
    record.focus = focus
    record.occurrence = occurrence
    try emit(.record, record)
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

  /// Holds the document when the entry, or all that stays besides, is over its limit; leaves a long narrative out.
  private func checkBudget(adding bytes: Int) {
    guard let frame = frames.last else { return }
    let limits = settings.limits
    let allNodes = record.arena.nodes.count, allBytes = record.arena.bytes.count + bytes
    if frame.role == .entry {
      guard allNodes - frame.nodesBefore > limits.entryNodes || allBytes - frame.bytesBefore > limits.entryBytes else { return }
      return hold(.entryLimit, path: "h:entry", occurrence: entries)
    }
    if frame.role == .narrative, allBytes - frame.bytesBefore > limits.narrativeBytes || allNodes > limits.contextNodes { return leaveOutNarrative() }
    if allNodes > limits.contextNodes || allBytes > limits.contextBytes { hold(.xmlLimit) }
  }

  private func leaveOutNarrative() {
    pendingText.removeAll(keepingCapacity: true)
    note(.xmlLimit, at: SourcePosition(path: "h:section/h:text", occurrence: sections))
    var index = frames.count - 1
    while index >= 0, frames[index].role == .narrative {
      if let mark = frames[index].mark { record.arena.reset(to: mark) }
      frames[index].role = .skipped
      frames[index].node = -1
      frames[index].mark = nil
      index -= 1
    }
  }
}
