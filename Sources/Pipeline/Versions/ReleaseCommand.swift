import Core
import Map
import Trust

/// `compline mapping release`, as it was asked for: one at a time, the audit first, then the list.
struct ReleaseCommand {
  static func run(site: String?, mappings: String?, zone: String?, isDry: Bool) throws -> ExitCode {
    guard let site else { return try release(folder: mappings ?? "Mappings", zone: zone ?? "America/Chicago", isDry: isDry) }
    guard mappings == nil, zone == nil else { throw PipelineError("PIP-805", .usage, "--site has its own folder of mappings and its own zone", hint: "Leave --mappings and --zone out.") }
    // The site cannot be opened whole while its folder holds files that are not released.
    let folder = try SiteFolder(site)
    let desk = try ReleaseDesk(folder)
    let tenure = isDry ? Tenure() : try Tenure(alone: folder.lock, job: "compline") { 0 }
    // The lock goes with the tenure: it must outlive its last use by name.
    defer { withExtendedLifetime(tenure) {} }
    let release = try MappingRelease(folder: folder, configuration: desk.configuration)
    let frozen = try release.checked()
    if !isDry, !frozen.new.isEmpty {
      // The audit speaks first. After a kill between the two the files are still unreleased, and the next call does both again.
      try desk.record(frozen)
      try release.write(frozen)
    }
    return say(frozen.new, isDry)
  }

  /// A folder without a site has no audit; its own lock keeps two releases apart.
  private static func release(folder: String, zone name: String, isDry: Bool) throws -> ExitCode {
    guard let zone = ZoneFile.bytes(name).flatMap({ ZoneRules(tzif: $0) }) else {
      throw PipelineError("PIP-804", .usage, "--zone is not a time zone of this machine", hint: "Use a name like America/Chicago.")
    }
    let lock = isDry || !Folder.isFolder(folder) ? nil : try FileLock(folder: PathPlace.real(folder), contention: .refuse)
    defer { withExtendedLifetime(lock) {} }
    let release = try MappingRelease(folder: folder, zone: zone), frozen = try release.checked()
    if !isDry, !frozen.new.isEmpty { try release.write(frozen) }
    return say(frozen.new, isDry)
  }

  private static func say(_ new: [String], _ isDry: Bool) -> ExitCode {
    for path in new { Console.say("\(isDry ? "would release" : "released ") \(path)") }
    if new.isEmpty { Console.say("nothing new to release; what is released is unchanged") }
    return .closed
  }
}

/// The grant and the audit of a release: a site whose mappings are not all released yet.
private struct ReleaseDesk {
  let configuration: SiteConfiguration
  private let folder: SiteFolder
  private let keys: KeyDirectory

  init(_ folder: SiteFolder) throws {
    self.folder = folder
    configuration = try SiteConfiguration.read(try DurableFile.read(folder.configuration, maximumBytes: 1 << 20), folder: folder)
    let people = try PeopleFile.read(try DurableFile.read(folder.people, maximumBytes: 1 << 20))
    try people.decide(account: Authority.account(), verb: .release, on: Clock.today(in: configuration.zone)).require(.release, account: Authority.account())
    keys = try KeyDirectory(at: configuration.keys, refusedInside: folder.path)
  }

  /// How many files, and the digest of the list as it is about to stand there.
  func record(_ frozen: MappingRelease.Frozen) throws {
    let audit = try AuditLog(folder: folder.audit)
    var entry = try AuditRecord.make(.release, night: nil, outcome: .closed)
    entry.counts[.files] = frozen.new.count
    entry.digests[.mapping] = SHA256.digest(frozen.list)
    try audit.append(entry)
    try audit.signCheckpoint(try keys.signingKey(.auditSigning), origin: "compline/\(configuration.site)/audit")
  }
}
