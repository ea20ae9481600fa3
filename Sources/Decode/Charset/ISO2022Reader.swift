import Core

/// Reads a line-based text whose character sets are switched by ISO 2022 escape sequences, or by their spelling in HL7: `\Cxxyy\` and
/// `\Mxxyyzz\` (HL7 v2.5.1, 2.7.1 and 2.14.9.18).
///
/// A line begins with ASCII below 0x80 and the first set above it. Only sets that were declared can be switched to: a switch by ESC to any
/// other is a misfit, because what follows it cannot be read; one that HL7 spells is kept as it came.
struct ISO2022Reader {
  /// What 0x21 to 0x7E mean.
  enum Lower { case ascii, katakana, jisX0208, jisX0212 }

  /// What 0x80 to 0xFF mean.
  enum Upper { case nothing, utf8, korean, single([UInt16]) }

  private let first: Upper
  private let sets: Set<Charset>
  private let escape: UInt8

  /// - Parameters: `first` is the set that a line begins with, `others` are those that can be switched to besides; `escape` is the
  ///   message's escape character, 0 where it has none.
  init(first: Charset, others: [Charset], escape: UInt8 = 0) {
    self.first = Self.upper(first)
    sets = Set([first] + others)
    self.escape = escape
  }

  private static func upper(_ charset: Charset) -> Upper {
    switch charset {
    case .utf8: .utf8
    case .ksX1001: .korean
    default: charset.upperHalf.map(Upper.single) ?? .nothing
    }
  }

  /// The text as UTF-8, or where it cannot be read.
  func read(_ bytes: [UInt8]) -> Result<[UInt8], Misfit> {
    var state = State(upper: first)
    state.out.reserveCapacity(bytes.count + bytes.count / 2)
    var at = 0
    while at < bytes.count {
      let length = step(bytes, at, &state)
      guard length > 0 else { return .failure(Misfit(index: at)) }
      at += length
    }
    return .success(state.out)
  }

  private struct State {
    var lower = Lower.ascii
    var upper: Upper
    /// The lower set was switched to in HL7's spelling, and is left in the same way.
    var isSpelled = false
    var out: [UInt8] = []
  }

  /// Reads what begins here; the number of bytes that it takes, or 0 where it cannot be read.
  private func step(_ bytes: [UInt8], _ at: Int, _ state: inout State) -> Int {
    let byte = bytes[at]
    if byte == 0x0D { (state.lower, state.upper, state.isSpelled) = (.ascii, first, false) }
    if byte == 0x1B { return raw(bytes, at, &state) }
    let isText = state.lower != .ascii && !state.isSpelled
    if byte == escape, escape != 0, !isText, let length = spelled(bytes, at, &state) { return length }
    if byte >= 0x80 { return above(bytes, at, &state) }
    guard state.lower != .ascii, byte > 0x20, byte < 0x7F else {
      state.out.append(byte)
      return 1
    }
    return below(bytes, at, &state)
  }

  private func below(_ bytes: [UInt8], _ at: Int, _ state: inout State) -> Int {
    if state.lower == .katakana {
      guard bytes[at] < 0x60 else { return 0 }
      state.out.appendUTF8(UInt32(bytes[at]) + 0xFF40)
      return 1
    }
    guard at + 1 < bytes.count else { return 0 }
    let table = state.lower == .jisX0208 ? DoubleByteTable.jisX0208 : .jisX0212
    let scalar = table.scalar(row: Int(bytes[at]) - 0x21, column: Int(bytes[at + 1]) - 0x21)
    guard scalar != 0 else { return 0 }
    state.out.appendUTF8(scalar)
    return 2
  }

  private func above(_ bytes: [UInt8], _ at: Int, _ state: inout State) -> Int {
    switch state.upper {
    case .nothing: return 0
    case .utf8:
      let length = UTF8Check.sequenceLength(bytes, at)
      state.out += bytes[at..<at + length]
      return length
    case .korean:
      guard let (scalar, length) = DoubleByteReader(.ksX1001).character(bytes, at) else { return 0 }
      state.out.appendUTF8(scalar)
      return length
    case .single(let table):
      let scalar = table[Int(bytes[at]) - 0x80]
      guard scalar != 0 else { return 0 }
      state.out.appendUTF8(UInt32(scalar))
      return 1
    }
  }
}

// MARK: - Switches

extension ISO2022Reader {
  private enum Switch {
    case lower(Lower)
    case upper(Upper)
  }

  /// ESC, intermediate bytes (0x20 to 0x2F), a final byte. An ESC that begins no sequence is a character like any other.
  private func raw(_ bytes: [UInt8], _ at: Int, _ state: inout State) -> Int {
    let middle = bytes[(at + 1)...].prefix(3).prefix { $0 >= 0x20 && $0 < 0x30 }
    guard !middle.isEmpty else {
      state.out.append(0x1B)
      return 1
    }
    guard middle.endIndex < bytes.count, let found = designation(Array(bytes[(at + 1)...middle.endIndex])) else { return 0 }
    take(found, &state, isSpelled: false)
    return middle.count + 2
  }

  /// The length of a switch in HL7's spelling that stands here and names a set that was declared, or nil.
  private func spelled(_ bytes: [UInt8], _ at: Int, _ state: inout State) -> Int? {
    guard at + 1 < bytes.count else { return nil }
    let counts: [Int] = bytes[at + 1] == UInt8(ascii: "C") ? [4] : bytes[at + 1] == UInt8(ascii: "M") ? [4, 6] : []
    for count in counts where at + 2 + count < bytes.count && bytes[at + 2 + count] == escape {
      let digits = String(decoding: bytes[(at + 2)..<(at + 2 + count)], as: UTF8.self)
      guard let sequence = Hex.bytes(digits), let found = designation(sequence) else { return nil }
      take(found, &state, isSpelled: true)
      return count + 3
    }
    return nil
  }

  private func take(_ found: Switch, _ state: inout State, isSpelled: Bool) {
    switch found {
    case .upper(let upper): state.upper = upper
    case .lower(let lower):
      state.lower = lower
      state.isSpelled = isSpelled && lower != .ascii
    }
  }

  /// What a sequence without its ESC switches to (ISO/IEC 2022 and the international register); nil where that was not declared.
  private func designation(_ sequence: [UInt8]) -> Switch? {
    switch String(decoding: sequence, as: UTF8.self) {
    case "(B", "(J": .lower(.ascii)
    case "(I" where sets.contains(.jisX0201): .lower(.katakana)
    case ")I" where sets.contains(.jisX0201): .upper(Self.upper(.jisX0201))
    case "$B" where sets.contains(.jisX0208), "$(B" where sets.contains(.jisX0208): .lower(.jisX0208)
    case "$(D" where sets.contains(.jisX0212): .lower(.jisX0212)
    case "$)C" where sets.contains(.ksX1001): .upper(.korean)
    case let other: Self.registered[other].flatMap { sets.contains($0) ? .upper(Self.upper($0)) : nil }
    }
  }

  /// The right halves of ISO 8859.
  private static let registered: [String: Charset] = [
    "-A": .latin1, "-B": .latin2, "-C": .latin3, "-D": .latin4, "-F": .greek, "-G": .arabic, "-H": .hebrew, "-L": .cyrillic, "-M": .latin5, "-b": .latin9,
  ]
}
