import Core
import Map
import Store
import Trust

/// `compline init`: makes what a site needs and leaves alone what is there.
struct Initialiser {
  let site: String
  let keys: String?
  let mappings: String?
  let zone: String

  private static let parts = ["feeds", "consumers", "agreements", "mappings", "var", "var/store", "var/spool", "var/audit", "var/statements", "var/outbox", "var/log", "var/metrics"]

  func run() throws -> ExitCode {
    guard let bytes = ZoneFile.bytes(zone), ZoneRules(tzif: bytes) != nil else {
      throw PipelineError("PIP-111", .usage, "--zone is not a time zone of this machine", hint: "Use a name like America/Chicago (package tzdata).")
    }
    let made = try make()
    let desk = try OperatorDesk(site, .check)
    try desk.record(night: nil, outcome: .closed)
    say(made, desk.site)
    return .closed
  }

  /// What a call of `init` had to make.
  private struct Made {
    var enrolled = false
    var anything = false
  }

  private func make() throws -> Made {
    var made = Made()
    try requireMappings()
    try Folder.make(PathPlace.absolute(site))
    let folder = try SiteFolder(site)
    for part in Self.parts where !Folder.isFolder("\(folder.path)/\(part)") {
      try Folder.make("\(folder.path)/\(part)")
      made.anything = true
    }
    if try writeMissing(folder.configuration, { try configuration(folder, keys.map(PathPlace.absolute)) }) { made.anything = true }
    let settings = try SiteConfiguration.read(try DurableFile.read(folder.configuration, maximumBytes: 1 << 20), folder: folder)
    if try makeKeys(settings, folder) { made.anything = true }
    made.enrolled = try writeMissing(folder.people) { PeopleFile.enrolling(Authority.account(), from: Clock.today(in: settings.zone)) }
    let opened = try Site.open(folder.path)
    if try !settings.store.isMade() {
      made.anything = true
      try beginAudit(opened)
    }
    try SiteStore.create(at: settings.store, siteID: settings.site, dictionary: opened.dictionary)
    return made
  }

  /// Before anything is written: a new site names its mappings, and without them nothing of it opens.
  private func requireMappings() throws {
    if DurableFile.exists(PathPlace.absolute(site) + "/site.yaml") { return }
    guard !DurableFile.exists(try shippedMappings() + "/RELEASED") else { return }
    throw PipelineError("PIP-107", .configuration, "there are no shipped mappings in the folder that --mappings names", hint: "Name the folder that holds RELEASED and canonical/.")
  }

  /// Before the store is there: a site that has one and no checkpoint has lost its audit, and is never given a new history.
  private func beginAudit(_ site: Site) throws {
    let keys = try KeyDirectory(at: site.configuration.keys, refusedInside: site.folder.path)
    try AuditLog(folder: site.folder.audit).signFirstCheckpoint(try keys.signingKey(.auditSigning), origin: AuditHead.origin(site))
  }

  private func say(_ made: Made, _ opened: Site) {
    guard made.anything || made.enrolled else {
      Console.say("site     \(opened.folder.path) is complete; nothing changed")
      return
    }
    Console.say("site     \(opened.folder.path)")
    Console.say("keys     \(opened.configuration.keys)  (0700; back them up apart from the site)")
    if made.enrolled { Console.say("people   \(Authority.account()) enrolled with all grants for 90 days") }
    let begin = opened.feeds.isEmpty ? "compline feed templates, then compline feed new TEMPLATE --site \(site), or a file of your own in feeds/; then: " : ""
    Console.say("next     \(begin)compline check --site \(site)")
  }

  /// Keys are made once. A store without its keys is never given new ones: they could not open it.
  private func makeKeys(_ settings: SiteConfiguration, _ folder: SiteFolder) throws -> Bool {
    let path = settings.keys
    if (try? KeyDirectory(at: path, refusedInside: folder.path).load(.spool)) != nil { return false }
    if try settings.store.isMade() {
      // A fault of a folder that is there (modes, owner) names itself.
      if Folder.isFolder(path), !(try Folder.names(path)).isEmpty { _ = try KeyDirectory(at: path, refusedInside: folder.path).load(.spool) }
      throw PipelineError("PIP-114", .notPermitted, "the key directory of this site is missing", hint: "Restore it from its backup; new keys cannot open this store.")
    }
    try KeyDirectory.create(at: path, outside: folder.path)
    return true
  }

  private func writeMissing(_ path: String, _ bytes: () throws -> [UInt8]) throws -> Bool {
    if DurableFile.exists(path) { return false }
    try DurableFile.write(try bytes(), to: path, mode: 0o600)
    return true
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
    if let mappings { return PathPlace.absolute(mappings) }
    if let installed = ShippedMappings.installed() { return installed }
    throw PipelineError("PIP-107", .configuration, "the shipped mappings were not found beside this installation", hint: "Name them with --mappings DIR.")
  }
}
