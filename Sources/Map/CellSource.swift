public import Core

/// One field of the canonical rows, by the plan's numbers.
public struct TracedField: Sendable, Equatable {
  /// Index into the dictionary's entities.
  public var entity: Int
  /// Index into the entity's fields.
  public var field: Int

  public init(entity: Int, field: Int) {
    self.entity = entity
    self.field = field
  }
}

/// What of a line gave a cell its value, or cleared it.
public indirect enum CellSource: Sendable, Equatable {
  /// A path of the line's chain; of an identifier also the path that named the assigner, -1 where its own repetition or id did. Both are
  /// indices into `RuleOrigin.paths`.
  case path(Int, assigner: Int)
  /// The text of `default`: no path had a value.
  case fallback
  /// The row that stands nearest before, by `ref`.
  case nearestRow
  /// The document's id and the place of the entry: the statement has no id of its own.
  case entryIdentity
  /// A line of `clears`, for the trigger event of the message.
  case cleared
  /// Another row of the message, which named the same key in another place and agrees: where that one had it from.
  case joined(CellSource, at: CellPlace)
}

/// Where a row of a message was made that is one with another row now.
public struct CellPlace: Sendable, Equatable {
  /// Index into the plan's mappings.
  public var mapping: Int
  /// Index into the plan's `rowPaths`.
  public var path: Int
  /// Of the segment, entry or element, one-based.
  public var occurrence: Int

  public init(mapping: Int, path: Int, occurrence: Int) {
    self.mapping = mapping
    self.path = path
    self.occurrence = occurrence
  }
}

extension CellSource {
  /// A kind and its numbers; of a joined row its place and the source there.
  public func write(to writer: inout ByteWriter) {
    switch self {
    case .path(let path, let assigner):
      writer.write(UInt8(0))
      writer.write(Int32(path))
      writer.write(Int32(assigner))
    case .fallback: writer.write(UInt8(1))
    case .nearestRow: writer.write(UInt8(2))
    case .entryIdentity: writer.write(UInt8(3))
    case .cleared: writer.write(UInt8(5))
    case .joined(let source, let place):
      writer.write(UInt8(4))
      for number in [place.mapping, place.path, place.occurrence] { writer.write(Int32(number)) }
      source.write(to: &writer)
    }
  }

  /// - Throws: `FrameError` for bytes that `write` does not make.
  public init(from reader: inout ByteReader) throws(FrameError) { try self.init(from: &reader, mayBeJoined: true) }

  /// - mayBeJoined: false inside of one that is: rows are joined to a row that stays.
  private init(from reader: inout ByteReader, mayBeJoined: Bool) throws(FrameError) {
    switch try reader.byte() {
    case 0: self = .path(Int(try reader.small()), assigner: Int(try reader.small()))
    case 1: self = .fallback
    case 2: self = .nearestRow
    case 3: self = .entryIdentity
    case 5: self = .cleared
    case 4 where mayBeJoined:
      let place = CellPlace(mapping: Int(try reader.small()), path: Int(try reader.small()), occurrence: Int(try reader.small()))
      self = .joined(try CellSource(from: &reader, mayBeJoined: false), at: place)
    default: throw FrameError()
    }
  }
}

/// Where the cells of one field come from, row by row of a message.
struct FieldTrace: Sendable {
  let field: TracedField
  /// The assigner path that the identifier at hand took; -1 for none.
  var assigner = -1
  /// By the row's number.
  var sources: [Int: CellSource] = [:]
  /// The sources that rows have from others which were joined to them, by the row's number.
  var joined: [Int: CellSource] = [:]

  init(_ field: TracedField) { self.field = field }
}

extension MapEvaluator {
  /// True where a field is traced.
  public var isTracing: Bool { trace != nil }

  /// What gave the traced field of a row of the message that ended last; nil where no line said anything of it, and where nothing is traced.
  public func source(ofRow row: Int) -> CellSource? { trace?.sources[row] }

  /// Notes what gave the cell that was just set, if it is one of the traced field.
  @inline(never)
  mutating func noteSource(_ rule: RuleCode, isFallback: Bool) {
    let row = message.rows.rows.count - 1
    guard let trace, row >= 0, Int(message.rows.rows[row].entity) == trace.field.entity, Int(rule.field) == trace.field.field else { return }
    let source = isFallback ? .fallback : chosen(rule, assigner: trace.assigner)
    self.trace?.sources[row] = source
  }

  /// The trigger event clears a field of the row begun last, whatever gave its value.
  mutating func noteCleared(_ field: Int) {
    let row = message.rows.rows.count - 1
    guard let trace, Int(message.rows.rows[row].entity) == trace.field.entity, field == trace.field.field else { return }
    self.trace?.sources[row] = .cleared
  }

  /// The identifier of the row begun last gave way to its entry's own identity.
  mutating func noteEntryIdentity(_ field: Int) {
    let row = message.rows.rows.count - 1
    guard let trace, Int(message.rows.rows[row].entity) == trace.field.entity, field == trace.field.field else { return }
    self.trace?.sources[row] = .entryIdentity
  }

  /// A row says a field by what the row begun last says, which is joined to it.
  mutating func noteJoined(_ field: Int32, to first: Int) {
    let number = message.rows.rows.count - 1, row = message.rows.rows[number]
    guard let trace, Int(row.entity) == trace.field.entity, Int(field) == trace.field.field, let source = trace.sources[number] else { return }
    self.trace?.joined[first] = .joined(source, at: CellPlace(mapping: Int(row.mapping), path: Int(row.path), occurrence: Int(row.occurrence)))
  }

  private func chosen(_ rule: RuleCode, assigner: Int) -> CellSource? {
    if rule.source == .nearest { return .nearestRow }
    let choice = choices[Int(rule.beside >= 0 ? rule.beside : rule.field)]
    let isNamed = rule.reading == .identifier && assigner >= 0
    if choice >= 0 { return .path(choice, assigner: isNamed ? Int(rule.paths.count) + assigner : -1) }
    let isValue = message.rows.cell(row: message.rows.rows.count - 1, field: Int(rule.field)).state == .value
    if rule.source == .nodes, isValue { return .entryIdentity }
    return rule.paths.count == 1 ? .path(0, assigner: -1) : nil
  }

  /// Rows were taken out or renamed: their sources follow them.
  mutating func settleSources(kept rows: [Int]) {
    guard let trace else { return }
    var sources: [Int: CellSource] = [:]
    for (new, old) in rows.enumerated() {
      sources[new] = renamed[old]?.field == trace.field.field ? .entryIdentity : trace.joined[old] ?? trace.sources[old]
    }
    self.trace?.sources = sources
  }
}

extension MapProgram {
  /// The same, where the rules of a field always run in full, so that each says which path it took.
  func running(_ traced: TracedField) -> MapProgram {
    var program = self
    for block in blocks where Int(block.entity) == traced.entity {
      for rule in block.rules.indices where Int(rules[rule].field) == traced.field { program.quickRules[rule].kind = .full }
    }
    return program
  }
}
