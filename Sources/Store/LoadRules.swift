public import Core

/// What a site says of fields and numbers, as a load of one feed needs it.
public struct LoadRules: Sendable {
  /// By entity: fields that another feed owns. What this one says of them is not taken.
  public var foreign: [Int: Set<Int>]
  /// By assigner: how its numbers end.
  public var checkDigits: [[UInt8]: CheckDigit]

  public init(foreign: [Int: Set<Int>] = [:], checkDigits: [[UInt8]: CheckDigit] = [:]) { (self.foreign, self.checkDigits) = (foreign, checkDigits) }

  /// False where the assigner of an identifier has check digits and this number does not end with the right one.
  public func holds(_ identifier: [UInt8]) -> Bool {
    guard !checkDigits.isEmpty, let cut = identifier.firstIndex(of: 0x1F), let scheme = checkDigits[Array(identifier[(cut + 1)...])] else { return true }
    return scheme.holds(identifier[..<cut])
  }
}

extension DropLoad {
  /// What a row of a message says, but for what another feed owns: who may say what depends on the files of the site alone, so that any order of
  /// arrival gives the same rows.
  func cells(_ buffer: RowBuffer, _ row: Int) -> [StoredCell] {
    let entity = Int(buffer.rows[row].entity)
    var cells = Self.cells(buffer, row, store.tables[entity])
    for field in rules.foreign[entity] ?? [] where cells.indices.contains(field) { cells[field] = .absent }
    return cells
  }

  /// Tells of numbers that end wrongly, and of words about another feed's fields that are not the owner's.
  func review(_ row: Int, of message: MappedMessage, _ name: SliceView.RowName, _ db: any SQLConnection) throws {
    if rules.checkDigits.isEmpty && rules.foreign[name.entity] == nil { return }
    let table = store.tables[name.entity], said = Self.cells(message.rows, row, table)
    var codes: [FindingCode] = []
    if !rules.checkDigits.isEmpty, zip(table.entity.fields, said).contains(where: { $0.kind == .identifier && !($1.bytes.map(rules.holds) ?? true) }) {
      codes.append(.checkDigitWrong)
    }
    if let foreign = rules.foreign[name.entity], try isConflict(said, foreign, name, table, db) { codes.append(.fieldConflict) }
    for code in codes { try note(Finding(code, at: position(of: message.rows.rows[row])), ordinal: message.ordinal, entity: table.entity.name, db) }
  }

  private func isConflict(_ said: [StoredCell], _ foreign: Set<Int>, _ name: SliceView.RowName, _ table: EntityTable, _ db: any SQLConnection) throws -> Bool {
    let stated = foreign.filter { said[$0].bytes != nil }
    guard !stated.isEmpty, let known = try find(name, db) else { return false }
    let held = try current(known, table, db), current = try held.isWhole ? held.cells : whole(known, table, db).cells
    return stated.contains { current[$0].bytes != nil && current[$0] != said[$0] }
  }
}
