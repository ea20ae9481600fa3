public import Core

extension ConsumerFile {
  /// Reads a consumer file; the fields are checked against dictionary and agreement by `ExtractPlan.make`.
  ///
  /// - Throws: `ConfigurationError` EXT-101 (unknown or missing key, wrong shape), EXT-102 (a value outside its closed list or form), with position.
  public static func read(_ node: OutlineNode) throws(ConfigurationError) -> ConsumerFile {
    try node.allow(["consumer", "owner", "purpose", "agreement", "specification", "envelope", "delivery", "receipt", "since"], code: "EXT-101")
    let consumer = try Reading.name("consumer", of: node)
    let purpose = try Reading.choice("purpose", of: node, DisclosurePurpose.allCases, code: "EXT-102")
    let envelope = try Reading.choice("envelope", of: node, Envelope.allCases, code: "EXT-102")
    return ConsumerFile(
      consumer: consumer, owner: try node.required("owner", code: "EXT-101"), purpose: purpose, agreement: try Reading.name("agreement", of: node),
      specification: try Specification(reading: try Reading.member("specification", of: node)), envelope: envelope,
      delivery: try Delivery(reading: try Reading.member("delivery", of: node)), receipt: try Receipt(reading: node["receipt"]),
      since: node["since"] == nil ? nil : try Reading.date("since", of: node, code: "EXT-102"))
  }
}

extension ConsumerFile.Delivery {
  init(reading node: OutlineNode) throws(ConfigurationError) {
    try node.allow(["folder", "sftp", "path", "name", "marker", "verify"], code: "EXT-101")
    place = try ConsumerFile.Place(reading: node)
    name = try node.required("name", code: "EXT-101")
    marker = try Self.marker(node)
    readsBack = node["verify"] == nil ? true : try Reading.choice("verify", of: node, Proof.allCases, code: "EXT-102") == .content
    let bare = name.replacing("{consumer}", with: "").replacing("{night}", with: "")
    guard name.contains("{night}"), !name.hasPrefix("."), bare.utf8.allSatisfy(Reading.isPlain) else {
      throw ConfigurationError(
        "EXT-102", "'name' is not a file name of letters, digits, dot, dash and underscore with {night} in it", hint: "Example: \"{consumer}-{night}.csv\".",
        at: node["name"] ?? node)
    }
  }
}

extension ConsumerFile.Delivery {
  private enum Proof: String, CaseIterable { case content, size }

  private static func marker(_ node: OutlineNode) throws(ConfigurationError) -> String? {
    guard let text = try node.optional("marker", code: "EXT-101") else { return nil }
    let bare = text.replacing("{name}", with: "")
    guard text.contains("{name}"), !bare.isEmpty, bare.utf8.allSatisfy(Reading.isPlain), !text.hasPrefix("."), !text.hasSuffix(".part") else {
      throw ConfigurationError(
        "EXT-102", "'marker' is not a file name of letters, digits, dot, dash and underscore with {name} in it", hint: "Example: \"{name}.done\".",
        at: node["marker"] ?? node)
    }
    return text
  }
}

extension ConsumerFile.Place {
  /// `folder: PATH`, or `sftp: PARTNER` with `path: PATH`.
  init(reading node: OutlineNode) throws(ConfigurationError) {
    guard node["sftp"] != nil else {
      self = .folder(try node.required("folder", code: "EXT-101"))
      if let path = node["path"] { throw ConfigurationError("EXT-101", "'path' goes with 'sftp'", hint: "folder: PATH names a folder of this machine.", at: path) }
      return
    }
    if let folder = node["folder"] { throw ConfigurationError("EXT-101", "'folder' and 'sftp' are two places", hint: "Write sftp: PARTNER with path: FOLDER.", at: folder) }
    self = .partner(try Reading.name("sftp", of: node), path: try node.required("path", code: "EXT-101"))
  }
}

extension ConsumerFile.Receipt {
  /// `none`, or `{within: 24h, format: json, from: {folder: PATH}}`; nil where nothing is said.
  init?(reading node: OutlineNode?) throws(ConfigurationError) {
    guard let node, node.text != "none" else { return nil }
    guard node["from"] != nil else {
      throw ConfigurationError("EXT-102", "'receipt' is neither none nor a place", hint: #"receipt: {within: 24h, format: json, from: {folder: receipts/billing}}"#, at: node)
    }
    try node.allow(["within", "format", "from"], code: "EXT-101")
    let from = try Reading.member("from", of: node)
    try from.allow(["folder", "sftp", "path"], code: "EXT-101")
    place = try ConsumerFile.Place(reading: from)
    format = try Reading.choice("format", of: node, ReceiptReader.Format.allCases, code: "EXT-102")
    nights = try Self.nights(node)
  }

  /// Hours are counted in whole nights, so that a night judged again gives the same statement.
  private static func nights(_ node: OutlineNode) throws(ConfigurationError) -> Int {
    let text = try node.required("within", code: "EXT-101")
    guard let unit = text.last, let count = Int(text.dropLast()), (1...1_000).contains(count), unit == "h" || unit == "d" else {
      throw ConfigurationError("EXT-102", "'within' must be hours or days", hint: "Write 24h or 2d.", at: node["within"] ?? node)
    }
    return unit == "d" ? count : (count + 23) / 24
  }
}

extension Specification {
  init(reading node: OutlineNode) throws(ConfigurationError) {
    try node.allow(["id", "version", "entity", "fields", "require", "totals", "order"], code: "EXT-101")
    id = try Reading.name("id", of: node)
    guard let number = CalendarDay.number(try node.required("version", code: "EXT-101").utf8), number > 0 else {
      throw ConfigurationError("EXT-102", "'version' must be a whole number from 1", at: node["version"] ?? node)
    }
    version = number
    entity = try node.required("entity", code: "EXT-101")
    let list = try Reading.member("fields", of: node)
    fields = []
    for item in list.items ?? [] { fields.append(try Field(reading: item)) }
    guard !fields.isEmpty else { throw ConfigurationError("EXT-101", "'fields' must be a list of at least one field", at: list) }
    require = []
    for item in node["require"]?.items ?? [] { require.append(try Requirement(reading: item)) }
    try node["totals"]?.allow(["sum"], code: "EXT-101")
    sum = try node["totals"]?.optional("sum", code: "EXT-101")
    order = try node.texts("order", code: "EXT-101")
    place = ConfigurationPlace(node)
  }
}

extension Specification.Field {
  init(reading node: OutlineNode) throws(ConfigurationError) {
    try node.allow(["name", "column", "purpose", "justification"], code: "EXT-101")
    name = try node.required("name", code: "EXT-101")
    column = node["column"] == nil ? name : try Reading.name("column", of: node)
    purpose = try node.required("purpose", code: "EXT-101")
    justification = try node.optional("justification", code: "EXT-101")
    place = ConfigurationPlace(node["name"] ?? node)
  }
}

extension Specification.Requirement {
  init(reading node: OutlineNode) throws(ConfigurationError) {
    try node.allow(["field", "reason"], code: "EXT-101")
    field = try node.required("field", code: "EXT-101")
    reason = try node.required("reason", code: "EXT-101")
    place = ConfigurationPlace(node["field"] ?? node)
    let isCode = reason.utf8.allSatisfy { (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D } && reason.utf8.count <= 40
    guard isCode else {
      throw ConfigurationError("EXT-102", "'reason' must be a code in capitals", hint: "Example: ACCOUNT-MISSING.", at: node["reason"] ?? node)
    }
  }
}

/// Small readers that both kinds of file share.
enum Reading {
  static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
    default: false
    }
  }

  static func member(_ key: String, of node: OutlineNode) throws(ConfigurationError) -> OutlineNode {
    guard let member = node[key] else { throw ConfigurationError("EXT-101", "the key '\(key)' is missing", at: node) }
    return member
  }

  /// A name that may stand in paths, logs and statements.
  static func name(_ key: String, of node: OutlineNode, code: String = "EXT-101") throws(ConfigurationError) -> String {
    let text = try node.required(key, code: code)
    guard text.utf8.count <= 64, text.utf8.allSatisfy(isPlain), !text.hasPrefix(".") else {
      throw ConfigurationError(code, "'\(key)' must be a name of letters, digits, dot, dash and underscore, at most 64", at: node[key] ?? node)
    }
    return text
  }

  static func choice<Choice: RawRepresentable>(
    _ key: String, of node: OutlineNode, _ choices: [Choice], code: String
  ) throws(ConfigurationError) -> Choice where Choice.RawValue == String {
    let text = try node.required(key, code: code)
    if let choice = choices.first(where: { $0.rawValue == text }) { return choice }
    let legal = choices.map(\.rawValue).joined(separator: ", ")
    throw ConfigurationError(code, "'\(key)' is not one of the values that can be used", hint: "Legal values: \(legal).", at: node[key] ?? node)
  }

  static func date(_ key: String, of node: OutlineNode, code: String) throws(ConfigurationError) -> BusinessDate {
    guard let date = BusinessDate(try node.required(key, code: code)) else {
      throw ConfigurationError(code, "'\(key)' must be a date", hint: "Write YYYY-MM-DD.", at: node[key] ?? node)
    }
    return date
  }
}
