import Core

extension MapEvaluator {
  /// What a source gave.
  enum Reading: Equatable {
    case absent, null, nullFlavor
    /// The bytes of the row buffer from `tail` on.
    case value
    /// A piece of the source, which needs no unescaping.
    case piece(Piece)
    case failed(FindingCode)

    var isValue: Bool {
      switch self {
      case .value, .piece: true
      case .absent, .null, .nullFlavor, .failed: false
      }
    }
  }

  /// Applies a rule's steps to what was read and fills its cell of the row begun last.
  ///
  /// - source: what a `piece` is a piece of.
  mutating func fill(_ rule: RuleCode, _ reading: Reading, _ source: Span<UInt8>, _ occurrence: Int) -> CellResult {
    let reading = reading.isValue ? apply(rule, reading, source, occurrence) : reading
    switch reading {
    case .piece(let piece): append(source, piece)
    case .value: break
    case .absent, .null, .nullFlavor, .failed: return fillEmpty(rule, reading, occurrence)
    }
    message.rows.commit(field: rule.field, from: tail)
    if trace != nil { noteSource(rule, isFallback: false) }
    return .filled
  }

  private mutating func fillEmpty(_ rule: RuleCode, _ reading: Reading, _ occurrence: Int) -> CellResult {
    message.rows.truncate(to: tail)
    if case .failed(let code) = reading {
      guard rule.mayBeAbsent else { return .hold(code) }
      note(code, path(of: rule), occurrence)
    } else if case .nullFlavor = reading, rule.nullFlavor != .absent {
      return rule.nullFlavor == .hold ? .hold(.nullFlavor) : .skipNullFlavor
    }
    if rule.fallback.count >= 0 {
      message.rows.bytes += program.constants[rule.fallback.indices]
      message.rows.commit(field: rule.field, from: tail)
      if trace != nil { noteSource(rule, isFallback: true) }
    } else if rule.isRequired {
      return .hold(.requiredMissing)
    } else if case .null = reading {
      message.rows.append(RowBuffer.Cell(field: rule.field, state: .null, start: Int32(tail), count: 0))
      if trace != nil { noteSource(rule, isFallback: false) }
    }
    return .filled
  }

  /// Copies a piece to the end of the row buffer.
  mutating func append(_ source: Span<UInt8>, _ piece: Piece) {
    let lower = Int(piece.lower), upper = Int(piece.upper)
    message.rows.bytes.append(addingCapacity: upper - lower) { out in
      for at in lower..<upper { out.append(source[at]) }
    }
  }

  static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

  // MARK: Steps

  /// Runs the steps over the value at hand.
  private mutating func apply(_ rule: RuleCode, _ first: Reading, _ source: Span<UInt8>, _ occurrence: Int) -> Reading {
    var reading = first
    for step in rule.steps.indices {
      switch reading {
      case .piece(let piece): reading = convert(program.steps[step], rule, source, piece.range, occurrence)
      case .value: reading = convertTail(program.steps[step], rule, occurrence)
      case .absent, .null, .nullFlavor, .failed: return reading
      }
    }
    switch reading {
    case .piece(let piece): return piece.isEmpty ? .absent : reading
    case .value: return message.rows.bytes.count == tail ? .absent : reading
    case .absent, .null, .nullFlavor, .failed: return reading
    }
  }

  /// One step over a piece of the source.
  private mutating func convert(_ step: StepCode, _ rule: RuleCode, _ source: Span<UInt8>, _ range: Range<Int>, _ occurrence: Int) -> Reading {
    switch step.kind {
    case .trim: return .piece(Piece(source.trimmed(range)))
    case .split: return split(source, range, step).map { .piece(Piece($0)) } ?? .absent
    case .shape: return fits(source, range, step.text) ? .piece(Piece(range)) : .failed(.shapeInvalid)
    case .date, .time: return finish(ClinicalTime(source, range), step, rule, occurrence)
    case .decimal, .integer:
      guard let form = DecimalForm(source, range), step.kind == .decimal || form.fraction.isEmpty else { return .failed(.numberInvalid) }
      form.append(source, to: &message.rows.bytes)
      return .value
    case .money: return money(DecimalForm(source, range)?.hundredths(source))
    case .picture: return pictured(step, source, range)
    case .code:
      let value = source.trimmed(range)
      if value.isEmpty { return .absent }
      let entry = tables[Int(step.number)].entry(of: source, value)
      if entry == nil { noteUnmapped(step, rule, source, value) }
      let result = code(step, rule, entry, occurrence)
      return result == .absent ? .piece(Piece(value)) : result
    case .unit: return unit(step, rule, source, range, occurrence)
    case .except: return isExcepted(source, source.trimmed(range), step) ? .absent : .piece(Piece(range))
    case .upper, .lower, .sign, .mark, .reference:
      append(source, Piece(range))
      return convertTail(step, rule, occurrence)
    }
  }

  /// One step over the end of the row buffer, in place.
  private mutating func convertTail(_ step: StepCode, _ rule: RuleCode, _ occurrence: Int) -> Reading {
    let range = tail..<message.rows.bytes.count
    switch step.kind {
    case .upper: change(0x61...0x7A, by: 0 &- 0x20)
    case .lower: change(0x41...0x5A, by: 0x20)
    case .sign: sign(by: Int(step.number))
    case .mark: if choices[Int(rule.beside < 0 ? rule.field : rule.beside)] > 0 { message.rows.bytes.insert(contentsOf: program.constants[step.text.indices], at: tail) }
    case .reference: return reference(step)
    case .trim: trimTail()
    case .date, .time: return finish(ClinicalTime(message.rows.bytes.span, range), step, rule, occurrence)
    case .money: return money(DecimalForm(message.rows.bytes.span, range)?.hundredths(message.rows.bytes.span))
    case .code:
      trimTail()
      let value = tail..<message.rows.bytes.count
      if value.isEmpty { return .absent }
      let entry = tables[Int(step.number)].entry(of: message.rows.bytes.span, value)
      if entry == nil { unmapped.note(set: step.number, rule: rule.number, message.rows.bytes[value]) }
      let result = code(step, rule, entry, occurrence)
      return result == .absent ? .value : result
    case .split, .shape, .decimal, .integer, .unit, .picture, .except: return convertAside(step, rule, occurrence)
    }
    return .value
  }

  /// The same with the value put aside, for steps that cannot work in place.
  private mutating func convertAside(_ step: StepCode, _ rule: RuleCode, _ occurrence: Int) -> Reading {
    let value = Array(message.rows.bytes[tail...])
    message.rows.truncate(to: tail)
    let result = convert(step, rule, value.span, 0..<value.count, occurrence)
    guard case .piece(let piece) = result else { return result }
    append(value.span, piece)
    return .value
  }

  private mutating func change(_ letters: ClosedRange<UInt8>, by distance: UInt8) {
    for at in tail..<message.rows.bytes.count where letters.contains(message.rows.bytes[at]) { message.rows.bytes[at] &+= distance }
  }

  /// Cuts blanks off the ends of the value in the row buffer.
  mutating func trimTail() { trimTail(from: tail) }

  mutating func trimTail(from start: Int) {
    let count = message.rows.bytes.count
    let kept = message.rows.bytes.span.trimmed(start..<count)
    if kept.upperBound < count { message.rows.truncate(to: kept.upperBound) }
    if kept.lowerBound > start { message.rows.bytes.removeSubrange(start..<kept.lowerBound) }
  }

  /// The part of a value that a separator cuts, part 0 the last one; nil where it has no such part or the part is empty.
  private mutating func split(_ source: Span<UInt8>, _ range: Range<Int>, _ step: StepCode) -> Range<Int>? {
    var start = range.lowerBound
    while step.number == 0, let cut = find(step.text, source, start..<range.upperBound) { start = cut + Int(step.text.count) }
    for _ in 1..<max(step.number, 1) {
      guard let cut = find(step.text, source, start..<range.upperBound) else { return nil }
      start = cut + Int(step.text.count)
    }
    let part = start..<(find(step.text, source, start..<range.upperBound) ?? range.upperBound)
    return part.isEmpty ? nil : part
  }

  /// True where the value is the text that stands for none.
  private mutating func isExcepted(_ source: Span<UInt8>, _ range: Range<Int>, _ step: StepCode) -> Bool {
    range.count == Int(step.text.count) && zip(step.text.indices, range).allSatisfy { program.constants[$0] == source[$1] }
  }

  private mutating func find(_ text: MapProgram.Run, _ source: Span<UInt8>, _ range: Range<Int>) -> Int? {
    guard range.count >= Int(text.count) else { return nil }
    for at in range.lowerBound...(range.upperBound - Int(text.count)) {
      if text.indices.allSatisfy({ program.constants[$0] == source[at + $0 - Int(text.first)] }) { return at }
    }
    return nil
  }

  /// Dates keep day precision or coarser; times keep what was sent, the feed's zone standing in for a missing offset.
  private mutating func finish(_ time: ClinicalTime?, _ step: StepCode, _ rule: RuleCode, _ occurrence: Int) -> Reading {
    guard var time else { return .failed(step.kind == .date ? .dateInvalid : .timeInvalid) }
    message.rows.truncate(to: tail)
    guard step.kind == .time else {
      time.appendDate(to: &message.rows.bytes)
      return .value
    }
    settleZone(&time)
    if let doubt = time.doubt { note(doubt == .gap ? .timeInGap : .timeAmbiguous, path(of: rule), occurrence) }
    if time.isOffsetShort { note(.timeOffsetShort, path(of: rule), occurrence) }
    time.append(to: &message.rows.bytes)
    return .value
  }

  private mutating func money(_ cents: Int?) -> Reading {
    guard let cents else { return .failed(.moneyInvalid) }
    message.rows.truncate(to: tail)
    Money(cents: cents).append(to: &message.rows.bytes)
    return .value
  }

  /// A credit is negative, whatever sign it was sent with; everything else stays as it is.
  private mutating func sign(by field: Int) {
    guard message.rows.value(row: message.rows.rows.count - 1, field: field).elementsEqual("credit".utf8) else { return }
    let value = message.rows.bytes[tail...]
    guard value.first != UInt8(ascii: "-"), value.contains(where: { (0x31...0x39).contains($0) }) else { return }
    message.rows.bytes.insert(UInt8(ascii: "-"), at: tail)
  }

  /// Apart, because codes that their set does not hold are rare.
  @inline(never)
  private mutating func noteUnmapped(_ step: StepCode, _ rule: RuleCode, _ source: Span<UInt8>, _ range: Range<Int>) {
    var value: [UInt8] = []
    for at in range { value.append(source[at]) }
    unmapped.note(set: step.number, rule: rule.number, value[...])
  }

  /// What a code becomes; absent where it stays as it came.
  private mutating func code(_ step: StepCode, _ rule: RuleCode, _ entry: Int?, _ occurrence: Int) -> Reading {
    if let entry {
      message.rows.truncate(to: tail)
      tables[Int(step.number)].appendTarget(entry, to: &message.rows.bytes)
      return .value
    }
    if step.unmapped == .hold { return .failed(.codeUnmapped) }
    note(.codeUnmapped, path(of: rule), occurrence)
    guard step.unmapped == .fallback else { return .absent }
    message.rows.truncate(to: tail)
    message.rows.bytes += program.constants[step.text.indices]
    return .value
  }

  /// 9 stands for a digit, A for a letter, anything else for itself.
  private mutating func fits(_ source: Span<UInt8>, _ range: Range<Int>, _ shape: MapProgram.Run) -> Bool {
    guard range.count == Int(shape.count) else { return false }
    return zip(shape.indices, range).allSatisfy { wanted, at in
      let byte = source[at]
      switch program.constants[wanted] {
      case UInt8(ascii: "9"): return (0x30...0x39).contains(byte)
      case UInt8(ascii: "A"): return (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
      default: return program.constants[wanted] == byte
      }
    }
  }
}
