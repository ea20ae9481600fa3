public import Core

/// The files below `Mappings/`, as bytes by path: mappings, sets, code sets, the dictionary and `RELEASED`. A pure value that crosses to the worker.
///
/// - Paths: `hl7v2/<id>/<version>.yaml`, `ccda/<id>/<version>.yaml`, `csv/<id>/<version>.yaml`, `sets/<id>/<version>.yaml`,
///   `codes/<id>/<version>.csv`, `canonical/<version>.yaml`, `RELEASED`. A site's own files overlay the shipped ones before the value is made.
public struct MappingLibrary: Sendable {
  private let files: [String: [UInt8]]
  /// Where people find files that are not the shipped ones, by path: `csv/census/1.yaml` is `SITE/mappings/csv/census/1.yaml`. For errors and
  /// explanations; it does not cross to the worker.
  public var places: [String: String] = [:]

  public init(files: [String: [UInt8]]) { self.files = files }

  /// A path as people find it: that of `places`, else below `Mappings`.
  public func place(_ path: String) -> String { places[path] ?? "Mappings/" + path }

  /// The files of some paths alone; places stay.
  public func only(_ paths: some Sequence<String>) -> MappingLibrary {
    with(files: Dictionary(uniqueKeysWithValues: Set(paths).compactMap { path in files[path].map { (path, $0) } }))
  }

  /// The same library with other files; places stay.
  public func with(files: [String: [UInt8]]) -> MappingLibrary {
    var library = MappingLibrary(files: files)
    library.places = places
    return library
  }

  /// Says that files lie below a folder.
  public mutating func setPlaces(of paths: some Sequence<String>, below root: String) {
    for path in paths { places[path] = root + "/" + path }
  }

  /// The paths of all files, ascending.
  public var paths: [String] { files.keys.sorted() }

  /// The bytes of a file; nil when there is none.
  public subscript(path: String) -> [UInt8]? { files[path] }

  /// Compares every mapping, set, code set and dictionary with `RELEASED` (`<sha256>  <path>` lines, as `sha256sum` writes them).
  ///
  /// - Parameter sha256: the digest of bytes, for callers that have a faster one than Core's.
  /// - Throws: `ConfigurationError` MAP-120 (no list), MAP-121 (a line is not understood), MAP-122 (a file is missing),
  ///   MAP-123 (its bytes have changed), MAP-124 (a file is not listed); it names the file.
  public func verifyReleased(by sha256: ([UInt8]) -> [UInt8] = { SHA256.digest($0) }) throws(ConfigurationError) {
    guard let list = files["RELEASED"] else {
      throw ConfigurationError(
        "MAP-120", "there is no list of released files", hint: "Run sha256sum as docs/formats/mapping.md says.", file: place("RELEASED"))
    }
    var listed: Set<String> = []
    let lines = String(decoding: list, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where !line.isEmpty {
      let digest = line.prefix(64)
      let path = String(line.dropFirst(66))
      guard digest.utf8.count == 64, Hex.bytes(String(digest)) != nil, line.dropFirst(64).hasPrefix("  "), !path.isEmpty else {
        throw ConfigurationError("MAP-121", "the line is not '<sha256>  <path>'", hint: "Write the list with sha256sum.", file: place("RELEASED"), line: index + 1, column: 1)
      }
      try verify(path, digest: String(digest), sha256)
      listed.insert(path)
    }
    for path in paths where Self.isReleasable(path) && !listed.contains(path) {
      throw ConfigurationError("MAP-124", "the file is not listed in RELEASED", hint: "Release it, or take it away.", file: place(path))
    }
  }

  private func verify(_ path: String, digest: String, _ sha256: ([UInt8]) -> [UInt8]) throws(ConfigurationError) {
    guard let bytes = files[path] else {
      throw ConfigurationError("MAP-122", "the file is listed in RELEASED and missing", hint: "Restore it: a released file stays.", file: place(path))
    }
    guard Hex.text(sha256(bytes)) == digest else {
      throw ConfigurationError(
        "MAP-123", "the file has changed since its release", hint: "Restore it, or give the change a new version.", file: place(path))
    }
  }

  private static func isReleasable(_ path: String) -> Bool { path.hasSuffix(".yaml") || path.hasSuffix(".csv") }

  /// The highest version of a set or mapping: `hl7v2-standard` gives `hl7v2-standard@1`. A name with a version comes back when it exists.
  public func latestVersion(of name: String) -> String? {
    let (id, wanted) = Self.split(name)
    if let wanted { return path(of: id, version: wanted) != nil ? name : nil }
    let folders = Self.rooms.map { "\($0)/\(id)/" }
    let versions = files.keys.compactMap { path in folders.contains { path.utf8.starts(with: $0.utf8) } ? Self.version(path) : nil }
    return versions.max().map { "\(id)@\($0)" }
  }

  /// `adt-patient@3` cut at the sign; the version is nil when there is none.
  static func split(_ name: String) -> (id: String, version: Int?) {
    let parts = name.split(separator: "@", maxSplits: 1).map(String.init)
    return (parts.first ?? "", parts.count == 2 ? Int(parts[1]) : nil)
  }

  private static let rooms = ["sets", "hl7v2", "ccda", "csv", "fhir"]

  /// `7` of `hl7v2/pid-patient/7.yaml`; nil for what lies deeper or is no YAML.
  private static func version(_ path: String) -> Int? {
    let parts = path.utf8.split(separator: UInt8(ascii: "/"))
    guard parts.count == 3, path.hasSuffix(".yaml") else { return nil }
    return Int(Substring(parts[2]).dropLast(5))
  }

  /// The path of a set or mapping of that name and version.
  func path(of id: String, version: Int) -> String? {
    Self.rooms.map { "\($0)/\(id)/\(version).yaml" }.first { files[$0] != nil }
  }

  /// The ids of the mappings that must come before one, `id@version`; where it is an overlay that says nothing of them, those of the mapping below.
  ///
  /// - Throws: `ConfigurationError` MAP-141 for an unknown mapping, MAP-142, MAP-154 and what reading a file throws.
  public func needed(before name: String) throws(ConfigurationError) -> [String] {
    let (id, version) = Self.split(name)
    return try MappingOverlay.read(self, id, version: version ?? 0, isWhole: false).root.texts("after", code: "MAP-142")
  }

  public func write(to writer: inout ByteWriter) {
    writer.write(Int32(files.count))
    for path in paths {
      writer.write(path)
      writer.write(files[path] ?? [])
    }
  }

  public init(from reader: inout ByteReader) throws(FrameError) {
    var files: [String: [UInt8]] = [:]
    for _ in 0..<(try reader.count()) {
      let path = try reader.text()
      files[path] = try reader.list()
    }
    self.files = files
  }
}
