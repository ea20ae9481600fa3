import Core
import Store
import Trust

/// Two patients who may be one person.
struct Candidate: Equatable {
  /// Refs, the lesser one first.
  var one: String
  var other: String
  var comparison: PatientFeatures.Comparison
}

/// Finds pairs of patients who may be one person: those that share a block, scored.
///
/// - Cost: a pass over patients and identifiers, a sort of the blocks, a sort of the pairs, two rows read for each pair. Not quadratic: of a
///   block with more patients than the rules allow no pair is made, and it is counted.
/// - Memory: two sorters and 16 bytes for each patient with a social security number; values of two patients at a time. What is spilled is sealed.
final class CandidateSearch {
  struct Outcome: Equatable {
    var patients = 0
    var pairs = 0
    var blocksPassedBy = 0
  }

  private let store: SiteStore
  private let rules: CandidateRules
  private let tags: BlindIndex
  private let folder: String
  /// A number that ends wrongly says nothing.
  private let numberRules: LoadRules
  /// A patient's first eight bytes and the tag of a number, ascending.
  private var numbers: [(patient: UInt64, tag: UInt64)] = []
  private(set) var outcome = Outcome()

  /// - folder: where sealed sort runs may go.
  init(_ store: SiteStore, _ rules: CandidateRules, numbers: LoadRules = LoadRules(), spillingTo folder: String) throws {
    (self.store, self.rules, self.folder, numberRules) = (store, rules, folder, numbers)
    tags = try BlindIndex(key: try SecretKey.random(), label: "candidates")
  }

  /// Calls `body` with each candidate once, ascending by refs.
  func run(_ body: (Candidate) throws -> Void) throws {
    let pairs = SealedSorter(spillingTo: folder)
    try findPairs(pairs)
    var last: [UInt8] = [], one: (ref: [UInt8], features: PatientFeatures)?
    try pairs.forEachSorted { record in
      let pair = Array(record)
      if pair == last { return }
      last = pair
      self.outcome.pairs += 1
      let left = Array(pair[..<16]), right = Array(pair[16...])
      if one?.ref != left { one = try self.standing(left).map { (left, $0) } }
      guard let mine = one?.features, let theirs = try self.standing(right) else { return }
      let comparison = mine.compared(to: theirs, self.rules)
      guard comparison.isAlways || comparison.score >= self.rules.review else { return }
      try body(Candidate(one: Hex.text(left), other: Hex.text(right), comparison: comparison))
    }
  }

  /// How two patients compare, whether they share a block or not; nil where one of them is no current row.
  func compare(_ one: String, _ other: String) throws -> PatientFeatures.Comparison? {
    try readNumbers(nil)
    guard let left = Hex.bytes(one), let right = Hex.bytes(other), let mine = try features(of: left), let theirs = try features(of: right) else { return nil }
    return mine.compared(to: theirs, rules)
  }

  // MARK: Blocks

  private func findPairs(_ pairs: SealedSorter) throws {
    let blocks = SealedSorter(spillingTo: folder)
    try readNumbers(blocks)
    try store.forEachRow(entity: "patient", history: false) { row in
      guard let current = row.current, !self.isReplaced(current.cells), let ref = Hex.bytes(row.ref) else { return }
      self.outcome.patients += 1
      let features = PatientFeatures(current.cells.map(\.bytes), self.rules, numbers: [])
      for (number, block) in self.rules.blocks.enumerated() {
        let parts = block.compactMap { features.values[$0].first }
        if parts.count == block.count { try blocks.append(try self.key(number, parts) + ref) }
      }
    }
    var key: ArraySlice<UInt8> = [], members: [[UInt8]] = [], count = 0
    func settle() throws {
      if count > self.rules.block { self.outcome.blocksPassedBy += 1 } else { try Self.pair(members, pairs) }
      (members, count) = ([], 0)
    }
    try blocks.forEachSorted { record in
      let next = Array(record.prefix(16)), ref = Array(record.suffix(16))
      if !key.elementsEqual(next) {
        try settle()
        key = next[...]
      }
      if members.last == ref { return }
      count += 1
      if count <= self.rules.block { members.append(ref) }
    }
    try settle()
  }

  private static func pair(_ members: [[UInt8]], _ pairs: SealedSorter) throws {
    for (index, one) in members.enumerated() { for other in members[(index + 1)...] { try pairs.append(one + other) } }
  }

  /// Sixteen bytes: of which line of the rules, and the values.
  private func key(_ block: Int, _ parts: [[UInt8]]) throws -> [UInt8] { try tags.index(of: RowKey.encode([[UInt8(block)]] + parts)) }

  /// Notes who has which social security number, and puts it into its block where there is one.
  private func readNumbers(_ blocks: SealedSorter?) throws {
    guard let field = rules.fields.firstIndex(where: { $0.place == nil }), let entity = store.dictionary["identifier"], let type = entity.index(of: "type"),
      let identifier = entity.index(of: "identifier")
    else { return }
    let block = rules.blocks.firstIndex { $0 == [field] }
    numbers = []
    try store.forEachRow(entity: "identifier", history: false) { row in
      guard let cells = row.current?.cells, cells[type].bytes?.elementsEqual("SS".utf8) == true, let bytes = cells[identifier].bytes, let subject = row.subjectRef,
        let ref = Hex.bytes(subject), self.numberRules.holds(bytes)
      else { return }
      let value = PatientFeatures.normal(Array(bytes.prefix { $0 != 0x1F }))
      if value.isEmpty || self.rules.fields[field].ignored.contains(value) { return }
      let tag = try self.key(block ?? 0xFF, [value])
      self.numbers.append((Self.word(ref), Self.word(tag)))
      if block != nil { try blocks?.append(tag + ref) }
    }
    numbers.sort { ($0.patient, $0.tag) < ($1.patient, $1.tag) }
  }

  private static func word(_ bytes: [UInt8]) -> UInt64 { bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }

  /// A record that was merged into another one is settled: the survivor stands for it.
  private func isReplaced(_ cells: [StoredCell]) -> Bool {
    guard let place = store.dictionary["patient"]?.index(of: "replaced_by"), cells.indices.contains(place) else { return false }
    return cells[place].bytes?.isEmpty == false
  }

  /// Of a patient whose record was not replaced.
  private func standing(_ ref: [UInt8]) throws -> PatientFeatures? {
    guard let cells = try store.currentCells(ref: Hex.text(ref), of: "patient"), !isReplaced(cells) else { return nil }
    return features(of: ref, cells)
  }

  private func features(of ref: [UInt8]) throws -> PatientFeatures? { try store.currentCells(ref: Hex.text(ref), of: "patient").map { features(of: ref, $0) } }

  private func features(of ref: [UInt8], _ cells: [StoredCell]) -> PatientFeatures {
    let patient = Self.word(ref)
    var low = 0, high = numbers.count
    while low < high {
      let middle = (low + high) / 2
      if numbers[middle].patient < patient { low = middle + 1 } else { high = middle }
    }
    let own = numbers[low...].prefix { $0.patient == patient }.map { entry in (0..<8).map { UInt8(truncatingIfNeeded: entry.tag >> (8 * $0)) } }
    return PatientFeatures(cells.map(\.bytes), rules, numbers: own)
  }
}
