import Core

extension MapProgram {
  /// Lowers what decides of whole rows.
  mutating func addGuards(_ block: Block, _ code: inout BlockCode) {
    code.whens = Run(first: Int32(holds.count), count: Int32(block.whens.count))
    for when in block.whens {
      guard case .field(let path) = when.path else {
        code.whens.count = 0
        break
      }
      var values = when.values.map { HoldValue(text: constant($0)) }
      if when.allowsAbsent { values.append(HoldValue(text: Run(first: 0, count: -1))) }
      if when.allowsPresent { values.append(HoldValue(text: Run(first: 0, count: -2))) }
      append(path, values)
    }
    let first = Int32(holdValues.count)
    holdValues += block.events.map { HoldValue(text: constant($0.value), action: $0.action) }
    code.events = Run(first: first, count: Int32(block.events.count))
    code.status = Run(first: Int32(holds.count), count: Int32(block.statuses.count))
    for status in block.statuses { append(status.path, status.actions.map { HoldValue(text: constant($0.value), action: $0.action) }) }
    let cleared = block.clears.flatMap { clear in clear.fields.map { (event: clear.event, field: $0) } }
    code.clears = Run(first: Int32(clears.count), count: Int32(cleared.count))
    clears += cleared.map { ClearCode(event: constant($0.event), field: Int32($0.field)) }
  }

  private mutating func append(_ path: HL7Path, _ values: [HoldValue]) {
    holdValues += values
    holds.append(HoldCode(path: add([path]).first, values: Run(first: Int32(holdValues.count - values.count), count: Int32(values.count))))
  }
}
