import Core
import Map
import Testing

/// Each shipped mapping shows by examples what it does: with every type it reads, every template it looks for, and something that it holds.
@Suite("Examples of the shipped mappings")
struct ExampleCoverageTests {
  struct Shipped: Sendable, CustomTestStringConvertible {
    var path: String
    var testDescription: String { path }
    /// `hl7v2`, `ccda`, `fhir` or `csv`.
    var format: String { String(path.prefix { $0 != "/" }) }

    func root() throws -> OutlineNode { try #require(ExampleCoverageTests.roots[path], "it is not read") }
  }

  private static let formats: Set<String> = ["hl7v2", "ccda", "fhir", "csv"]
  static let mappings = Fixture.shipped.paths.map { Shipped(path: $0) }.filter { formats.contains($0.format) }

  /// Each is read once.
  private static let roots: [String: OutlineNode] = mappings.reduce(into: [:]) { roots, mapping in
    roots[mapping.path] = Fixture.shipped[mapping.path].flatMap { try? OutlineReader.read($0, file: mapping.path) }
  }

  /// Mappings that hold nothing of their own: why.
  private static let exempt: [String: String] = [:]

  private func examples(_ root: OutlineNode) -> [OutlineNode] { root["examples"]?.items ?? [] }

  /// Every text that examples put into a message: what is given, and what stands in place of a part of it.
  private func texts(_ root: OutlineNode) -> String {
    examples(root).flatMap { example in
      [example["given"]?.text ?? ""] + (example["replace"]?.entries ?? []).map { $0.value.text ?? "" }
    }.joined(separator: "\n")
  }

  @Test("Each holds something in an example", arguments: mappings)
  func hold(mapping: Shipped) throws {
    let holds = try examples(mapping.root()).contains { $0["hold"] != nil }
    #expect(holds || Self.exempt[mapping.path] != nil, "no example with 'hold'")
  }

  @Test("Each has an example of every type it reads", arguments: mappings.filter { $0.format == "hl7v2" })
  func types(mapping: Shipped) throws {
    let root = try mapping.root()
    var given = "", shown: Set<String> = []
    for example in examples(root) {
      given = example["given"]?.text ?? given
      let named = try example.texts("types", code: "MAP-144")
      if named == ["all"] { return }
      let fields = given.split(separator: "\n").first?.split(separator: "|", omittingEmptySubsequences: false).map(String.init) ?? []
      let own = example["change"]?["MSH-9"]?.text ?? (fields.count > 8 ? fields[8] : "")
      shown.formUnion(named.isEmpty ? [own.split(separator: "^").prefix(2).joined(separator: "^")] : named)
    }
    #expect(try (root["reads"]?.texts("hl7v2", code: "MAP-131") ?? []).filter { !shown.contains($0) } == [])
  }

  @Test("Each has an example of every resource it reads", arguments: mappings.filter { $0.format == "fhir" })
  func resources(mapping: Shipped) throws {
    let root = try mapping.root(), texts = texts(root)
    #expect(try (root["reads"]?.texts("fhir", code: "MAP-131") ?? []).filter { !texts.contains("\"resourceType\": \"\($0)\"") } == [])
  }

  /// The templates that the blocks look for, and those that another mapping reads instead.
  private func templates(_ root: OutlineNode) -> Set<String> {
    var found: Set<String> = []
    for block in root.entries.map(\.value) {
      for piece in (block["each"]?.text ?? "").components(behind: "h:templateId/@root='") { found.insert(String(piece.prefix { $0 != "'" })) }
    }
    return found
  }

  @Test("Each has an example of every template it looks for", arguments: mappings.filter { $0.format == "ccda" })
  func templatesShown(mapping: Shipped) throws {
    let root = try mapping.root(), texts = texts(root)
    let missing = templates(root).filter { !texts.contains("root=\"\($0)\"") }.sorted()
    #expect(missing.filter { Self.alternatives[$0] == nil || !texts.contains("root=\"\(Self.alternatives[$0] ?? "")\"") } == [])
  }

  /// Templates that a mapping leaves to another one, of which one example is enough: the other template that stands for it.
  private static let alternatives = [
    "2.16.840.1.113883.10.20.22.4.52": "2.16.840.1.113883.10.20.22.4.16", "2.16.840.1.113883.10.20.22.4.27": "2.16.840.1.113883.10.20.22.4.2",
    "2.16.840.1.113883.10.20.22.4.13": "2.16.840.1.113883.10.20.22.4.14", "2.16.840.1.113883.10.20.22.4.12": "2.16.840.1.113883.10.20.22.4.14",
    "2.16.840.1.113883.10.20.22.4.78": "2.16.840.1.113883.10.20.22.4.38",
  ]

  /// Blocks whose rows come from entries and are statements.
  private func statements(_ root: OutlineNode) -> [OutlineNode] {
    root.entries.filter { $0.value["section"] != nil && $0.key != "provider" }.map(\.value)
  }

  /// Every text below a node.
  private func values(_ node: OutlineNode?) -> [String] {
    guard let node else { return [] }
    return (node.text.map { [$0] } ?? []) + (node.items ?? []).flatMap { values($0) } + node.entries.flatMap { values($0.value) }
  }

  @Test("Statements of documents: without an id, without information, negated, with an id that others have", arguments: mappings.filter { $0.format == "ccda" })
  func statements(mapping: Shipped) throws {
    let root = try mapping.root(), all = examples(root), texts = texts(root)
    for block in statements(root) {
      let lines = (block["set"]?.entries ?? []).map { $0.value.text ?? "" }
      #expect(texts.contains("nullFlavor=\"NI\"") && texts.contains("negationInd=\"true\""))
      guard lines.contains(where: { $0.contains("id else entry") }), root["coverage"] == nil else { continue }
      #expect(all.contains { values($0["expect"]).contains { $0.hasPrefix("D1#") } })
      #expect(all.contains { $0["findings"]?.items?.contains { $0.text == "ID-SHARED" } == true })
    }
  }

  @Test("Resources of a patient: one of two in a Bundle, and nobody", arguments: mappings.filter { $0.format == "fhir" })
  func patients(mapping: Shipped) throws {
    let root = try mapping.root()
    guard root.entries.contains(where: { $0.value["set"]?["patient"]?.text?.contains("resolve() is Patient") == true }) else { return }
    #expect(texts(root).contains("T900002"))
    let held = examples(root).compactMap { $0["hold"] }.flatMap { $0.items ?? [$0] }
    #expect(held.contains { ["SUBJECT-MISSING", "KEY-REPEATED"].contains($0["code"]?.text ?? "") })
  }
}

extension String {
  /// What stands behind each place of a mark.
  fileprivate func components(behind mark: String) -> [Substring] {
    var found: [Substring] = [], rest = self[...]
    while let range = rest.firstRange(of: mark) {
      rest = rest[range.upperBound...]
      found.append(rest)
    }
    return found
  }
}
