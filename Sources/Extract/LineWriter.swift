import Core

/// Makes a candidate row into its line, its place in the order, or the reason why it is withheld. Pure.
struct LineWriter {
  enum Outcome: Equatable {
    case line(bytes: [UInt8], sortKey: [UInt8], cents: Int)
    case withheld(reason: String, cents: Int)
  }

  let plan: ExtractPlan

  /// `cells` are the values of `plan.fields`, nil where the field has none.
  func outcome(_ cells: [[UInt8]?]) throws(ExtractError) -> Outcome {
    let cents = try amount(cells)
    if let missing = plan.required.first(where: { isMissing(cells[$0.field]) }) { return .withheld(reason: missing.reason, cents: cents) }
    var values: [[UInt8]] = []
    for column in plan.columns { values += try texts(column, cells[column.field]) }
    return .line(bytes: MachineCSV.line(values), sortKey: SortKey.encode(plan.order.map { cells[$0] ?? [] }), cents: cents)
  }

  /// An identifier without its value is missing, whatever its assigner.
  private func isMissing(_ cell: [UInt8]?) -> Bool { cell?.first.map { $0 == 0x1F } ?? true }

  private func amount(_ cells: [[UInt8]?]) throws(ExtractError) -> Int {
    guard let field = plan.sum, let cell = cells[field], !cell.isEmpty else { return 0 }
    guard let cents = DecimalNumber(cell)?.hundredths else { throw .notAnAmount(field: plan.fields[field]) }
    return cents
  }

  private func texts(_ column: ExtractPlan.Column, _ cell: [UInt8]?) throws(ExtractError) -> [[UInt8]] {
    guard let cell, !cell.isEmpty else { return column.form == .plain ? [[]] : [[], []] }
    switch column.form {
    case .plain: return [cell]
    case .identifier: return Self.halves(cell)
    case .reference(let part):
      guard let parts = RowKey.parts(cell), parts.indices.contains(part) else { throw .notCanonical(field: plan.fields[column.field]) }
      return Self.halves(parts[part])
    }
  }

  private static func halves(_ identifier: [UInt8]) -> [[UInt8]] {
    guard let cut = identifier.firstIndex(of: 0x1F) else { return [identifier, []] }
    return [Array(identifier[..<cut]), Array(identifier[(cut + 1)...])]
  }
}

/// Parts joined so that the order of the whole is the order of the parts: 0x00 becomes 0x00 0xFF, and 0x00 0x00 ends a part.
enum SortKey {
  static func encode(_ parts: [[UInt8]]) -> [UInt8] {
    var out: [UInt8] = []
    for part in parts {
      for byte in part {
        out.append(byte)
        if byte == 0 { out.append(0xFF) }
      }
      out += [0, 0]
    }
    return out
  }

  /// What follows `count` parts.
  static func payload(of record: ArraySlice<UInt8>, after count: Int) -> ArraySlice<UInt8> {
    var at = record.startIndex
    var left = count
    while left > 0, at + 1 < record.endIndex {
      if record[at] == 0 {
        if record[at + 1] == 0 { left -= 1 }
        at += 2
      } else {
        at += 1
      }
    }
    return record[at...]
  }
}
