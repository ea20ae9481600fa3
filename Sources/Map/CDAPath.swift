import Core

/// A path of the XPath 1.0 subset that mappings write against a bounded node arena, compiled to numbers.
///
/// Steps: `h:name`, `sdtc:name`, `*`, `.`, `..`, `ancestor::h:name`, `.//h:name` (first), `@name` (last).
/// Predicates: `[n]`, `[path]`, `[path='text']`, `[not(path)]`, `[not(path='text')]`, `[starts-with(path,'text')]`. A path that begins with `/h:ClinicalDocument` starts at the root.
struct CDAPath: Sendable, Equatable {
  enum Axis: Sendable, Equatable { case child, descendant, parent, ancestor, oneself }

  struct Step: Sendable, Equatable {
    var axis: Axis
    /// Number of the name; -1 for `*`.
    var name: Int32 = -1
    var predicates: [Predicate] = []
  }

  indirect enum Predicate: Sendable, Equatable {
    case position(Int)
    case exists(CDAPath)
    case equals(CDAPath, [UInt8])
    case begins(CDAPath, [UInt8])
    case not(Predicate)
  }

  var fromRoot = false
  var steps: [Step] = []
  /// Number of the attribute's name; -1 when the path ends at an element.
  var attribute: Int32 = -1
  /// As written.
  var text = ""

  /// The name that a child or descendant step must have, or -1.
  var lastName: Int32 { steps.last?.name ?? -1 }

  /// How many steps this path has in common with another one, and how far above the other's end they lead; nil where they have none in common,
  /// or where the other goes on by steps that cannot be gone back.
  func fork(from other: CDAPath) -> (shared: Int, climb: Int)? {
    guard fromRoot == other.fromRoot else { return nil }
    let shared = zip(steps, other.steps).prefix { $0 == $1 }.count
    let rest = other.steps.dropFirst(shared)
    guard shared > 0, rest.allSatisfy({ $0.axis == .child || $0.axis == .oneself }) else { return nil }
    return (shared, rest.count { $0.axis == .child })
  }
}

/// Numbers names in the order in which they are first met.
struct NameTable: Sendable {
  private(set) var names: [String] = []
  private var numbers: [String: Int32] = [:]

  mutating func number(_ name: String) -> Int32 {
    if let known = numbers[name] { return known }
    let number = Int32(names.count)
    numbers[name] = number
    names.append(name)
    return number
  }
}

/// Reads the text of a `CDAPath`.
struct CDAPathParser {
  private let source: [UInt8]
  private var at = 0
  /// What was not understood; empty while all is well.
  private(set) var fault = ""

  static let hint =
    "Steps: h:name, sdtc:name, *, .., ancestor::h:name, .//h:name first, @name last; predicates: [n], [path], [path='text'], [starts-with(path,'text')], [not(path)]."

  private init(_ text: String) { source = Array(text.utf8) }

  /// The path, or what is wrong with it.
  static func parse(_ text: String, _ names: inout NameTable) -> Result<CDAPath, PathFault> {
    var parser = CDAPathParser(text)
    var path = parser.path(&names)
    if parser.fault.isEmpty, parser.at < parser.source.count { parser.fault = "'\(parser.rest)' is not understood" }
    guard parser.fault.isEmpty else { return .failure(PathFault(summary: parser.fault)) }
    path.text = text
    return .success(path)
  }

  struct PathFault: Error { var summary: String }

  private var rest: String { String(decoding: source[at...], as: UTF8.self) }

  private func sees(_ text: String) -> Bool { source[at...].starts(with: text.utf8) }

  private mutating func take(_ text: String) -> Bool {
    guard sees(text) else { return false }
    at += text.utf8.count
    return true
  }

  private mutating func path(_ names: inout NameTable) -> CDAPath {
    var path = CDAPath()
    let begin = at
    if take(".//") {
      path.steps.append(step(.descendant, &names))
    } else {
      path.fromRoot = take("/")
      first(&path, &names)
    }
    while fault.isEmpty, path.attribute < 0, take("/") {
      if sees("/") { fault = "'//' stands only at the beginning, as './/'" }
      first(&path, &names)
    }
    path.text = String(decoding: source[begin..<at], as: UTF8.self)
    return path
  }

  /// One step, or the attribute that ends the path.
  private mutating func first(_ path: inout CDAPath, _ names: inout NameTable) {
    if take("@") {
      path.attribute = names.number("@" + name())
    } else if take("..") {
      path.steps.append(CDAPath.Step(axis: .parent))
    } else if take(".") {
      path.steps.append(CDAPath.Step(axis: .oneself))
    } else if take("ancestor::") {
      path.steps.append(step(.ancestor, &names))
    } else {
      path.steps.append(step(.child, &names))
    }
  }

  private mutating func step(_ axis: CDAPath.Axis, _ names: inout NameTable) -> CDAPath.Step {
    var step = CDAPath.Step(axis: axis)
    if !take("*") {
      let name = name()
      if !name.hasPrefix("h:") && !name.hasPrefix("sdtc:") && fault.isEmpty { fault = "'\(name)' has no prefix h: or sdtc:" }
      step.name = names.number(name)
    }
    while fault.isEmpty, take("[") {
      step.predicates.append(predicate(&names))
      if !take("]"), fault.isEmpty { fault = "']' is missing" }
    }
    return step
  }

  private mutating func predicate(_ names: inout NameTable) -> CDAPath.Predicate {
    if take("not(") {
      let inner = predicate(&names)
      if !take(")"), fault.isEmpty { fault = "')' is missing" }
      return .not(inner)
    }
    let digits = source[at...].prefix { (0x30...0x39).contains($0) }
    if let number = CalendarDay.number(digits), number > 0 {
      at += digits.count
      return .position(number)
    }
    if take("starts-with(") {
      let path = path(&names)
      if !take(","), fault.isEmpty { fault = "',' is missing in 'starts-with'" }
      let text = quoted("','")
      if !take(")"), fault.isEmpty { fault = "')' is missing" }
      return .begins(path, text)
    }
    let path = path(&names)
    return take("=") ? .equals(path, quoted("'='")) : .exists(path)
  }

  /// The text in single quotes that must stand here.
  private mutating func quoted(_ sign: String) -> [UInt8] {
    guard take("'"), let close = source[at...].firstIndex(of: UInt8(ascii: "'")) else {
      if fault.isEmpty { fault = "a text in single quotes is missing after \(sign)" }
      return []
    }
    defer { at = close + 1 }
    return Array(source[at..<close])
  }

  private mutating func name() -> String {
    let taken = source[at...].prefix { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "."): true
      default: false
      }
    }
    at += taken.count
    if taken.isEmpty, fault.isEmpty { fault = "a name is missing" }
    return String(decoding: taken, as: UTF8.self)
  }
}
