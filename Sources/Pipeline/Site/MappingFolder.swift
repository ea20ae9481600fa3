import Core
import Map
import Trust

/// The shipped mappings and a site's own over them, as one library of bytes.
///
/// Each folder freezes its own files by its own `RELEASED`; where both hold a path, the site's file and line win.
enum MappingFolder {
  /// What holds mappings, by their format.
  static let rooms = ["hl7v2", "ccda", "csv", "fhir"]
  private static let parts = ["canonical"] + rooms + ["codes", "sets", "identity"]
  static let list = "RELEASED"
  /// As errors name the folder of a site.
  static let ownName = "SITE/mappings"

  /// Whether a file, as errors name it, is one of the shipped mappings.
  static func isShipped(_ file: String) -> Bool { file.hasPrefix("Mappings/") }

  /// The digest of a file by libcrypto: every job reads the whole library.
  static func sha256(_ bytes: [UInt8]) -> [UInt8] { (try? OpenSSLHash.digest(bytes)) ?? SHA256.digest(bytes) }

  /// - Parameter isReleased: false to take files that no list names, and those that have changed since: for a reader before the release.
  static func read(_ shipped: String, overlay: String, isReleased: Bool = true) throws -> MappingLibrary {
    guard DurableFile.exists("\(shipped)/\(list)") else {
      throw PipelineError("PIP-105", .configuration, "the shipped mappings are not at the path that site.yaml names", hint: "Set 'mappings' to the folder that holds RELEASED.")
    }
    let base = try collect(shipped), own = isReleased ? try ownFiles(overlay) : try collect(overlay)
    var files = base.merging(own) { _, site in site }
    files[list] = merged(base[list] ?? [], own[list] ?? [])
    var library = MappingLibrary(files: files)
    library.setPlaces(of: own.keys.filter { $0 != list }, below: ownName)
    if isReleased { try library.verifyReleased(by: sha256) }
    return library
  }

  /// The site's own files, held against the site's own list; empty where there are none.
  private static func ownFiles(_ folder: String) throws -> [String: [UInt8]] {
    let files = try collect(folder)
    guard !files.isEmpty else { return [:] }
    guard files[list] != nil else {
      throw PipelineError(
        "PIP-112", .configuration, "the site's folder 'mappings' holds files and no RELEASED",
        hint: "Release them: compline mapping release --site SITE")
    }
    var library = MappingLibrary(files: files)
    library.setPlaces(of: files.keys, below: ownName)
    try library.verifyReleased(by: sha256)
    return files
  }

  /// The shipped lines that the site does not replace, then the site's.
  static func merged(_ shipped: [UInt8], _ own: [UInt8]) -> [UInt8] {
    let replaced = Set(lines(own).map(path))
    let kept = lines(shipped).filter { !replaced.contains(path($0)) }
    return Array((kept + lines(own)).flatMap { $0 + [0x0A] })
  }

  static func lines(_ bytes: [UInt8]) -> [[UInt8]] { bytes.split(separator: 0x0A).map(Array.init) }

  /// What follows the digest and two blanks.
  static func path(_ line: [UInt8]) -> [UInt8] { Array(line.dropFirst(66)) }

  /// Every file of a folder of mappings by its path, the list of the released ones among them; empty where the folder is missing.
  ///
  /// - Throws: PIP-118 where a symbolic link stands among them.
  static func collect(_ root: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for part in parts where try Folder.isInner("\(root)/\(part)") { try walk(root, part, &files) }
    if DurableFile.exists("\(root)/\(list)") { files[list] = try DurableFile.read("\(root)/\(list)", maximumBytes: 1 << 20) }
    return files
  }

  private static func walk(_ root: String, _ path: String, _ files: inout [String: [UInt8]]) throws {
    for name in try Folder.names("\(root)/\(path)") {
      let child = "\(path)/\(name)"
      if try Folder.isInner("\(root)/\(child)") { try walk(root, child, &files) } else { files[child] = try DurableFile.read("\(root)/\(child)", maximumBytes: 16 << 20) }
    }
  }

  // MARK: Places

  /// Folders beside the mappings that hold none.
  private static let others = ["templates"]

  /// The paths of everything in a folder that has no place there, ascending: such a file would be passed over in silence.
  static func misplaced(_ root: String) throws -> [String] {
    var found: [String] = []
    for name in try Folder.names(root) where name != list && !others.contains(name) { try look(root, name, &found) }
    return found.sorted()
  }

  private static func look(_ root: String, _ path: String, _ found: inout [String]) throws {
    guard try Folder.isInner("\(root)/\(path)") else {
      if !isPlace(path) { found.append(path) }
      return
    }
    for name in try Folder.names("\(root)/\(path)") { try look(root, "\(path)/\(name)", &found) }
  }

  /// `canonical/2.yaml`, `hl7v2/pid-patient/1.yaml`, `codes/sex/1.csv`.
  static func isPlace(_ path: String) -> Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard let room = parts.first, Self.parts.contains(room), parts.count == (room == "canonical" ? 2 : 3), let file = parts.last else { return false }
    let ending = room == "codes" ? ".csv" : ".yaml"
    guard file.hasSuffix(ending), let version = Int(file.dropLast(ending.count)), version > 0, "\(version)\(ending)" == file else { return false }
    return room == "canonical" || Name.isLegal(parts[1])
  }
}
