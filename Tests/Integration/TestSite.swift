import Core
import Demo
import Glibc
import Support

/// A copy of the demo site in a temporary folder, worked on by the real executables.
struct TestSite {
  static let night = BusinessDate("2026-03-10")!
  let root: TemporaryFolder

  var path: String { root.path("site") }

  /// The checkout: the folder above this test's sources.
  static let checkout = String(#filePath.prefix(#filePath.count - "/Tests/Integration/TestSite.swift".count))

  /// The folder of the built executables: that of the test bundle.
  static let binaries: String = {
    var buffer = [CChar](repeating: 0, count: 4_096)
    let count = readlink("/proc/self/exe", &buffer, 4_095)
    let own = String(decoding: buffer.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return String(own[..<(own.lastIndex(of: "/") ?? own.startIndex)])
  }()

  static func binary(_ name: String) -> String {
    let beside = binaries + "/" + name
    return access(beside, X_OK) == 0 ? beside : checkout + "/.build/debug/" + name
  }

  /// A site made by `compline init` over the demo's configuration; no drops yet.
  ///
  /// - store: the lines of `site.yaml` that say what its store is built on.
  init(store: String = "store: sqlite") throws {
    root = try TemporaryFolder()
    for file in try TestFile.list(under: Self.checkout + "/Sites/demo") where Self.isConfiguration(file) {
      var bytes = try TestFile.read(Self.checkout + "/Sites/demo/" + file)
      if file == "site.yaml" { bytes = Self.pointed(bytes, store) }
      try root.write(bytes, to: "site/" + file)
    }
    try expectExit(0, of: try compline("init", path))
    for folder in ["delivery/billing"] + DemoNight.feeds.map({ "drops/" + $0 }) { try TestFile.makeFolder(path + "/" + folder) }
  }

  /// A copy of a folder that holds a site, as it stands.
  init(copying other: TestSite) throws {
    root = try TemporaryFolder()
    let result = try Tools.run("cp", ["-a", other.root.path + "/.", root.path])
    guard result.exit == 0 else { throw TestFailure("cp ended \(result.exit)") }
  }

  private static func isConfiguration(_ file: String) -> Bool {
    ["feeds/", "consumers/", "agreements/"].contains { file.hasPrefix($0) } || file == "site.yaml"
  }

  /// The keys beside the copy, the mappings of the checkout.
  private static func pointed(_ bytes: [UInt8], _ store: String) -> [UInt8] {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { line in !["keys:", "mappings:", "store:"].contains { line.hasPrefix($0) } }
    return Array((lines.joined(separator: "\n") + "\n\(store)\nmappings: \"\(checkout)/Mappings\"\n").utf8)
  }

  /// The lines that name a schema of the test process's PostgreSQL.
  static func postgres(schema: String) throws -> String {
    "store: postgresql\npostgresql: {host: \(try PostgresServer.socket()), database: compline, role: postgres, schema: \(schema)}"
  }

  // MARK: Drops

  /// Lays down a wave of the demo night; `rename` may change the last part of each name.
  func lay(_ wave: DemoNight.Wave, rename: (String) -> String = { $0 }) throws {
    for file in DemoNight(Self.night).files(wave) { try drop(file.bytes, at: renamed(file.path, rename)) }
  }

  private func renamed(_ path: String, _ rename: (String) -> String) -> String {
    var parts = path.split(separator: "/").map(String.init)
    let last = parts.removeLast()
    return (parts + [rename(last)]).joined(separator: "/")
  }

  /// Writes a file below `drops/`, long settled.
  func drop(_ bytes: [UInt8], at path: String) throws {
    try root.write(bytes, to: "site/drops/" + path)
    try TestFile.setModified(root.path("site/drops/" + path), to: 1_600_000_000)
  }

  // MARK: Running

  @discardableResult
  func compline(_ arguments: String..., environment: [String: String] = [:]) throws -> ToolResult {
    try Tools.run(Self.binary("compline"), arguments, environment: Self.environment(environment))
  }

  @discardableResult
  func job(_ name: String, _ more: [String] = [], environment: [String: String] = [:]) throws -> ToolResult {
    try Tools.run(Self.binary("compline-" + name), arguments(more), environment: Self.environment(environment))
  }

  func arguments(_ more: [String] = []) -> [String] { ["--site", path, "--night", Self.night.description] + more }

  static func environment(_ more: [String: String] = [:]) -> [String: String] {
    ["SWIFT_BACKTRACE": "enable=no"].merging(more) { _, given in given }
  }

  /// Both waves and the night: the whole demo.
  func closeDemoNight(rename: (String) -> String = { $0 }) throws {
    try lay(.first, rename: rename)
    try expectExit(0, of: try job("pull"))
    try lay(.second, rename: rename)
    try expectExit(3, of: try job("nightly"))
  }

  func expectExit(_ expected: Int32, of result: ToolResult) throws {
    guard result.exit == expected else { throw TestFailure("exit \(result.exit) instead of \(expected): \(result.errorText) \(result.outputText.suffix(400))") }
  }

  // MARK: Looking

  func statement() throws -> JSONValue { try JSONValue(parsing: try root.read("site/var/statements/\(Self.night)/statement.json")) }

  func feed(_ name: String) throws -> JSONValue {
    guard let feed = try statement()["feeds"]?.array?.first(where: { $0["feed"]?.string == name }) else { throw TestFailure("no feed \(name) in the statement") }
    return feed
  }

  func manifest() throws -> JSONValue { try JSONValue(parsing: try root.read("site/var/outbox/billing/\(Self.night)/manifest.json")) }

  /// What must not depend on order, names, kills or reruns.
  func outcome() throws -> Outcome {
    let digest = try compline("digest", "--site", path)
    try expectExit(0, of: digest)
    guard case .object(var members) = try statement() else { throw TestFailure("the statement is not an object") }
    members["runs"] = nil
    let html = String(decoding: try root.read("site/var/statements/\(Self.night)/statement.html"), as: UTF8.self)
    return Outcome(
      digest: digest.outputText, statement: String(decoding: JSONValue.object(members).pretty, as: UTF8.self),
      extract: try manifest()["files"]?.array?.first?["sha256"]?.string ?? "", delivered: try root.read("site/delivery/billing/billing-\(Self.night).csv"),
      page: html.components(upTo: "<section id=\"runs\">"))
  }
}

struct Outcome: Equatable {
  var digest: String
  var statement: String
  var extract: String
  var delivered: [UInt8]
  var page: String
}

extension String {
  /// What stands before a mark; all of it where there is none.
  func components(upTo mark: String) -> String { firstRange(of: mark).map { String(self[..<$0.lowerBound]) } ?? self }
}
