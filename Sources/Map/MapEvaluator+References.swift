import Core

extension MapEvaluator {
  /// From the identifier at the end of the row buffer to the key of the row that it names, encoded as `RowKey` does. What else the key
  /// asks for are the nearest rows; where there is none, nobody can say which row is meant.
  mutating func reference(_ step: StepCode) -> Reading {
    let value = Array(message.rows.bytes[tail...])
    message.rows.truncate(to: tail)
    for part in step.text.indices {
      let entity = program.keyParts[part]
      if entity < 0 {
        appendKeyPart(value[...])
      } else if let key = ownKey(entity) {
        appendKeyPart(key[...])
      } else {
        guard let key = nearestKey(entity, rowPosition) else {
          message.rows.truncate(to: tail)
          return .failed(.requiredMissing)
        }
        appendKeyPart(aside[key])
      }
    }
    return .value
  }

  /// The patient of a resource's row stands in the row itself: no other resource is in reach.
  private mutating func ownKey(_ entity: Int32) -> [UInt8]? {
    guard plan.format == .fhir else { return nil }
    let row = message.rows.rows.count - 1
    let own = plan.dictionary.entities[Int(message.rows.rows[row].entity)], wanted = plan.dictionary.entities[Int(entity)].name
    for field in own.keyFields where own.fields[field].kind == .reference(entity: wanted) {
      if message.rows.cell(row: row, field: field).state == .value { return Array(message.rows.value(row: row, field: field)) }
    }
    return nil
  }

  private mutating func appendKeyPart(_ bytes: ArraySlice<UInt8>) {
    let count = UInt32(bytes.count)
    for shift in [UInt32(24), 16, 8, 0] { message.rows.bytes.append(UInt8(truncatingIfNeeded: count >> shift)) }
    message.rows.bytes += bytes
  }

  // MARK: Attachments

  /// The field and the number of its segment among those of its name, as the ledger names the attachment; absent where none was sealed.
  mutating func attachment(_ segment: Int, _ table: SegmentTable, _ path: Int) -> Reading {
    guard table.isDetached(segment) else { return .absent }
    // The ledger names the field alone: `OBX-5`, not `its OBX-5`.
    message.rows.bytes += program.pathTexts[path].split(separator: " ").last.map { Array($0.utf8) } ?? []
    message.rows.bytes.append(UInt8(ascii: "#"))
    return ordinal(segment, table)
  }

  /// Which of the segments of its name in the message it is, from 1.
  mutating func ordinal(_ segment: Int, _ table: SegmentTable) -> Reading {
    var number = 0
    for index in 0...segment where table.segments[index].name == table.segments[segment].name { number += 1 }
    message.rows.bytes += String(number).utf8
    return .value
  }
}
