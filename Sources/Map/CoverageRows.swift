import Core

/// Counts the columns of files of rows: those of the layout, what rows take from the header record, and what the file has besides.
///
/// - Limits: 256 columns; what is beyond is left out.
struct RowCoverage: Sendable {
  private struct Column: Sendable {
    var name: String
    var counts = CoverageCell()
    /// The values of a column that a `code` step reads.
    var codes: CodeCounts?
    /// The pictures of a column that a line reads as a date or time.
    var pictures: CodeCounts?
  }

  static let scope = "row"
  private static let columnLimit = 256
  private static let codeLimit = 64
  private static let pictureLimit = 16

  private let rules: CoverageRules
  private let names: RowNames
  /// Fields of the segment that are the same in every row, because the mapping says so.
  private let constants: Range<Int>
  private let coded: Set<Int>
  private let dated: Set<Int>
  /// The field that says whose row it is; 0 for none.
  private let patientField: Int
  /// By field of the segment; nil where nothing has been counted.
  private var columns: [Column?] = []
  private var rows = 0

  init(_ rules: CoverageRules) {
    self.rules = rules
    let plan = rules.plan, layout = plan.layout ?? RowLayout()
    names = RowNames(layout, plan.dictionary)
    let first = layout.columns.count + layout.carried.count + 1
    constants = first..<(first + layout.constants.count)
    coded = Self.fields(plan) { $0 == .code }
    dated = Self.fields(plan) { $0 == .date || $0 == .time || $0 == .picture }.union(Self.eventFields(plan))
    patientField = Self.patientField(plan)
  }

  // MARK: What the mappings say of columns

  private static func field(_ path: Int, _ plan: MapPlan) -> Int? { plan.layout?.field(named: plan.program.pathTexts[path]) }

  private static func fields(_ plan: MapPlan, _ isWanted: (StepCode.Kind) -> Bool) -> Set<Int> {
    let program = plan.program
    let rules = program.rules.filter { $0.steps.indices.contains { isWanted(program.steps[$0].kind) } }
    return Set(rules.flatMap { $0.paths.indices.compactMap { field($0, plan) } })
  }

  private static func eventFields(_ plan: MapPlan) -> Set<Int> {
    Set(plan.program.blocks.flatMap { $0.eventPaths.indices.compactMap { field($0, plan) } })
  }

  /// The column from which the first line takes the patient's identifier, or refers to the patient.
  private static func patientField(_ plan: MapPlan) -> Int {
    for block in plan.program.blocks {
      let entity = plan.dictionary.entities[Int(block.entity)]
      for rule in block.rules.indices.map({ plan.program.rules[$0] }) where rule.reading == .identifier {
        let isPatient = entity.name == "patient" || entity.fields[Int(rule.field)].kind == .reference(entity: "patient")
        if isPatient, let path = rule.paths.indices.first, let field = field(path, plan) { return field }
      }
    }
    return 0
  }

  // MARK: Counting

  /// Whose row it is, as a hash; 0 where it does not say.
  func patient(_ table: SegmentTable) -> UInt64 {
    guard patientField > 0, !table.segments.isEmpty else { return 0 }
    let value = table.field(0, patientField)
    return value.isEmpty ? 0 : CodeCounts.hash(table.bytes[value])
  }

  /// Looks at a row, column by column.
  mutating func look(_ record: SourceRecord) {
    let table = record.segments
    guard !table.segments.isEmpty else { return }
    rows += 1
    let patient = patient(table)
    for field in 1...max(min(table.fieldCount(0), Self.columnLimit), 1) where !constants.contains(field) {
      let range = table.field(0, field)
      if !range.isEmpty { count(table.bytes[range], field, record, patient) }
    }
  }

  private mutating func count(_ value: ArraySlice<UInt8>, _ field: Int, _ record: SourceRecord, _ patient: UInt64) {
    while columns.count < field { columns.append(nil) }
    if columns[field - 1] == nil { columns[field - 1] = column(field, record) }
    columns[field - 1]?.counts.add(value, message: rows)
    columns[field - 1]?.codes?.add(value, message: rows, patient: patient)
    if columns[field - 1]?.pictures != nil { columns[field - 1]?.pictures?.add(Self.picture(value), message: rows, patient: patient) }
  }

  private func column(_ field: Int, _ record: SourceRecord) -> Column {
    var column = Column(name: names.text(field, record.extraColumns))
    if coded.contains(field) {
      column.codes = CodeCounts(limit: Self.codeLimit)
    } else if dated.contains(field) {
      column.pictures = CodeCounts(limit: Self.pictureLimit)
    }
    return column
  }

  /// 9 for a digit, A for a letter, signs of dates as they are, anything else as `?`: nothing of the value but its form.
  static func picture(_ value: ArraySlice<UInt8>) -> [UInt8] {
    value.prefix(32).map { byte in
      switch byte {
      case 0x30...0x39: UInt8(ascii: "9")
      case 0x41...0x5A, 0x61...0x7A: UInt8(ascii: "A")
      case UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "+"), 0x20, UInt8(ascii: ","): byte
      default: UInt8(ascii: "?")
      }
    }
  }

  // MARK: The tally

  func write(into tally: inout FeedTally) {
    guard rows > 0 else { return }
    var part = FeedTally.Sight()
    (part.messages, part.occurrences, part.most) = (rows, rows, 1)
    tally.sights[.init(.part, scope: "document", path: Self.scope)] = part
    for (index, column) in columns.enumerated() {
      guard let column else { continue }
      let item = FeedTally.Item(.field, scope: Self.scope, path: column.name)
      let verdict = rules.fate(of: .init(segment: RowLayout.segment, field: index + 1, component: 1), takenBy: Array(rules.plan.mappings.indices))
      var sight = column.counts.sight
      (sight.fate, sight.reason, sight.isOpen) = (verdict.fate, verdict.reason, (column.codes ?? column.pictures)?.isOpen ?? false)
      tally.sights[item, default: .init()].merge(sight)
      column.codes?.forEach { tally.sights[.init(.code, scope: item.scope, path: item.path, value: $0), default: .init()].merge($1) }
      column.pictures?.forEach { tally.sights[.init(.picture, scope: item.scope, path: item.path, value: $0), default: .init()].merge($1) }
    }
  }
}

/// How columns are called in reports: those of the layout by its names. A column that the file has besides by its heading where each word of it is one
/// of the data dictionary or of the layout, for a heading could hold anything; else by its number in the file.
struct RowNames: Sendable {
  private static let longest = 48
  private let names: [String]
  private let words: Set<String>

  init(_ layout: RowLayout, _ dictionary: CanonicalDictionary) {
    names = layout.fieldNames
    var words: Set<String> = ["id", "no", "nr", "number", "code", "name", "date", "time", "dob", "mrn", "type", "status", "amount", "flag", "text", "first", "last", "middle"]
    let known = dictionary.entities.flatMap { [$0.name] + $0.fields.map(\.name) } + names + layout.columns.map(\.heading)
    for text in known { words.formUnion(Self.words(of: Array(text.utf8)) ?? []) }
    self.words = words
  }

  /// The name of a field of the row's segment, one-based.
  func text(_ field: Int, _ extras: [SourceRecord.ExtraColumn]) -> String {
    if field <= names.count { return names[field - 1] }
    let index = field - names.count - 1
    guard extras.indices.contains(index) else { return "field \(field)" }
    let extra = extras[index]
    guard let name = name(extra.heading), !names.contains(name), extras.count(where: { self.name($0.heading) == name }) == 1 else {
      return "column \(extra.number)"
    }
    return name
  }

  private func name(_ heading: [UInt8]) -> String? {
    guard heading.count <= Self.longest, let found = Self.words(of: heading), !found.isEmpty, found.allSatisfy(words.contains) else { return nil }
    return found.joined(separator: "_")
  }

  /// Its words in small letters; nil where it has anything but letters, blanks, dashes, points and underscores.
  private static func words(of text: [UInt8]) -> [String]? {
    let small = text.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
    let parts = small.split { [0x20, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: ".")].contains($0) }
    guard parts.allSatisfy({ $0.allSatisfy { (0x61...0x7A).contains($0) } }) else { return nil }
    return parts.map { String(decoding: $0, as: UTF8.self) }
  }
}
