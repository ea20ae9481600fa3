import Core

extension MapEvaluator {
  /// What a source gave; a value stands in `scratch`.
  enum Reading: Equatable {
    case absent, null, nullFlavor, value
    case failed(FindingCode)
  }

  /// Takes back the row begun last, whose rule could not fill its cell: it is held or skipped, and counted so.
  mutating func giveUp(_ block: Block, _ rule: FieldRule, _ result: CellResult, _ occurrence: Int) {
    message.rows.dropLastRow()
    switch result {
    case .hold(let code): holdRow(block, finding(code, path(of: rule), occurrence), at: rule.field)
    case .skip(let name): skip(block.entity, name)
    case .filled: break
    }
  }

  /// Applies a rule's steps to what was read and fills its cell of the row begun last.
  mutating func fill(_ rule: FieldRule, _ reading: Reading, _ occurrence: Int) -> CellResult {
    var reading = reading
    if reading == .value { reading = apply(rule, occurrence) }
    if case .failed(let code) = reading {
      guard rule.mayBeAbsent else { return .hold(code) }
      note(code, path(of: rule), occurrence)
      reading = .absent
    }
    if reading == .nullFlavor {
      switch rule.nullFlavor {
      case .hold: return .hold(.nullFlavor)
      case .skip: return .skip(rule: "null-flavor")
      case .absent: reading = .absent
      }
    }
    if reading == .value {
      message.rows.set(field: rule.field, to: scratch)
    } else if let fallback = rule.fallback {
      message.rows.set(field: rule.field, to: fallback)
    } else if rule.isRequired {
      return .hold(.requiredMissing)
    } else if reading == .null {
      message.rows.setNull(field: rule.field)
    }
    return .filled
  }

  /// The path that gave the value at hand; the first of the chain where none did.
  func path(of rule: FieldRule) -> String {
    let choice = choices[rule.beside ?? rule.field]
    switch rule.source {
    case .fields(let paths, _) where paths.indices.contains(choice): return paths[choice].text
    case .nodes(let paths, _) where paths.indices.contains(choice): return paths[choice].text
    default: return rule.report
    }
  }

  /// Runs the steps over `scratch`.
  private mutating func apply(_ rule: FieldRule, _ occurrence: Int) -> Reading {
    for transform in rule.transforms {
      let reading = step(transform, rule, occurrence)
      if reading != .value { return reading }
    }
    return scratch.isEmpty ? .absent : .value
  }

  private mutating func step(_ transform: FieldRule.Transform, _ rule: FieldRule, _ occurrence: Int) -> Reading {
    switch transform {
    case .trim: trim()
    case .upper: for index in scratch.indices where (0x61...0x7A).contains(scratch[index]) { scratch[index] -= 0x20 }
    case .lower: for index in scratch.indices where (0x41...0x5A).contains(scratch[index]) { scratch[index] += 0x20 }
    case .split(let separator, let part): return split(separator, part)
    case .date: return clock(rule, occurrence, .dateInvalid)
    case .time: return clock(rule, occurrence, .timeInvalid)
    case .decimal: return number { _ in true }
    case .integer: return number { $0.fraction.isEmpty }
    case .money: return money()
    case .code(let set, let unmapped): return code(set, unmapped, rule, occurrence)
    case .shape(let shape): return fits(shape) ? .value : .failed(.shapeInvalid)
    case .sign(let field): return sign(by: field)
    case .mark(let text): if choices[rule.field] > 0 { scratch.insert(contentsOf: text, at: 0) }
    case .reference: scratch = RowKey.encode([scratch])
    }
    return .value
  }

  mutating func trim() {
    while let last = scratch.last, Self.isBlank(last) { scratch.removeLast() }
    let leading = scratch.prefix(while: Self.isBlank).count
    if leading > 0 { scratch.removeFirst(leading) }
  }

  static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

  private mutating func split(_ separator: [UInt8], _ part: Int) -> Reading {
    var rest = scratch[...]
    for number in 1...part {
      let cut = rest.indices.first { rest[$0...].starts(with: separator) }
      if number == part {
        scratch = Array(rest[..<(cut ?? rest.endIndex)])
        return scratch.isEmpty ? .absent : .value
      }
      guard let cut else { return .absent }
      rest = rest[(cut + separator.count)...]
    }
    return .absent
  }

  /// Dates keep day precision or coarser; times keep what was sent, the feed's zone standing in for a missing offset.
  private mutating func clock(_ rule: FieldRule, _ occurrence: Int, _ failure: FindingCode) -> Reading {
    guard let time = ClinicalTime(scratch, zone: plan.zone) else { return .failed(failure) }
    if failure == .timeInvalid, let doubt = time.doubt { note(doubt == .gap ? .timeInGap : .timeAmbiguous, path(of: rule), occurrence) }
    scratch = Array((failure == .dateInvalid ? time.canonicalDate : time.canonical).utf8)
    return .value
  }

  private mutating func number(_ isLegal: (DecimalNumber) -> Bool) -> Reading {
    guard let number = DecimalNumber(scratch), isLegal(number) else { return .failed(.numberInvalid) }
    scratch = Array(number.description.utf8)
    return .value
  }

  private mutating func money() -> Reading {
    guard let cents = DecimalNumber(scratch)?.hundredths else { return .failed(.moneyInvalid) }
    scratch = Array(Money(cents: cents).description.utf8)
    return .value
  }

  /// A credit is negative, whatever sign it was sent with; everything else stays as it is.
  private mutating func sign(by field: Int) -> Reading {
    let row = message.rows.rows.count - 1
    guard message.rows.value(row: row, field: field).elementsEqual("credit".utf8), scratch.first != UInt8(ascii: "-") else { return .value }
    if scratch.contains(where: { (0x31...0x39).contains($0) }) { scratch.insert(UInt8(ascii: "-"), at: 0) }
    return .value
  }

  private mutating func code(_ set: Int, _ unmapped: FieldRule.Unmapped, _ rule: FieldRule, _ occurrence: Int) -> Reading {
    trim()
    if scratch.isEmpty { return .absent }
    if let target = tables[set][scratch] {
      scratch = target
      return .value
    }
    switch unmapped {
    case .hold: return .failed(.codeUnmapped)
    case .pass: note(.codeUnmapped, path(of: rule), occurrence)
    case .fallback(let value):
      note(.codeUnmapped, path(of: rule), occurrence)
      scratch = value
    }
    return .value
  }

  /// 9 stands for a digit, A for a letter, anything else for itself.
  private func fits(_ shape: [UInt8]) -> Bool {
    shape.count == scratch.count
      && zip(shape, scratch).allSatisfy { wanted, byte in
        switch wanted {
        case UInt8(ascii: "9"): (0x30...0x39).contains(byte)
        case UInt8(ascii: "A"): (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        default: wanted == byte
        }
      }
  }
}
