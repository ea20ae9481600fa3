import Testing

/// A rule that every file of some kind must keep, and the text of its breach.
struct HouseRule: Sendable, CustomTestStringConvertible {
  let name: String
  /// The breaches in a file, each with its line.
  let breaches: @Sendable (SourceFile) -> [(line: Int, text: String)]

  var testDescription: String { name }

  func report(_ files: [SourceFile]) -> [String] {
    files.flatMap { file in breaches(file).map { "\(file.path):\($0.line): \($0.text)" } }
  }

  static let importTable = HouseRule(name: "a module imports only what its room may see") { file in
    guard let allowed = ImportTable.rooms[file.room] else { return [(1, "the room \(file.room) is not in the import table")] }
    return ImportTable.imports(of: file).filter { !allowed.contains($0.module) && !ImportTable.anywhere.contains($0.module) }
      .map { ($0.line, "\(file.room) may not import \($0.module)") }
  }

  static let noConsole = HouseRule(name: "only jobs and the console writer print") { file in
    if file.path.hasPrefix("Jobs/") || ["Sources/Pipeline/Console.swift", "Fuzz/Sources/read-drop/main.swift"].contains(file.path) { return [] }
    let isTest = file.path.hasPrefix("Tests/"), lines = file.codeLines
    // A test may dump into a text of its own, to see what would be shown.
    return calls(file, ["print", "debugPrint", "dump", "NSLog"]).filter { !(isTest && lines[$0.line - 1].contains("dump(") && lines[$0.line - 1].contains("to: &")) }
  }

  static let noTraps = HouseRule(name: "nothing is forced: no try!, as! or fatalError") { file in
    let forced = file.codeLines.enumerated().filter { $0.element.contains("try!") || $0.element.contains("as!") }
    return forced.map { ($0.offset + 1, "a forced try or cast") } + calls(file, ["fatalError"])
  }

  static let functionLength = HouseRule(name: "a function has at most 60 lines") { file in
    FunctionLengths.measure(file).filter { $0.lines > 60 }.map { ($0.line, "a function of \($0.lines) lines") }
  }

  static let fileLength = HouseRule(name: "a file has at most 400 lines") { file in
    file.lineCount > 400 ? [(1, "\(file.lineCount) lines")] : []
  }

  static let jobLength = HouseRule(name: "a job file has fewer than 80 lines") { file in
    file.lineCount >= 80 ? [(1, "\(file.lineCount) lines")] : []
  }

  /// The words are put together here so that this file keeps its own rule.
  static let noLeftovers = HouseRule(name: "no leftover notes") { file in
    let words = ["TO" + "DO", "FIX" + "ME"]
    return file.lines.enumerated().filter { line in words.contains { line.element.contains($0) } }.map { ($0.offset + 1, "a leftover note") }
  }

  static let tidyText = HouseRule(name: "no tabs, and a line feed at the end") { file in
    let tabs = file.bytes.contains(0x09) ? [(1, "a tab")] : []
    return tabs + (file.bytes.isEmpty || file.bytes.last == 0x0A ? [] : [(file.lineCount + 1, "no line feed at the end")])
  }

  static let noMachinePaths = HouseRule(name: "no path of one machine") { file in
    let paths = ["/wo" + "rk/", "/tmp" + "/w/", "/ro" + "ot/"]
    return file.lines.enumerated().filter { line in paths.contains { line.element.contains($0) } }.map { ($0.offset + 1, "a path of one machine") }
  }

  static let pinnedDependencies = HouseRule(name: "every dependency is pinned with exact:") { file in
    file.lines.enumerated().filter { $0.element.contains(".package(") && !$0.element.contains("exact:") }.map { ($0.offset + 1, "a dependency without exact:") }
  }

  /// Calls of free functions by these names: not of members, not their declarations.
  private static func calls(_ file: SourceFile, _ names: [String]) -> [(line: Int, text: String)] {
    file.codeLines.enumerated().flatMap { number, line -> [(line: Int, text: String)] in
      names.filter { Words.calls($0, in: Array(line.utf8)) }.map { (number + 1, "a call of \($0)") }
    }
  }
}

/// Looks for words in code.
enum Words {
  static func isWordByte(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F || byte >= 0x80
  }

  /// True where `name(` stands as a word of its own, not after a point and not after `func`.
  static func calls(_ name: String, in line: [UInt8]) -> Bool {
    let wanted = Array(name.utf8) + [UInt8(ascii: "(")]
    guard line.count >= wanted.count else { return false }
    return (0...(line.count - wanted.count)).contains { start in
      guard line[start] == wanted[0], line[start..<(start + wanted.count)].elementsEqual(wanted) else { return false }
      if start > 0, isWordByte(line[start - 1]) || line[start - 1] == UInt8(ascii: ".") { return false }
      return !line[..<start].suffix(5).elementsEqual("func ".utf8)
    }
  }
}
