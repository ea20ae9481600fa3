import Core

/// Reads the `layout:` of a mapping of rows (docs/formats/csv.md).
struct LayoutCompiler {
  private let node: OutlineNode
  private var layout = RowLayout()

  static let keys = ["delimiter", "quote", "names", "charset", "columns", "optional", "fixed", "short", "records", "header", "constant", "totals"]

  /// - Throws: MAP-170 to MAP-173 with file, line, column and the legal words.
  static func layout(_ node: OutlineNode) throws(ConfigurationError) -> RowLayout {
    var compiler = LayoutCompiler(node: node)
    try compiler.read()
    return compiler.layout
  }

  private init(node: OutlineNode) { self.node = node }

  private mutating func read() throws(ConfigurationError) {
    try node.allow(Self.keys, code: "MAP-170")
    guard (node["columns"] != nil) != (node["fixed"] != nil) else {
      throw ConfigurationError(
        "MAP-170", "a layout has either 'columns' or 'fixed'", hint: "Write 'columns: [mrn, …]', or 'fixed: {mrn: 1-10, …}' for fixed width.", at: node)
    }
    layout.charset = try node.optional("charset", code: "MAP-170")
    if node["fixed"] == nil { try readDelimited() } else { try readFixed() }
    try readOptional()
    try readRecords()
    try readHeader()
    for entry in node["constant"]?.entries ?? [] {
      try checkName(entry)
      layout.constants.append(RowLayout.Constant(name: entry.key, value: Array(try text(entry.value).utf8)))
    }
    try readTotals()
  }

  private func text(_ node: OutlineNode) throws(ConfigurationError) -> String {
    guard let text = node.text, !text.isEmpty else { throw ConfigurationError("MAP-170", "a text is missing", at: node) }
    return text
  }

  // MARK: Columns

  private static let delimiters: [(word: String, byte: UInt8)] = [(",", 0x2C), (";", 0x3B), ("|", 0x7C), ("tab", 0x09)]
  private static let quotes: [(word: String, byte: UInt8?)] = [("\"", 0x22), ("'", 0x27), ("none", nil)]

  private mutating func readDelimited() throws(ConfigurationError) {
    if let other = node["short"] { throw ConfigurationError("MAP-170", "'short' belongs to layouts of fixed width", at: other) }
    let delimiter = try node.optional("delimiter", code: "MAP-170") ?? ","
    guard let known = Self.delimiters.first(where: { $0.word == delimiter }) else {
      throw ConfigurationError("MAP-170", "'\(delimiter)' is not a delimiter", hint: "Legal: \",\" \";\" \"|\" tab.", at: node["delimiter"] ?? node)
    }
    layout.delimiter = known.byte
    let quote = try node.optional("quote", code: "MAP-170") ?? "\""
    guard let mark = Self.quotes.first(where: { $0.word == quote }) else {
      throw ConfigurationError("MAP-170", "'\(quote)' is not a quote", hint: "Legal: '\"', \"'\", none.", at: node["quote"] ?? node)
    }
    layout.quote = mark.byte
    let names = try node.optional("names", code: "MAP-170") ?? "first line"
    guard ["first line", "none"].contains(names) else {
      throw ConfigurationError("MAP-170", "'\(names)' is not legal here", hint: "Legal: first line, none.", at: node["names"] ?? node)
    }
    layout.hasNames = names != "none"
    for column in try columns() { try add(column.name, heading: column.heading, nil, column.place) }
  }

  /// A list of names, or names with the headings that stand for them in the file.
  private func columns() throws(ConfigurationError) -> [(name: String, heading: String, place: OutlineNode)] {
    guard let columns = node["columns"] else { return [] }
    var found: [(name: String, heading: String, place: OutlineNode)] = []
    for item in columns.items ?? [] {
      let name = try text(item)
      found.append((name, name, item))
    }
    for entry in columns.entries { found.append((entry.key, try text(entry.value), entry.value)) }
    guard !found.isEmpty else { throw ConfigurationError("MAP-171", "'columns' names nothing", hint: "Write 'columns: [mrn, …]' or 'columns: {mrn: Patient ID, …}'.", at: columns) }
    return found
  }

  private mutating func readFixed() throws(ConfigurationError) {
    for key in ["delimiter", "quote", "names"] {
      if let other = node[key] { throw ConfigurationError("MAP-170", "a layout of fixed width has no '\(key)'", at: other) }
    }
    if let short = node["short"] {
      guard short.text == "blank" else { throw ConfigurationError("MAP-170", "'short' is not written so", hint: "Legal: short: blank.", at: short) }
      layout.isPadded = true
    }
    guard let fixed = node["fixed"], !fixed.entries.isEmpty else {
      throw ConfigurationError("MAP-171", "'fixed' names no column", hint: "Write 'fixed: {mrn: 1-10, …}'.", at: node["fixed"] ?? node)
    }
    for entry in fixed.entries {
      guard let range = Self.characters(try text(entry.value)) else { throw Self.noRange(entry.value) }
      try add(entry.key, heading: entry.key, range, entry.value)
    }
  }

  private mutating func add(_ name: String, heading: String, _ range: ClosedRange<Int>?, _ place: OutlineNode) throws(ConfigurationError) {
    try checkName(name, at: place)
    let folded = heading.lowercased()
    guard layout.delimiter == nil || !layout.columns.contains(where: { $0.heading.lowercased() == folded }) else {
      throw ConfigurationError("MAP-171", "the heading '\(heading)' stands for two columns", at: place)
    }
    layout.columns.append(RowLayout.Column(name: name, heading: heading, characters: range))
  }

  private func checkName(_ entry: OutlineNode.Entry) throws(ConfigurationError) { try checkName(entry.key, at: entry.value) }

  private func checkName(_ name: String, at place: OutlineNode) throws(ConfigurationError) {
    let isPlain = name.utf8.allSatisfy { (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || $0 == 0x5F || $0 == 0x2D }
    guard isPlain, let first = name.utf8.first, (0x61...0x7A).contains(first | 0x20), name.utf8.count <= 40 else {
      throw ConfigurationError(
        "MAP-171", "'\(name)' is not a name of a column", hint: "Use letters, digits, '_' and '-', and say what the file writes: {patient_id: Patient ID}.", at: place)
    }
    guard layout.field(named: name) == nil else { throw ConfigurationError("MAP-171", "the column '\(name)' stands twice", at: place) }
  }

  private mutating func readOptional() throws(ConfigurationError) {
    for name in try node.texts("optional", code: "MAP-171") {
      guard layout.hasNames else {
        throw ConfigurationError("MAP-171", "without a line of names no column can be missing", hint: "Leave 'optional' out.", at: node["optional"] ?? node)
      }
      guard let index = layout.columns.firstIndex(where: { $0.name == name }) else { throw Self.unknownColumn(name, layout, node["optional"] ?? node) }
      layout.columns[index].isOptional = true
    }
  }

  static func unknownColumn(_ name: String, _ layout: RowLayout, _ node: OutlineNode) -> ConfigurationError {
    let legal = layout.fieldNames
    let near = legal.min { Spelling.distance($0, name) < Spelling.distance($1, name) } ?? ""
    return ConfigurationError("MAP-171", "the layout has no column '\(name)'", hint: "Did you mean '\(near)'? Its columns: \(legal.joined(separator: ", ")).", at: node)
  }

  // MARK: Places

  private static func characters(_ text: String) -> ClosedRange<Int>? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { CalendarDay.number(Array($0.utf8)) }
    guard parts.count == 2, let from = parts[0], let to = parts[1], from >= 1, from <= to, to <= 100_000 else { return nil }
    return from...to
  }

  private static func noRange(_ node: OutlineNode) -> ConfigurationError {
    ConfigurationError("MAP-171", "'\(node.text ?? "")' names no characters", hint: "Write the first and the last one, counted from 1: 11-20.", at: node)
  }

  /// A field's number, or characters in layouts of fixed width.
  private func place(_ text: String, _ node: OutlineNode) throws(ConfigurationError) -> RowLayout.Place {
    if layout.delimiter == nil {
      guard let range = Self.characters(text) else { throw Self.noRange(node) }
      return .characters(range)
    }
    guard let number = CalendarDay.number(Array(text.utf8)), (1...4_096).contains(number) else {
      throw ConfigurationError("MAP-172", "'\(text)' is not the number of a field", hint: "Fields are counted from 1.", at: node)
    }
    return .field(number)
  }

  // MARK: Records

  private mutating func readRecords() throws(ConfigurationError) {
    guard let records = node["records"] else { return }
    try records.allow(["at", "header", "detail", "trailer"], code: "MAP-172")
    var kinds = RowLayout.Kinds(place: try place(try records.required("at", code: "MAP-172"), records["at"] ?? records))
    kinds.header = Array((try records.optional("header", code: "MAP-172") ?? "").utf8)
    kinds.details = try records.texts("detail", code: "MAP-172").map { Array($0.utf8) }
    kinds.trailer = Array((try records.optional("trailer", code: "MAP-172") ?? "").utf8)
    let all = [kinds.header, kinds.trailer].filter { !$0.isEmpty } + kinds.details
    guard !all.isEmpty, Set(all).count == all.count, !all.contains([]) else {
      throw ConfigurationError(
        "MAP-172", "'records' does not tell kinds of records apart", hint: "Write 'records: {at: 1, header: H, detail: D, trailer: T}'; leave out what does not come.", at: records)
    }
    layout.kinds = kinds
  }

  private mutating func readHeader() throws(ConfigurationError) {
    guard let header = node["header"] else { return }
    guard layout.hasHeader else {
      throw ConfigurationError("MAP-172", "the layout has no header record", hint: "Add 'header' to 'records'.", at: header)
    }
    for entry in header.entries {
      try checkName(entry)
      layout.carried.append(RowLayout.Carried(name: entry.key, place: try place(try text(entry.value), entry.value)))
    }
  }

  // MARK: Totals

  private static let totalHint = "Write 'trailer 2: count rows' (or records, lines), 'trailer 3: sum COLUMN', or 'header 2: …'."

  private mutating func readTotals() throws(ConfigurationError) {
    for entry in node["totals"]?.entries ?? [] {
      let words = Words.of(entry.key), what = Words.of(try text(entry.value))
      guard words.count == 2, ["header", "trailer"].contains(words[0]), what.count == 2 else {
        throw ConfigurationError("MAP-173", "'\(entry.key)' is not a total", hint: Self.totalHint, at: entry.value)
      }
      let isInHeader = words[0] == "header"
      guard isInHeader ? layout.hasHeader : layout.hasTrailer else {
        throw ConfigurationError("MAP-173", "the layout has no \(words[0])", hint: "Add '\(words[0])' to 'records'.", at: entry.value)
      }
      let place = try place(words[1], entry.value)
      layout.totals.append(RowLayout.Total(isInHeader: isInHeader, place: place, subject: try subject(what, entry.value), text: entry.key))
    }
    let counts = layout.totals.count { if case .sum = $0.subject { false } else { true } }
    guard counts <= 1 else {
      throw ConfigurationError("MAP-173", "the rows are counted twice", hint: "Name one count; sums may be several.", at: node["totals"] ?? node)
    }
  }

  private func subject(_ words: [String], _ node: OutlineNode) throws(ConfigurationError) -> RowLayout.Total.Subject {
    switch (words[0], words[1]) {
    case ("count", "rows"): return .rows
    case ("count", "records"): return .records
    case ("count", "lines"): return .lines
    case ("sum", let name):
      guard let column = layout.columns.firstIndex(where: { $0.name == name }) else { throw Self.unknownColumn(name, layout, node) }
      return .sum(column)
    default: throw ConfigurationError("MAP-173", "'\(words.joined(separator: " "))' is not a total", hint: Self.totalHint, at: node)
    }
  }
}
