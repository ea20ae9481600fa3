import Testing

@Suite struct HouseRulesTests {
  private static let everything = ["Sources", "Jobs", "Tests", "docs", "Mappings", "Sites", "cron", ".ci", "Fuzz"]
  private static let pages = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile", "Package.swift"]

  private func holds(_ rule: HouseRule, _ files: [SourceFile]) {
    #expect(!files.isEmpty)
    let breaches = rule.report(files)
    #expect(breaches.isEmpty, "\(rule.name):\n\(breaches.joined(separator: "\n"))")
  }

  @Test("Each module imports only what the drawing of the rooms allows") func imports() throws {
    holds(.importTable, try Repository.swiftFiles(["Sources", "Jobs"]).filter { !$0.path.hasSuffix("/module.modulemap") })
  }

  @Test("Every folder of Sources is in the import table or a C module") func roomsAreKnown() throws {
    let rooms = Set(try Repository.files(["Sources"]).map(\.room))
    #expect(rooms.filter { ImportTable.rooms[$0] == nil && !["CLibXML2", "COpenSSL", "CLibPQ", "CZlib"].contains($0) }.isEmpty)
  }

  @Test("Code keeps the rules of code", arguments: [HouseRule.noConsole, .noTraps, .functionLength, .fileLength])
  func code(rule: HouseRule) throws { holds(rule, try Repository.swiftFiles(["Sources", "Jobs", "Tests", "Fuzz"])) }

  @Test("Jobs are thin") func jobs() throws { holds(.jobLength, try Repository.swiftFiles(["Jobs"])) }

  @Test("Texts are tidy and finished", arguments: [HouseRule.noLeftovers, .tidyText])
  func texts(rule: HouseRule) throws { holds(rule, try Repository.swiftFiles(["Sources", "Jobs", "Tests", "Fuzz"]) + [try Repository.file("Package.swift")]) }

  @Test("Nothing names a path of one machine") func machinePaths() throws {
    holds(.noMachinePaths, try Repository.files(Self.everything) + Self.pages.compactMap { try? Repository.file($0) })
  }

  @Test("The manifest pins every dependency") func dependencies() throws { holds(.pinnedDependencies, [try Repository.file("Package.swift")]) }
}

/// Each rule must be able to fail.
@Suite struct HouseRulesSelfTests {
  struct Sample: Sendable, CustomTestStringConvertible {
    let rule: HouseRule
    let path: String
    let text: String
    var testDescription: String { rule.name }
  }

  private static func long(_ lines: Int) -> String { "func f() {\n" + String(repeating: "  g()\n", count: lines - 2) + "}\n" }

  static let bad: [Sample] = [
    Sample(rule: .importTable, path: "Sources/Core/A.swift", text: "import Trust\n"),
    Sample(rule: .importTable, path: "Sources/Decode/A.swift", text: "@preconcurrency public import Foundation\n"),
    Sample(rule: .importTable, path: "Sources/Map/A.swift", text: "internal import struct Decode.DecodeLimits\n"),
    Sample(rule: .importTable, path: "Jobs/compline/A.swift", text: "import Store\n"),
    Sample(rule: .importTable, path: "Sources/Unheard/A.swift", text: "import Core\n"),
    Sample(rule: .noConsole, path: "Sources/Core/A.swift", text: "func f() { print(1) }\n"),
    Sample(rule: .noConsole, path: "Sources/Core/A.swift", text: "func f() { \"\\(debugPrint(1))\" }\n"),
    Sample(rule: .noConsole, path: "Sources/Pipeline/Other.swift", text: "dump(x)\n"),
    Sample(rule: .noConsole, path: "Sources/Core/A.swift", text: "dump(x, to: &text)\n"),
    Sample(rule: .noConsole, path: "Tests/Core/A.swift", text: "print(x, to: &text)\n"),
    Sample(rule: .noTraps, path: "Sources/Core/A.swift", text: "let x = try! f()\n"),
    Sample(rule: .noTraps, path: "Sources/Core/A.swift", text: "let x = y as! Int\n"),
    Sample(rule: .noTraps, path: "Jobs/a/A.swift", text: "fatalError(\"no\")\n"),
    Sample(rule: .functionLength, path: "Sources/Core/A.swift", text: long(61)),
    Sample(rule: .functionLength, path: "Sources/Core/A.swift", text: "struct A {\n  \(long(70))}\n"),
    Sample(rule: .functionLength, path: "Sources/Core/A.swift", text: "var x: Int {\n" + String(repeating: "  1\n", count: 60) + "}\n"),
    Sample(rule: .fileLength, path: "Sources/Core/A.swift", text: String(repeating: "\n", count: 401)),
    Sample(rule: .jobLength, path: "Jobs/a/A.swift", text: String(repeating: "\n", count: 80)),
    Sample(rule: .noLeftovers, path: "Sources/Core/A.swift", text: "// FIX" + "ME later\n"),
    Sample(rule: .tidyText, path: "Sources/Core/A.swift", text: "\tlet x = 1\n"),
    Sample(rule: .tidyText, path: "Sources/Core/A.swift", text: "let x = 1"),
    Sample(rule: .noMachinePaths, path: "docs/a.md", text: "see /wo" + "rk/main\n"),
    Sample(rule: .pinnedDependencies, path: "Package.swift", text: "  .package(url: \"https://example.invalid/a\", from: \"1.0.0\"),\n"),
  ]

  static let good: [Sample] = [
    Sample(rule: .importTable, path: "Sources/Trust/A.swift", text: "internal import COpenSSL\npublic import Core\nimport Glibc\n"),
    Sample(rule: .noConsole, path: "Sources/Core/A.swift", text: "// print(1)\nlet a = \"print(1)\"\nx.print(1)\nfunc print(_ x: Int) {}\nfingerprint(2)\n"),
    Sample(rule: .noConsole, path: "Jobs/compline/A.swift", text: "print(1)\n"),
    Sample(rule: .noConsole, path: "Tests/Core/A.swift", text: "dump(x, to: &text)\n"),
    Sample(rule: .noTraps, path: "Sources/Core/A.swift", text: "let a = \"\"\"\n  try! as!\n  \"\"\"\nlet b = #\"as! \"quoted\" \"#\n/* try! /* as! */ */\n"),
    Sample(rule: .functionLength, path: "Sources/Core/A.swift", text: long(60)),
    Sample(rule: .functionLength, path: "Sources/Core/A.swift", text: "protocol P {\n  func a()\n  func b()\n}\nstruct S {\n" + String(repeating: "\n", count: 70) + "}\n"),
  ]

  @Test("A bad sample breaks its rule", arguments: bad) func fails(sample: Sample) {
    #expect(!sample.rule.report([SourceFile(path: sample.path, text: sample.text)]).isEmpty)
  }

  @Test("A good sample keeps its rule", arguments: good) func passes(sample: Sample) {
    #expect(sample.rule.report([SourceFile(path: sample.path, text: sample.text)]).isEmpty)
  }
}
