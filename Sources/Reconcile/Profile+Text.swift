public import Core

extension FeedProfile {
  /// The profile as a file for people to read and to change: one place a line.
  public var text: String {
    var lines = [
      "# What the messages of this feed look like. Learned by compline profile learn; held against every night once a person has frozen it.",
      "# Places, shares and lengths, and codes that look like codes; no other values. See docs/formats/coverage.md.",
      "profile: \(feed)", "learned: {from: \(from), until: \(until), nights: \(nights), messages: \(looked)}",
    ]
    if !tagKey.isEmpty { lines.append("keys: \(Self.quoted(tagKey))") }
    if let frozen { lines.append("frozen: {by: \(frozen.person), on: \(frozen.date)}") }
    lines += Self.block("types", types.sorted { Reconciler.precedes($0.key, $1.key) }.map { (Self.quoted($0.key), String($0.value)) })
    lines += Self.block(
      "parts", parts.sorted { $0.key < $1.key }.map { (Self.name($0.key), "{messages: \($0.value.messages), most: \($0.value.most), share: \($0.value.share)}") })
    lines += Self.block("fields", fields.sorted { $0.key < $1.key }.map { (Self.name($0.key), Self.text($0.value)) })
    lines += Self.block("codes", codes.sorted { $0.key < $1.key }.map { (Self.name($0.key), Self.text($0.value)) })
    lines += Self.block("pairs", pairs.sorted { $0.key < $1.key }.map { (Self.name($0.key), Self.text($0.value)) })
    return lines.joined(separator: "\n") + "\n"
  }

  private static func block(_ name: String, _ entries: [(key: String, value: String)]) -> [String] {
    entries.isEmpty ? ["\(name): {}"] : ["\(name):"] + entries.map { "  \($0.key): \($0.value)" }
  }

  private static func name(_ place: Place) -> String { quoted(place.scope + " " + place.path) }

  private static func quoted(_ text: String) -> String { "\"" + text.filter { $0 != "\"" && $0 != "\\" } + "\"" }

  private static func text(_ field: Field) -> String {
    "{messages: \(field.messages), share: \(field.share), values: \(field.values), shortest: \(field.shortest), longest: \(field.longest), letters: \(field.lettered)}"
  }

  private static func text(_ codes: Codes) -> String {
    let list = codes.isOpen ? [] : codes.codes.sorted { Reconciler.precedes($0.key, $1.key) }.map { "\(quoted($0.key)): \(quoted($0.value))" }
    return "{values: \(codes.values), open: \(codes.isOpen), codes: {\(list.joined(separator: ", "))}}"
  }

  private static func text(_ pairs: [String: [String: Int]]) -> String {
    let entries = pairs.sorted { Reconciler.precedes($0.key, $1.key) }.flatMap { key, besides in
      besides.sorted { Reconciler.precedes($0.key, $1.key) }.map { "\(quoted(key + " " + $0.key)): \($0.value)" }
    }
    return "{\(entries.joined(separator: ", "))}"
  }

  // MARK: Reading

  /// Reads what `text` wrote, or what a person made of it.
  ///
  /// - Throws: `ConfigurationError` REC-101 with file, line and column.
  public init(_ root: OutlineNode) throws(ConfigurationError) {
    try root.allow(["profile", "learned", "keys", "frozen", "types", "parts", "fields", "codes", "pairs"], code: Self.fault)
    guard let learned = root["learned"] else { throw ConfigurationError(Self.fault, "'learned' is missing", at: root) }
    self.init(feed: try root.required("profile", code: Self.fault), from: try Self.date(learned, "from"), until: try Self.date(learned, "until"))
    nights = try Self.number(learned, "nights")
    looked = try Self.number(learned, "messages")
    tagKey = root["keys"]?.text ?? ""
    if let frozen = root["frozen"] { self.frozen = Freeze(person: try frozen.required("by", code: Self.fault), date: try Self.date(frozen, "on")) }
    for entry in root["types"]?.entries ?? [] { types[entry.key] = try Self.number(root["types"] ?? root, entry.key) }
    try readPlaces(root)
    try readCodes(root)
  }

  private static let fault = "REC-101"

  private mutating func readPlaces(_ root: OutlineNode) throws(ConfigurationError) {
    for entry in root["parts"]?.entries ?? [] {
      let node = entry.value
      parts[try Self.place(entry)] = Part(
        messages: try Self.number(node, "messages"), most: try Self.number(node, "most"), share: try Self.number(node, "share"))
    }
    for entry in root["fields"]?.entries ?? [] {
      let node = entry.value
      fields[try Self.place(entry)] = Field(
        messages: try Self.number(node, "messages"), share: try Self.number(node, "share"), values: try Self.number(node, "values"),
        shortest: try Self.number(node, "shortest"), longest: try Self.number(node, "longest"), lettered: try Self.number(node, "letters"))
    }
  }

  private mutating func readCodes(_ root: OutlineNode) throws(ConfigurationError) {
    for entry in root["codes"]?.entries ?? [] {
      var codes = Codes(values: try Self.number(entry.value, "values"), isOpen: try entry.value.required("open", code: Self.fault) == "true")
      for code in entry.value["codes"]?.entries ?? [] { codes.codes[code.key] = code.value.text ?? "" }
      self.codes[try Self.place(entry)] = codes
    }
    for entry in root["pairs"]?.entries ?? [] {
      let place = try Self.place(entry)
      for pair in entry.value.entries {
        let (key, beside) = Self.split(pair.key)
        pairs[place, default: [:]][key, default: [:]][beside] = try Self.number(entry.value, pair.key)
      }
    }
  }

  private static func place(_ entry: OutlineNode.Entry) throws(ConfigurationError) -> Place {
    let (scope, path) = split(entry.key)
    guard !path.isEmpty else {
      throw ConfigurationError(fault, "'\(entry.key)' is not a place", hint: "Write \"SCOPE PATH\", like \"ADT PID-5.1\".", at: entry.value)
    }
    return Place(scope: scope, path: path)
  }

  private static func number(_ node: OutlineNode, _ key: String) throws(ConfigurationError) -> Int {
    let text = try node.required(key, code: fault)
    guard let number = Int(text), number >= 0 else { throw ConfigurationError(fault, "'\(key)' must be a number", at: node[key] ?? node) }
    return number
  }

  private static func date(_ node: OutlineNode, _ key: String) throws(ConfigurationError) -> BusinessDate {
    guard let date = BusinessDate(try node.required(key, code: fault)) else {
      throw ConfigurationError(fault, "'\(key)' must be a day like 2026-03-01", at: node[key] ?? node)
    }
    return date
  }
}
