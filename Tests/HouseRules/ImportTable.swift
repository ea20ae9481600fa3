/// Which module may see which: the drawing of the rooms, in the one place where it is enforced.
enum ImportTable {
  /// Parts of the toolchain that stand open to all.
  static let anywhere: Set<String> = ["Glibc", "Synchronization"]

  static let rooms: [String: Set<String>] = [
    "Core": [],
    "Trust": ["Core", "COpenSSL", "Logging", "FoundationEssentials"],
    "Exchange": ["Core", "Trust", "FoundationEssentials"],
    "Decode": ["Core", "CLibXML2", "COpenSSL", "CZlib"],
    "Map": ["Core", "Yams"],
    "Store": ["Core", "Trust", "GRDB", "GRDBSQLite", "CLibPQ", "FoundationEssentials"],
    "Reconcile": ["Core", "Store"],
    "Extract": ["Core", "Trust", "Store"],
    "Demo": ["Core"],
    "Pipeline": [
      "Core", "Trust", "Exchange", "Decode", "Map", "Store", "Reconcile", "Extract", "Demo", "FoundationEssentials",
    ],
    "Jobs": ["Pipeline", "JobOptions", "ArgumentParser"],
  ]

  /// The modules that a file imports, whatever stands before the word `import`.
  static func imports(of file: SourceFile) -> [(module: String, line: Int)] {
    file.codeLines.enumerated().compactMap { number, line in
      let words = line.split(whereSeparator: { $0 == " " || $0 == ";" })
      guard let place = words.firstIndex(of: "import"), words[..<place].allSatisfy({ $0.hasPrefix("@") || levels.contains(String($0)) }) else { return nil }
      let rest = words[(place + 1)...].drop { kinds.contains(String($0)) }
      return rest.first.map { (String($0.prefix { $0 != "." }), number + 1) }
    }
  }

  private static let levels: Set<String> = ["public", "package", "internal", "fileprivate", "private"]
  private static let kinds: Set<String> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
}
