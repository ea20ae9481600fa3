import Support
import Testing

/// Test support that fails quietly would make every test above it worthless, so it has tests of its own.
@Suite struct CanaryScannerTests {
  private static let values = ["CANARY/ALPHA & \"42\" <é>", "ZZ-98765-4321"]
  private let scanner = CanaryScanner(values)

  @Test("Every encoding that Python writes is found", arguments: CanaryEncoding.allCases) func independent(encoding: CanaryEncoding) throws {
    let script = """
      import sys, base64, hashlib, json, urllib.parse, html
      v = sys.stdin.buffer.read(); t = v.decode()
      print({
        'raw': v.hex(), 'base64': base64.b64encode(b'xy' + v + b'z').hex(), 'base64URL': base64.urlsafe_b64encode(b'x' + v + b'\\xff\\xfe').hex(),
        'hexLower': v.hex().encode().hex(), 'hexUpper': v.hex().upper().encode().hex(), 'url': urllib.parse.quote(t, safe='').encode().hex(),
        'json': json.dumps(t).encode().hex(), 'xml': html.escape(t, quote=False).encode().hex(), 'utf16LittleEndian': t.encode('utf-16-le').hex(),
        'utf16BigEndian': t.encode('utf-16-be').hex(), 'reversed': v[::-1].hex(), 'sha256Hex': hashlib.sha256(v).hexdigest().encode().hex(),
        'sha256HexUpper': hashlib.sha256(v).hexdigest().upper().encode().hex(), 'sha256Raw': hashlib.sha256(v).digest().hex(),
        'sha256Base64': base64.b64encode(hashlib.sha256(v).digest()).hex(), 'lastFour': (b'***' + v[-4:]).hex(),
      }[sys.argv[1]])
      """
    let result = try Tools.run("python3", ["-c", script, encoding.rawValue], input: Array(Self.values[0].utf8))
    let digits = result.outputText.filter(\.isHexDigit).map { $0 }
    let encoded = stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) }
    let hits = scanner.hits(in: Array("before ".utf8) + encoded + Array(" after".utf8), file: "f", output: .text)
    let names = encoding == .base64URL ? [encoding, .base64] : [encoding]  // where the two alphabets agree, the first is named
    #expect(result.exit == 0 && hits.contains { $0.canary == 0 && names.contains($0.encoding) }, "\(hits) \(result.errorText)")
  }

  @Test("Base64 is found at every alignment and between any neighbours", arguments: 0..<30) func alignments(lead: Int) throws {
    let plain = [UInt8](repeating: 0xA5, count: lead) + Array(Self.values[1].utf8) + [UInt8](repeating: 0x5A, count: 29 - lead)
    let encoded = try Tools.run("base64", ["-w0"], input: plain).standardOutput
    #expect(scanner.hits(in: encoded, file: "f", output: .binary).map(\.canary) == [1])
  }

  @Test("Text without a planted value has no hits") func clean() throws {
    var generator = SeededGenerator(7)
    #expect(scanner.hits(in: generator.bytes(200_000), file: "f", output: .binary).isEmpty)
    #expect(scanner.hits(in: Array("CANARY/ALPHA, nothing more".utf8), file: "f", output: .text).isEmpty)
  }

  @Test("The last four count in texts only, and only standing alone") func lastFour() {
    func count(_ text: String, _ output: CanaryScanner.Output) -> Int { scanner.hits(in: Array(text.utf8), file: "f", output: output).count }
    #expect(count("ends in 4321.", .text) == 1)
    #expect(count("xxxx4321", .text) == 1)
    #expect(count("ends in 4321.", .binary) == 0)
    #expect(count("143215", .text) == 0)
  }

  @Test("A hit never shows the value") func silent() {
    let hits = scanner.hits(in: Array("..\(Self.values[1])..".utf8), file: "f", output: .text)
    #expect(hits.contains { $0.description == "f: byte 2: canary 1 as raw" })
    #expect(!"\(hits)".contains("98765"))
  }

  @Test("A folder is searched whole, the names of its files too") func folder() throws {
    let folder = try TemporaryFolder()
    try folder.write("nothing", to: "a/\(Self.values[1]).txt")
    try folder.write("here: \(Self.values[1])", to: "b.txt")
    try folder.write("here: \(Self.values[1])", to: "sealed/c.txt")
    let hits = try scanner.hits(under: folder.path) { $0.hasPrefix("sealed/") ? nil : .text }
    #expect(hits.filter { $0.encoding == .raw }.map(\.file) == ["(name of a file)", "b.txt"])
  }

  @Test("Five hundred values are found at once, overlapping ones too") func many() {
    let many = CanaryScanner((0..<500).map { "VALUE-\($0)-SYNTHETIC" } + ["SYNTHETIC"])
    let text = (0..<500).map { "VALUE-\($0)-SYNTHETIC" }.joined(separator: " ")
    let raw = many.hits(in: Array(text.utf8), file: "f", output: .binary).filter { $0.encoding == .raw }
    #expect(Set(raw.map(\.canary)).count == 501)
    #expect(raw.count == 1_000)
  }
}

@Suite struct TestSupportTests {
  @Test("A temporary folder is gone with its last reference") func folderRemovesItself() throws {
    var folder: TemporaryFolder? = try TemporaryFolder()
    let path = try #require(folder?.path)
    try folder?.write("x", to: "a/b/c")
    #expect(try TestFile.list(under: path) == ["a/b/c"])
    folder = nil
    #expect(throws: TestFailure.self) { try TestFile.list(under: path) }
  }

  @Test("SplitMix64 gives the published sequence") func splitMix() {
    var generator = SeededGenerator(1_234_567)
    #expect((0..<3).map { _ in generator.next() } == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
  }

  @Test("A tool gets its arguments, environment and input, and gives back its streams and status") func tools() throws {
    let result = try Tools.run("sh", ["-c", "cat; echo $A >&2; exit 3"], environment: ["A": "b"], input: Array("in".utf8))
    #expect(result.exit == 3 && result.outputText == "in" && result.errorText == "b\n")
  }

  @Test("A signal shows as 128 and its number") func signals() throws {
    let child = try Child("sleep", ["60"])
    child.signal(9)
    #expect(try child.wait().exit == 137)
  }

  @Test("A golden difference names its line") func golden() {
    #expect(Golden.difference(Array("a\nb\n".utf8), from: Array("a\nc\n".utf8)) == "line 2: wanted \"c\", got \"b\"")
    #expect(Golden.difference([1], from: [1]) == nil)
  }
}
