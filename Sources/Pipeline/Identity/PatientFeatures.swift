import Core

/// What two patients are compared by: normal values, none where nothing was sent. They live as long as a comparison.
struct PatientFeatures {
  /// By field of the rules: every value that the patient has there.
  var values: [[[UInt8]]]

  /// - numbers: social security numbers as tags, equal where the numbers are.
  init(_ cells: [StoredCellBytes], _ rules: CandidateRules, numbers: [[UInt8]]) {
    values = rules.fields.map { field in
      guard let place = field.place else { return numbers }
      guard cells.indices.contains(place), let bytes = cells[place] else { return [] }
      let value = Self.normal(bytes)
      return value.isEmpty || field.ignored.contains(value) ? [] : [value]
    }
  }

  /// Letters of ASCII in upper case, digits, and all bytes outside ASCII; blanks and signs are left out.
  static func normal(_ bytes: [UInt8]) -> [UInt8] {
    bytes.compactMap { byte in
      switch byte {
      case 0x61...0x7A: byte - 0x20
      case 0x30...0x39, 0x41...0x5A, 0x80...: byte
      default: nil
      }
    }
  }

  /// How two patients compare.
  func compared(to other: PatientFeatures, _ rules: CandidateRules) -> Comparison {
    var comparison = Comparison()
    for (number, field) in rules.fields.enumerated() {
      let mine = values[number], theirs = other.values[number]
      if mine.isEmpty || theirs.isEmpty { continue }
      if mine.contains(where: { theirs.contains($0) }) {
        comparison.agrees.append(number)
        comparison.score += field.weights.agrees
      } else if let near = field.weights.near, mine.contains(where: { one in theirs.contains { Self.isNear(one, $0, isDate: field.isDate) } }) {
        comparison.near.append(number)
        comparison.score += near
      } else {
        comparison.differs.append(number)
        comparison.score += field.weights.differs
      }
    }
    let agrees = comparison.agrees
    comparison.isAlways = rules.always.contains { line in !line.isEmpty && line.allSatisfy { agrees.contains($0) } }
    return comparison
  }

  struct Comparison: Equatable {
    var score = 0
    /// Places in the fields of the rules.
    var agrees: [Int] = []
    var near: [Int] = []
    var differs: [Int] = []
    /// A line of `always` agrees.
    var isAlways = false
  }

  /// One byte more, less, other or exchanged with its neighbour; texts of fewer than four bytes are near nothing. Of dates also day and month exchanged.
  static func isNear(_ one: [UInt8], _ other: [UInt8], isDate: Bool) -> Bool {
    guard one.count >= 4, other.count >= 4, abs(one.count - other.count) <= 1 else { return false }
    if isDate, one.count == 8, other.count == 8, one[..<4] == other[..<4], one[4..<6] == other[6..<8], one[6..<8] == other[4..<6] { return true }
    let start = zip(one, other).prefix { $0 == $1 }.count
    let end = min(zip(one.reversed(), other.reversed()).prefix { $0 == $1 }.count, min(one.count, other.count) - start)
    let left = one.count - start - end, right = other.count - start - end
    if left <= 1, right <= 1 { return true }
    return left == 2 && right == 2 && one[start] == other[start + 1] && one[start + 1] == other[start]
  }
}

/// The bytes of a cell that can be read; nil where there is none.
typealias StoredCellBytes = [UInt8]?
