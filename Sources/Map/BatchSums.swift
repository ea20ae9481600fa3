public import Core

/// What the money of each batch adds up to, held against the sum that its trailer declares (BTS-3).
///
/// - A sum is compared only where every row of its entity came through: a message or row that was held, skipped or merged has money that
///   nobody counted here, and then the sum is not measured.
public struct BatchSums: Sendable {
  private let fields: [MoneyField]
  private var cents = 0
  private var isWhole = true

  public init(plan: MapPlan) {
    var fields: [MoneyField] = []
    for field in plan.compiled.flatMap(\.sums) where !fields.contains(field) { fields.append(field) }
    self.fields = fields
  }

  /// False where no mapping says of what the sum is: then nothing is added up.
  public var isAsked: Bool { !fields.isEmpty }

  /// Takes a message of the batch at hand.
  public mutating func add(_ message: MappedMessage) {
    guard isAsked, isWhole else { return }
    switch message.verdict {
    case .filtered: return
    case .held, .rejected: return isWhole = false
    case .rows: break
    }
    for field in fields {
      if message.heldRows.contains(where: { $0.entity == field.entity }) || message.skipped.contains(where: { $0.entity == field.entity }) { isWhole = false }
      for row in message.rows.rows.indices where message.rows.rows[row].entity == Int32(field.entity) { add(message.rows, row, field.field) }
    }
  }

  private mutating func add(_ rows: RowBuffer, _ row: Int, _ field: Int) {
    guard rows.cell(row: row, field: field).state == .value else { return }
    guard let amount = DecimalNumber(Array(rows.value(row: row, field: field)))?.hundredths else { return isWhole = false }
    let (sum, overflow) = cents.addingReportingOverflow(amount)
    if overflow { isWhole = false } else { cents = sum }
  }

  /// The total of the sum that belongs to a trailer, and a new batch begins; nil where none is asked for or declared.
  public mutating func settle(_ total: BatchTotal) -> BatchTotal? {
    defer { (cents, isWhole) = (0, true) }
    guard isAsked, total.unit == .batch, let declared = total.declaredSum else { return nil }
    return BatchTotal(
      unit: .sum, ordinal: total.ordinal, declared: declared, counted: cents, agrees: isWhole && total.hasHeader ? declared == cents : nil,
      hasTrailer: total.hasTrailer, hasHeader: total.hasHeader)
  }
}
