/// How the last character of a number is worked out from those before it, so that most slips of a finger show.
///
/// The names are those of HL7 table 0061, in lower case; `npi` is the national register of providers, `isbt` the character of a donation's number.
public enum CheckDigit: String, Sendable, CaseIterable {
  /// HL7 v2, Mod 10: digits doubled in turn from the right (ISO/IEC 7812-1, annex B).
  case m10
  /// HL7 v2, Mod 11: weights 2 to 7 in turn from the right.
  case m11
  /// ISO/IEC 7064, MOD 37-2, over digits, capitals and `*`.
  case isbt
  /// Mod 10 over ten digits with 80840 before them (45 CFR 162.406).
  case npi

  /// True where the number ends as it has to. Dashes and blanks are no part of it; a number with other characters than its scheme has does not hold.
  public func holds(_ number: some Sequence<UInt8>) -> Bool {
    let characters = number.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: " ") }
    guard characters.count > 1, let last = characters.last else { return false }
    let body = characters.dropLast()
    switch self {
    case .m10: return Self.digits(body).map { Self.mod10($0) == Self.value(last) } ?? false
    case .m11: return Self.digits(body).map { Self.mod11($0) == Self.value(last) } ?? false
    case .isbt: return Self.mod37(body).map { $0 == Self.value(last) } ?? false
    case .npi: return characters.count == 10 && Self.digits(body).map { Self.mod10([8, 0, 8, 4, 0] + $0) == Self.value(last) } ?? false
    }
  }

  private static func mod10(_ digits: [Int]) -> Int {
    let sum = digits.reversed().enumerated().reduce(0) { sum, entry in
      let doubled = entry.element * 2
      return sum + (entry.offset % 2 == 1 ? entry.element : doubled > 9 ? doubled - 9 : doubled)
    }
    return (10 - sum % 10) % 10
  }

  private static func mod11(_ digits: [Int]) -> Int {
    let rest = digits.reversed().enumerated().reduce(0) { $0 + $1.element * ($1.offset % 6 + 2) } % 11
    return (11 - max(rest, 1)) % 10
  }

  private static func mod37(_ body: some Sequence<UInt8>) -> Int? {
    var sum = 0
    for character in body {
      guard let value = value(character) else { return nil }
      sum = (sum + value) * 2 % 37
    }
    return (38 - sum) % 37
  }

  private static func digits(_ body: some Sequence<UInt8>) -> [Int]? {
    var digits: [Int] = []
    for character in body {
      guard let value = value(character), value < 10 else { return nil }
      digits.append(value)
    }
    return digits
  }

  /// 0 to 9, A to Z as 10 to 35, `*` as 36.
  private static func value(_ character: UInt8) -> Int? {
    switch character {
    case 0x30...0x39: Int(character) - 0x30
    case 0x41...0x5A: Int(character) - 0x41 + 10
    case UInt8(ascii: "*"): 36
    default: nil
    }
  }
}
