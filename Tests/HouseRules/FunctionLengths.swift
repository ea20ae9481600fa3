/// Measures functions: from the line of `func`, `init`, `deinit`, `subscript` or a computed `var` to the brace that ends its body.
struct FunctionLengths {
  private let code: [UInt8]
  private let lineStarts: [Int]

  static func measure(_ file: SourceFile) -> [(line: Int, lines: Int)] { FunctionLengths(file.code).lengths() }

  private init(_ code: [UInt8]) {
    self.code = code
    lineStarts = [0] + code.indices.filter { code[$0] == 0x0A }.map { $0 + 1 }
  }

  private func lengths() -> [(line: Int, lines: Int)] {
    var found: [(line: Int, lines: Int)] = []
    for (number, start) in lineStarts.enumerated() {
      let end = number + 1 < lineStarts.count ? lineStarts[number + 1] : code.count
      guard let keyword = keyword(in: start..<end), let body = body(from: keyword.end, isProperty: keyword.isProperty), let close = closing(body) else { continue }
      found.append((number + 1, code[start..<close].count { $0 == 0x0A } + 1))
    }
    return found
  }

  /// The first word of the line that declares something with a body.
  private func keyword(in range: Range<Int>) -> (end: Int, isProperty: Bool)? {
    var at = range.lowerBound
    while at < range.upperBound {
      guard Words.isWordByte(code[at]) else {
        at += 1
        continue
      }
      let end = code[at..<range.upperBound].firstIndex { !Words.isWordByte($0) } ?? range.upperBound
      let word = String(decoding: code[at..<end], as: UTF8.self)
      let isCalled = at > range.lowerBound && code[at - 1] == UInt8(ascii: ".")
      if ["func", "init", "deinit", "subscript"].contains(word), !isCalled { return (end, false) }
      if word == "var" { return (end, true) }
      at = end
    }
    return nil
  }

  /// The brace that opens the body, or nil where the declaration has none.
  private func body(from start: Int, isProperty: Bool) -> Int? {
    var depth = 0
    for at in start..<code.count {
      switch code[at] {
      case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: "{") where depth == 0: return at
      case UInt8(ascii: "}") where depth == 0: return nil
      case 0x0A where depth == 0 && (isProperty || beginsDeclaration(at + 1)): return nil
      default: break
      }
      if depth < 0 { return nil }
    }
    return nil
  }

  private func beginsDeclaration(_ start: Int) -> Bool {
    let line = code[start...].prefix { $0 != 0x0A }.drop { $0 == 0x20 }
    return ["func ", "init", "var ", "let ", "static ", "mutating ", "public ", "case ", "@", "}"].contains { line.starts(with: $0.utf8) }
  }

  private func closing(_ open: Int) -> Int? {
    var depth = 0
    for at in open..<code.count {
      if code[at] == UInt8(ascii: "{") { depth += 1 }
      if code[at] == UInt8(ascii: "}") {
        depth -= 1
        if depth == 0 { return at }
      }
    }
    return nil
  }
}
