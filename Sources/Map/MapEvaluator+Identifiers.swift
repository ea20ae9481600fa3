import Core

/// Identifiers: value, 0x1F, assigner, all from one repetition or from what stands in for the assigner.
extension MapEvaluator {
  /// An identifier without an assigner is none (`REQUIRED-MISSING`), nor is a word that says that there is none; one that holds control characters is none either (`SHAPE-INVALID`): the
  /// sign between value and assigner is one of them.
  mutating func identifier(_ rest: Piece, _ number: Int, _ rule: RuleCode, _ table: SegmentTable, _ place: SegmentPlace) -> Reading {
    let start = message.rows.bytes.count
    let reading = plainIdentifier(rest, number, rule, table, place)
    guard case .value = reading else { return reading }
    let cut = message.rows.bytes[start...].firstIndex(of: 0x1F) ?? start
    if NoIdentifier.holds(message.rows.bytes[start..<cut]) {
      message.rows.truncate(to: start)
      return .failed(.requiredMissing)
    }
    guard message.rows.bytes[start...].count(where: { $0 < 0x20 || $0 == 0x7F }) > 1 else { return reading }
    message.rows.truncate(to: start)
    return .failed(.shapeInvalid)
  }

  private mutating func plainIdentifier(_ rest: Piece, _ number: Int, _ rule: RuleCode, _ table: SegmentTable, _ place: SegmentPlace) -> Reading {
    let path = program.paths[number]
    let id = trimmed(idValue(rest, number, path, table), table)
    switch id {
    case .piece(let piece): append(table.bytes.span, piece)
    case .value: break
    case .null: return .null
    case .absent, .nullFlavor, .failed: return .absent
    }
    guard path.parts.isEmpty || appendParts(path.parts, table, place) else { return .absent }
    message.rows.bytes.append(0x1F)
    if trace != nil { trace?.assigner = -1 }
    if appendOwnAssigner(rest, number, path, table) { return .value }
    let start = message.rows.bytes.count, whole = tail
    defer { tail = whole }
    for other in rule.otherwise.indices {
      tail = start
      guard appendAssigner(readScalar(other, table, place), table, from: start) else { continue }
      if trace != nil { trace?.assigner = other - rule.otherwise.indices.lowerBound }
      return .value
    }
    guard rule.orFeed, !plan.feedAssigner.isEmpty else { return .failed(.requiredMissing) }
    message.rows.bytes += plan.feedAssigner
    return .value
  }

  private mutating func idValue(_ rest: Piece, _ number: Int, _ path: PathCode, _ table: SegmentTable) -> Reading {
    guard table.part(rest, 1, 1).isEmpty else { return value(table.part(rest, 1, 1), table, number) }
    switch path.form {
    case .pair: return value(table.part(rest, 2, 1), table, number)
    case .entity where Self.isUniversal(rest, table): return value(table.part(rest, 3, 1), table, number)
    case .entity, .extended, .person, .license: return .absent
    }
  }

  /// An entity identifier of which nothing but the universal id was sent, as `^^98765` in TXA-12: that is the number, and who gave it out is not said.
  private static func isUniversal(_ rest: Piece, _ table: SegmentTable) -> Bool {
    table.part(rest, 1, 1).isEmpty && table.part(rest, 2, 1).isEmpty && table.part(rest, 4, 1).isEmpty
  }

  private mutating func appendOwnAssigner(_ rest: Piece, _ number: Int, _ path: PathCode, _ table: SegmentTable) -> Bool {
    switch path.form {
    case .extended: return appendAuthority(rest, number, table)
    case .entity where Self.isUniversal(rest, table): return false
    case .entity: return appendAssigner([table.part(rest, 2, 1), table.part(rest, 3, 1)], number, table)
    case .pair:
      let half: Int32 = table.part(rest, 1, 1).isEmpty ? 2 : 1
      return appendAssigner([table.part(rest, half, 2), table.part(rest, half, 3)], number, table)
    case .license: return appendRegister(rest, number, table)
    case .person:
      if Self.isNationalNumber(rest, table) {
        message.rows.bytes += Self.nationalRegister
        return true
      }
      return appendAssigner([table.part(rest, 9, 1), table.part(rest, 9, 2)], number, table)
    }
  }

  /// CX.4: the name, else the universal id. A name that says the kind of the number names nobody.
  private mutating func appendAuthority(_ rest: Piece, _ number: Int, _ table: SegmentTable) -> Bool {
    let name = table.part(rest, 4, 1), universal = table.part(rest, 4, 2)
    guard NumberKind.holds(name, table) else { return appendAssigner([name, universal], number, table) }
    noteOnce(.assignerUnnamed, program.pathTexts[number])
    return appendAssigner([universal], number, table)
  }

  /// The kind of number, and the state behind a dash: licenses of two states are two people's.
  private mutating func appendRegister(_ rest: Piece, _ number: Int, _ table: SegmentTable) -> Bool {
    if table.equals(table.part(rest, 2, 1), "NPI".utf8) {
      message.rows.bytes += Self.nationalRegister
      return true
    }
    guard appendAssigner([table.part(rest, 2, 1)], number, table) else { return false }
    let start = message.rows.bytes.count
    message.rows.bytes.append(UInt8(ascii: "-"))
    if !appendAssigner([table.part(rest, 3, 1)], number, table) { message.rows.truncate(to: start) }
    return true
  }

  /// The National Provider Identifier (45 CFR 162.406), which the same person has everywhere, by its identifier type, assigning authority or, as until
  /// version 2.2, source table.
  private static func isNationalNumber(_ rest: Piece, _ table: SegmentTable) -> Bool {
    table.equals(table.part(rest, 13, 1), "NPI".utf8) || table.equals(table.part(rest, 9, 1), "NPI".utf8)
      || table.equals(table.part(rest, 9, 2), nationalRegister) || table.equals(table.part(rest, 8, 1), "NPI".utf8)
  }

  private static let nationalRegister = Array("2.16.840.1.113883.4.6".utf8)

  /// The first of the parts that has a value, as the assigner.
  private mutating func appendAssigner(_ parts: [Piece], _ number: Int, _ table: SegmentTable) -> Bool {
    let start = message.rows.bytes.count
    for part in parts where appendAssigner(value(part, table, number), table, from: start) { return true }
    return false
  }

  /// Takes what was read as the assigner, blanks around it cut; false where nothing was.
  private mutating func appendAssigner(_ reading: Reading, _ table: SegmentTable, from start: Int) -> Bool {
    switch reading {
    case .piece(let piece): append(table.bytes.span, Piece(table.bytes.span.trimmed(piece.range)))
    case .value: trimTail(from: start)
    case .absent, .null, .nullFlavor, .failed:
      message.rows.truncate(to: start)
      return false
    }
    return message.rows.bytes.count > start
  }

  // MARK: Identifiers that go on

  /// Appends `#` and each value; a part that was not sent is empty, so that the others keep their places. False where the first has none:
  /// then nothing tells the statement from others of its kind.
  mutating func appendParts(_ parts: MapProgram.Run, _ table: SegmentTable, _ place: SegmentPlace) -> Bool {
    let whole = tail
    defer { tail = whole }
    for part in parts.indices {
      message.rows.bytes.append(UInt8(ascii: "#"))
      tail = message.rows.bytes.count
      switch readScalar(part, table, place) {
      case .piece(let piece): append(table.bytes.span, piece)
      case .value: break
      case .absent, .null, .nullFlavor, .failed:
        message.rows.truncate(to: tail)
        if part == parts.indices.lowerBound { return false }
      }
      escapePart(from: tail)
    }
    return true
  }

  /// `#` and `\\` in a value are not those between values.
  private mutating func escapePart(from start: Int) {
    guard message.rows.bytes[start...].contains(where: { $0 == UInt8(ascii: "#") || $0 == UInt8(ascii: "\\") }) else { return }
    let value = Array(message.rows.bytes[start...])
    message.rows.truncate(to: start)
    for byte in value {
      if byte == UInt8(ascii: "#") || byte == UInt8(ascii: "\\") { message.rows.bytes.append(UInt8(ascii: "\\")) }
      message.rows.bytes.append(byte)
    }
  }
}
