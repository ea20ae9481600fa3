import Core

/// Writes a tree of nodes as XML in one spelling: a prefix for each namespace, every mark escaped, no default namespace.
struct XMLPrinter {
  private let arena: NodeArena
  private let prefixes: [String: String]

  init(_ arena: NodeArena) {
    self.arena = arena
    var prefixes: [String: String] = [:]
    for name in arena.names {
      if let space = Self.split(name).space, prefixes[space] == nil { prefixes[space] = "n\(prefixes.count)" }
    }
    self.prefixes = prefixes
  }

  /// The whole tree as a document; nil where it has no such spelling: two attributes of an element have one name (an undeclared prefix that
  /// reads like another's name), or a name has a colon of its own (`<:x/>`, which is well formed without namespaces and cannot take a prefix).
  func text() -> [UInt8]? {
    var out = "", isClean = true
    Tree.walk(arena, from: 0) { node, step in
      let entry = arena.nodes[Int(node)]
      if entry.kind == .text { return out += Self.escaped(arena.value(node)) }
      let name = spelling(arena.names[Int(entry.name)])
      if step == .leave { return out += "</\(name)>" }
      let attributes = attributes(of: node)
      let names = attributes.map(\.name)
      isClean = isClean && Set(names).count == names.count && ([name] + names).allSatisfy(Self.isQualified)
      out += "<" + name + (node == 0 ? declarations : "") + attributes.map { " \($0.name)=\"\($0.value)\"" }.joined() + ">"
    }
    return isClean ? Array(out.utf8) : nil
  }

  /// What is below a node, whatever numbers its names have.
  func hash(of root: Int32) -> UInt64 {
    var hash = Mixer(), text: [UInt8] = []
    Tree.walk(arena, from: root) { node, step in
      let entry = arena.nodes[Int(node)]
      if entry.kind == .text { return text += arena.value(node) }
      hash.add(text)
      text = []
      hash.add(step == .enter ? 1 : 2)
      guard step == .enter else { return }
      hash.add(arena.names[Int(entry.name)].utf8)
      for attribute in attributes(of: node).sorted(by: { $0.full < $1.full }) { hash.add("\(attribute.full)=\(attribute.value)".utf8) }
    }
    return hash.value
  }

  private func attributes(of node: Int32) -> [(name: String, full: String, value: String)] {
    var found: [(String, String, String)] = [], attribute = arena.nodes[Int(node)].firstAttribute
    while attribute >= 0 {
      let full = String(arena.names[Int(arena.nodes[Int(attribute)].name)].dropFirst())
      found.append((spelling(full), full, Self.escaped(arena.value(attribute))))
      attribute = arena.nodes[Int(attribute)].next
    }
    return found
  }

  private static let known = [
    "h": "urn:hl7-org:v3", "sdtc": "urn:hl7-org:sdtc", "xsi": "http://www.w3.org/2001/XMLSchema-instance",
  ]

  private var declarations: String {
    let own = Self.known.map { ($0.key, $0.value) } + prefixes.map { ($0.value, $0.key) }
    return own.map { " xmlns:\($0.0)=\"\(Self.escaped(Array($0.1.utf8)))\"" }.joined()
  }

  /// At most one colon, and something on both sides of it.
  private static func isQualified(_ name: String) -> Bool {
    let parts = name.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count <= 2 && parts.allSatisfy { !$0.isEmpty }
  }

  private func spelling(_ full: String) -> String {
    let (space, local) = Self.split(full)
    return space.flatMap { prefixes[$0] }.map { "\($0):\(local)" } ?? local
  }

  /// `{uri}name` cut at the last brace; the prefixes that everybody knows stay in the name.
  private static func split(_ full: String) -> (space: String?, local: String) {
    let name = full.hasPrefix("@") ? full.dropFirst() : full[...]
    guard name.hasPrefix("{"), let close = name.lastIndex(of: "}") else { return (nil, String(name)) }
    let space = String(name[name.index(after: name.startIndex)..<close])
    return (space.isEmpty ? nil : space, String(name[name.index(after: close)...]))
  }

  private static func escaped(_ text: some Collection<UInt8>) -> String {
    var out: [UInt8] = []
    for byte in text {
      switch byte {
      case UInt8(ascii: "<"): out += "&lt;".utf8
      case UInt8(ascii: ">"): out += "&gt;".utf8
      case UInt8(ascii: "&"): out += "&amp;".utf8
      case UInt8(ascii: "\""): out += "&quot;".utf8
      case 0x09, 0x0A, 0x0D: out += "&#\(byte);".utf8
      default: out.append(byte)
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}
