import Core
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
  let people: People
  let library: MappingLibrary
  let dictionary: CanonicalDictionary

  private static let dictionaryPath = "canonical/1.yaml"

  static func open(_ path: String) throws -> Site {
    let folder = try SiteFolder(path)
    let configuration = try SiteConfiguration.read(try read(folder.configuration, "site.yaml"), folder: folder)
    let library = try MappingFolder.read(configuration.mappings, overlay: folder.mappings)
    let dictionary = try DictionaryFile.read(library[dictionaryPath] ?? [], file: "Mappings/" + dictionaryPath)
    let agreements = try files(folder.agreements).map { try AgreementFile.read(try OutlineReader.read($0.bytes, file: $0.name)) }
    let consumers = try files(folder.consumers).map { try ConsumerFile.read(try OutlineReader.read($0.bytes, file: $0.name)) }
    let feeds = try files(folder.feeds).map { try FeedFile.read($0.bytes, file: $0.name, site: folder) }
    try unique(feeds.map(\.name), "feed")
    try unique(consumers.map(\.consumer), "consumer")
    return Site(
      folder: folder, configuration: configuration, feeds: feeds.sorted { $0.name < $1.name }, consumers: consumers.sorted { $0.consumer < $1.consumer },
      agreements: agreements, people: try PeopleFile.read(try read(folder.people, "people.yaml")), library: library,
      dictionary: dictionary)
  }

  /// The YAML files of a folder, by name; none where the folder is missing.
  private static func files(_ folder: String) throws -> [(name: String, bytes: [UInt8])] {
    let last = folder.split(separator: "/").last.map(String.init) ?? ""
    return try Folder.names(folder).filter { $0.hasSuffix(".yaml") }.map { ("\(last)/\($0)", try read("\(folder)/\($0)", "\(last)/\($0)")) }
  }

  private static func read(_ path: String, _ name: String) throws -> [UInt8] {
    do { return try DurableFile.read(path, maximumBytes: 1 << 20) } catch {
      throw PipelineError("PIP-102", .configuration, "\(name) cannot be read", hint: "Check that it is there and that this account may read it.")
    }
  }

  private static func unique(_ names: [String], _ kind: String) throws {
    let sorted = names.sorted()
    if let twice = zip(sorted, sorted.dropFirst()).first(where: { $0 == $1 })?.0 {
      throw PipelineError("PIP-103", .configuration, "two files describe the \(kind) '\(twice)'", hint: "Give one of them another name.")
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

  /// Makes a folder and its parents, 0700; what is there stays.
  static func make(_ path: String) throws { try DurableFile.makeDirectory(path, mode: 0o700) }
}

/// The shipped mappings and a site's own over them, as one library of bytes.
enum MappingFolder {
  private static let parts = ["canonical", "hl7v2", "ccda", "codes", "sets"]

  static func read(_ shipped: String, overlay: String) throws -> MappingLibrary {
    guard DurableFile.exists(shipped + "/RELEASED") else {
      throw PipelineError("PIP-105", .configuration, "the shipped mappings are not at the path that site.yaml names", hint: "Set 'mappings' to the folder that holds RELEASED.")
    }
    var files = try collect(shipped)
    files["RELEASED"] = try DurableFile.read(shipped + "/RELEASED", maximumBytes: 1 << 20)
    for (path, bytes) in try collect(overlay) { files[path] = bytes }
    let library = MappingLibrary(files: files)
    try library.verifyReleased()
    return library
  }

  private static func collect(_ root: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for part in parts { try walk(root, part, &files) }
    return files
  }

  private static func walk(_ root: String, _ path: String, _ files: inout [String: [UInt8]]) throws {
    for name in try Folder.names("\(root)/\(path)") {
      let child = "\(path)/\(name)"
      if Folder.isFolder("\(root)/\(child)") { try walk(root, child, &files) } else { files[child] = try DurableFile.read("\(root)/\(child)", maximumBytes: 16 << 20) }
    }
  }
}
