import Core
import Exchange
import Extract
import Glibc
import Map
import Trust

/// A site as its files describe it, read whole and checked before anything is done.
struct Site: Sendable {
  let folder: SiteFolder
  let configuration: SiteConfiguration
  let feeds: [FeedFile]
  let consumers: [ConsumerFile]
  let agreements: [AgreementFile]
  let partners: [PartnerFile]
  let people: People
  let library: MappingLibrary
  /// The newest one; it knows those before it.
  let dictionary: CanonicalDictionary

  /// - Parameter isReleased: false to read its own mappings as they lie there, released or not.
  static func open(_ path: String, isReleased: Bool = true) throws -> Site {
    let folder = try SiteFolder(path)
    let configuration = try SiteConfiguration.read(try read(folder.configuration, "site.yaml"), folder: folder)
    let library = try MappingFolder.read(configuration.mappings, overlay: folder.mappings, isReleased: isReleased)
    let dictionary = try DictionaryFile.newest(in: library)
    let ground = SiteGround(folder: folder, keys: configuration.keys)
    let agreements = try files(folder.agreements).map { (file: $0.name, value: try AgreementFile.read(try OutlineReader.read($0.bytes, file: $0.name))) }
    let consumers = try files(folder.consumers).map { (file: $0.name, value: try consumer($0.bytes, $0.name, ground)) }
    let feeds = try files(folder.feeds).map { (file: $0.name, value: try FeedFile.read($0.bytes, file: $0.name, ground: ground)) }
    let stops = try Suspensions.read(folder)
    let partners = try files(folder.partners).map { try PartnerFile.read($0.bytes, file: $0.name, folder: folder) }
    try unique(partners.map { ($0.name, $0.file) }, "partner")
    try PartnerRules.check(partners, feeds, consumers)
    try unique(agreements.map { ($0.value.agreement, $0.file) }, "agreement")
    try unique(feeds.map { ($0.value.name, $0.file) }, "feed")
    try unique(consumers.map { ($0.value.consumer, $0.file) }, "consumer")
    try SharedFolders(feeds.map(\.value), partners).refuse()
    try checkOwners(feeds.map(\.value), dictionary)
    return Site(
      folder: folder, configuration: configuration, feeds: stops.applied(to: feeds.map(\.value)).sorted { $0.name < $1.name },
      consumers: stops.applied(to: consumers.map(\.value)).sorted { $0.consumer < $1.consumer }, agreements: agreements.map(\.value), partners: partners,
      people: try PeopleFile.read(try read(folder.people, "people.yaml")), library: library, dictionary: dictionary)
  }

  /// The YAML files of a folder, by name; none where the folder is missing.
  private static func files(_ folder: String) throws -> [(name: String, bytes: [UInt8])] {
    let last = folder.split(separator: "/").last.map(String.init) ?? ""
    let names = try Folder.names(folder)
    if let other = names.first(where: { name in [".yml", ".yaml"].contains { name.lowercased().hasSuffix($0) } && !name.hasSuffix(".yaml") }) {
      throw PipelineError("PIP-104", .configuration, "\(last)/\(other) would not be read: its name does not end in .yaml", hint: "Rename it, or take it out of the folder.")
    }
    return try names.filter { $0.hasSuffix(".yaml") }.map { ("\(last)/\($0)", try read("\(folder)/\($0)", "\(last)/\($0)")) }
  }

  private static func consumer(_ bytes: [UInt8], _ file: String, _ ground: SiteGround) throws -> ConsumerFile {
    let node = try OutlineReader.read(bytes, file: file)
    let consumer = try ConsumerFile.read(node)
    for (place, line) in [(consumer.delivery.place, node["delivery"]), (consumer.receipt?.place, node["receipt"]?["from"])] {
      if case .folder(let path) = place { try ground.refuseInside(ground.folder.resolve(path), "folder", line ?? node) }
    }
    return consumer
  }

  private static func read(_ path: String, _ name: String) throws -> [UInt8] {
    do { return try DurableFile.read(path, maximumBytes: 1 << 20) } catch {
      throw PipelineError("PIP-102", .configuration, "\(name) cannot be read", hint: "Check that it is there and that this account may read it.")
    }
  }

  private static func unique(_ names: [(name: String, file: String)], _ kind: String) throws {
    let sorted = names.sorted { ($0.name, $0.file) < ($1.name, $1.file) }
    if let (one, other) = zip(sorted, sorted.dropFirst()).first(where: { $0.name == $1.name }) {
      throw PipelineError("PIP-103", .configuration, "\(one.file) and \(other.file) both describe the \(kind) '\(one.name)'", hint: "Give one of them another name, or take it away.")
    }
  }
}

/// Questions about our own folders.
enum Folder {
  /// Names in a folder, ascending by bytes, dot files left out; empty where the folder is missing.
  static func names(_ path: String) throws -> [String] { try DurableFile.names(in: path).filter { !$0.hasPrefix(".") } }

  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether it is a folder that this account may put files into.
  static func isWritable(_ path: String) -> Bool { isFolder(path) && access(path, W_OK | X_OK) == 0 }

  /// Whether something in a tree of ours is a folder of it.
  ///
  /// - Throws: PIP-118 (78) for a symbolic link: it would lead out of the tree, to files that nobody released.
  static func isInner(_ path: String) throws(PipelineError) -> Bool {
    var status = stat()
    guard lstat(path, &status) == 0 else { return false }
    guard status.st_mode & S_IFMT != S_IFLNK else {
      throw PipelineError("PIP-118", .configuration, "\(path) is a symbolic link; mappings are read from their own folder only", hint: "Copy what it points to, or take it away.")
    }
    return status.st_mode & S_IFMT == S_IFDIR
  }

  /// Makes a folder and its parents, 0700; what is there stays.
  static func make(_ path: String) throws { try DurableFile.makeDirectory(path, mode: 0o700) }
}
