import Core
import Glibc
import Map
import Store
import Trust

/// `compline init`: makes what a site needs and leaves alone what is there.
struct Initialiser {
  let site: String
  let keys: String?
  let mappings: String?
  let zone: String

  func run() throws -> ExitCode {
    try Folder.make(absolute(site))
    let folder = try SiteFolder(site)
    for part in ["feeds", "consumers", "agreements", "mappings", "var", "var/store", "var/spool", "var/audit", "var/statements", "var/outbox", "var/log", "var/metrics"] {
      try Folder.make("\(folder.path)/\(part)")
    }
    let keyFolder = keys.map(absolute)
    try writeMissing(folder.configuration, try configuration(folder, keyFolder))
    let settings = try SiteConfiguration.read(try DurableFile.read(folder.configuration, maximumBytes: 1 << 20), folder: folder)
    try makeKeys(settings.keys, folder)
    try writeMissing(folder.people, PeopleFile.enrolling(Authority.account(), from: Clock.today(in: settings.zone)))
    let opened = try Site.open(folder.path)
    try SiteStore.create(path: folder.store, siteID: settings.site, dictionary: opened.dictionary)
    let desk = try OperatorDesk(folder.path, .check)
    try desk.record(night: nil, outcome: .closed)
    Console.say("site     \(folder.path)")
    Console.say("keys     \(settings.keys)  (0700; back them up apart from the site)")
    Console.say("people   \(Authority.account()) enrolled with all grants for 90 days")
    Console.say("next     put a file into feeds/, then: compline check --site \(site)")
    return .closed
  }

  private func makeKeys(_ path: String, _ folder: SiteFolder) throws {
    if (try? KeyDirectory(at: path, refusedInside: folder.path).load(.spool)) != nil { return }
    try KeyDirectory.create(at: path, outside: folder.path)
  }

  private func writeMissing(_ path: String, _ bytes: [UInt8]) throws {
    if !DurableFile.exists(path) { try DurableFile.write(bytes, to: path, mode: 0o600) }
  }

  private func configuration(_ folder: SiteFolder, _ keyFolder: String?) throws -> [UInt8] {
    let last = folder.path.split(separator: "/").last.map { String($0).lowercased() } ?? "site"
    let name = String(last.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }.drop { $0 == "-" })
    let keyLine = keyFolder.map { "keys: {provider: file, dir: \"\($0)\"}\n" } ?? ""
    return Array(
      """
      # Written by compline init. See README.md, "A site".
      site: \(Name.isLegal(name) ? name : "site")
      zone: \(zone)
      store: sqlite
      \(keyLine)mappings: "\(try shippedMappings())"

      """.utf8)
  }

  /// The folder named on the command line, or the `Mappings` nearest above the executables.
  private func shippedMappings() throws -> String {
    if let mappings { return absolute(mappings) }
    var parts = Installation.path(of: "").split(separator: "/").map(String.init)
    while !parts.isEmpty {
      for candidate in ["/Mappings", "/share/compline/Mappings"] {
        let path = "/" + parts.joined(separator: "/") + candidate
        if DurableFile.exists(path + "/RELEASED") { return path }
      }
      parts.removeLast()
    }
    throw PipelineError("PIP-107", .configuration, "the shipped mappings were not found beside this installation", hint: "Name them with --mappings DIR.")
  }

  private func absolute(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    guard let here = getcwd(nil, 0) else { return path }
    defer { free(here) }
    return String(cString: here) + "/" + path
  }
}
