import Core

/// Reads a path of the FHIRPath subset that mappings write against a resource, into the form that paths of documents have.
///
/// Steps: `name`, `name[0]`, `first()`, `where(…)`, `ofType(Type)`, `extension('url')`, `resolve()`, `$this`. A path that begins with the name of a type, or with
/// `Resource`, starts at the resource; `Bundle.timestamp` and `Bundle.entry.fullUrl` are those of its entry.
struct FHIRPathParser {
  private let source: [UInt8]
  private var at = 0
  /// What was not understood; empty while all is well.
  private var fault = ""

  static let hint = """
    Steps: name, name[0], first(), where(path = 'text' and path.exists()), ofType(Quantity), extension('url'), resolve(), $this; \
    a path that begins with a type, or with Resource, starts at the resource.
    """

  private init(_ text: String) { source = Array(text.utf8) }

  static func parse(_ text: String, _ names: inout NameTable) -> Result<CDAPath, CDAPathParser.PathFault> {
    var parser = FHIRPathParser(text)
    var path = parser.path(&names)
    if parser.fault.isEmpty, parser.at < parser.source.count { parser.fault = "'\(String(decoding: parser.source[parser.at...], as: UTF8.self))' is not understood" }
    guard parser.fault.isEmpty else { return .failure(CDAPathParser.PathFault(summary: parser.fault)) }
    path.text = text
    return .success(path)
  }

  private func sees(_ text: String) -> Bool { source[at...].starts(with: text.utf8) }

  private mutating func take(_ text: String) -> Bool {
    guard sees(text) else { return false }
    at += text.utf8.count
    return true
  }

  private mutating func fail(_ text: String) { if fault.isEmpty { fault = text } }

  private mutating func skipBlanks() { while at < source.count, source[at] == 0x20 { at += 1 } }

  // MARK: Paths

  private mutating func path(_ names: inout NameTable) -> CDAPath {
    var path = CDAPath(), written: [String] = []
    let begin = at
    if take("$this") {
      path.steps.append(CDAPath.Step(axis: .oneself))
    } else {
      let start = at, name = name()
      if sees("(") {
        at = start
        next(&path, &written, &names)
      } else if name.first?.isUppercase == true { root(name, &path, &names) } else { step(name, &path, &written) }
    }
    while fault.isEmpty, !sees(".exists()"), !sees(".empty()"), take(".") { next(&path, &written, &names) }
    number(written, &path, &names)
    path.text = String(decoding: source[begin..<at], as: UTF8.self)
    return path
  }

  private mutating func root(_ name: String, _ path: inout CDAPath, _ names: inout NameTable) {
    path.fromRoot = true
    if name == "Bundle" { return bundle(&path, &names) }
    guard name == "Resource" || FHIRTypes.holds(name) else { return fail("'\(name)' is no resource type of FHIR R4") }
    path.steps.append(CDAPath.Step(axis: .child, name: name == "Resource" ? -1 : names.number(name)))
  }

  /// What the decoder remembers of the entry that holds the resource.
  private mutating func bundle(_ path: inout CDAPath, _ names: inout NameTable) {
    path.steps.append(CDAPath.Step(axis: .child))
    if take(".timestamp") {
      path.steps.append(CDAPath.Step(axis: .child, name: names.number("@timestamp")))
    } else if take(".entry.fullUrl") {
      path.steps.append(CDAPath.Step(axis: .child, name: names.number("@fullUrl")))
    } else {
      fail("of a Bundle, Bundle.timestamp and Bundle.entry.fullUrl are read")
    }
  }

  /// A step whose name may still grow by `ofType`: its number comes last.
  private mutating func step(_ name: String, _ path: inout CDAPath, _ written: inout [String]) {
    if name.isEmpty { return fail("a name is missing") }
    path.steps.append(CDAPath.Step(axis: .child, name: Int32(-2 - written.count)))
    written.append(name)
    index(&path)
  }

  private func number(_ written: [String], _ path: inout CDAPath, _ names: inout NameTable) {
    for index in path.steps.indices where path.steps[index].name <= -2 { path.steps[index].name = names.number(written[Int(-2 - path.steps[index].name)]) }
  }

  private mutating func index(_ path: inout CDAPath) {
    guard take("[") else { return }
    let digits = source[at...].prefix { (0x30...0x39).contains($0) }
    guard !digits.isEmpty, digits.count < 5, let number = CalendarDay.number(digits) else { return fail("a number is missing after '['") }
    at += digits.count
    if !take("]") { fail("']' is missing") }
    path.steps[path.steps.count - 1].predicates.append(.position(number + 1))
  }

  private mutating func next(_ path: inout CDAPath, _ written: inout [String], _ names: inout NameTable) {
    let name = name()
    guard take("(") else { return step(name, &path, &written) }
    let last = path.steps.count - 1
    guard name == "resolve" || name == "extension" || (last >= 0 && path.steps[last].axis == .child) else { return fail("'\(name)()' follows a property") }
    switch name {
    case "first": path.steps[last].predicates.append(.position(1))
    case "where": path.steps[last].predicates += criteria(&names)
    case "ofType":
      guard path.steps[last].name <= -2 else { return fail("'ofType' follows a property") }
      let type = self.name()
      written[Int(-2 - path.steps[last].name)] += type.prefix(1).uppercased() + type.dropFirst()
    case "extension":
      let url = CDAPath(steps: [CDAPath.Step(axis: .child, name: names.number("url"))], text: "url")
      path.steps.append(CDAPath.Step(axis: .child, name: names.number("extension"), predicates: [.equals(url, text())]))
    case "resolve": path.steps.append(CDAPath.Step(axis: .child, name: names.number("resolve()")))
    default: return fail("there is no function '\(name)()'")
    }
    if !take(")") { fail("')' is missing") }
    index(&path)
  }

  // MARK: Criteria

  private mutating func criteria(_ names: inout NameTable) -> [CDAPath.Predicate] {
    var all: [CDAPath.Predicate] = []
    repeat {
      skipBlanks()
      all.append(criterion(&names))
      skipBlanks()
    } while fault.isEmpty && take("and ")
    return all
  }

  private mutating func criterion(_ names: inout NameTable) -> CDAPath.Predicate {
    if take("resolve() is ") {
      let type = Array(name().utf8)
      guard FHIRTypes.holds(String(decoding: type, as: UTF8.self)) else { fail("a resource type is missing behind 'is'"); return .position(1) }
      return .equals(CDAPath(steps: [CDAPath.Step(axis: .child, name: names.number("@type"))], text: "resolve() is"), type)
    }
    let path = path(&names)
    if take(".exists().not()") || take(".empty()") { return .not(.exists(path)) }
    if take(".exists()") { return .exists(path) }
    skipBlanks()
    if take("!~") { return .not(.equals(path, operand())) }
    guard take("=") else {
      fail("'= text', '!~ text', exists() or empty() is missing")
      return .exists(path)
    }
    return .equals(path, operand())
  }

  /// A text in single quotes, or a plain word: `true`, `false`, a number.
  private mutating func operand() -> [UInt8] {
    skipBlanks()
    if at < source.count, source[at] == UInt8(ascii: "'") { return text() }
    let word = Array(name().utf8)
    if word.isEmpty { fail("a text in single quotes is missing") }
    return word
  }

  private mutating func text() -> [UInt8] {
    guard take("'"), let close = source[at...].firstIndex(of: UInt8(ascii: "'")) else {
      fail("a text in single quotes is missing")
      return []
    }
    defer { at = close + 1 }
    return Array(source[at..<close])
  }

  private mutating func name() -> String {
    let taken = source[at...].prefix { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
    at += taken.count
    return String(decoding: taken, as: UTF8.self)
  }
}
