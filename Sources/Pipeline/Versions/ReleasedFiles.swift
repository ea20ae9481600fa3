import Core
import Map
import Store

/// The files that versions are read from, and whether they are still those that nights were loaded under.
enum ReleasedFiles {
  /// Sets and mappings, and everything that they name with a version: members, mappings below an overlay, code sets. Path to SHA-256, hex.
  static func read(by names: [String], in library: MappingLibrary) -> [String: String] {
    var files: [String: String] = [:]
    var pending = names.compactMap { VersionName($0) }, seen = Set(pending)
    while let name = pending.popLast() {
      for path in paths(of: name) {
        guard let bytes = library[path] else { continue }
        files[path] = Hex.text(MappingFolder.sha256(bytes))
        guard path.hasSuffix(".yaml") else { continue }
        for word in words(bytes) where seen.insert(word).inserted { pending.append(word) }
      }
    }
    return files
  }

  /// Some files with all dictionaries, as a worker takes them: what the mappings of one feed need.
  static func library(of paths: some Sequence<String>, in library: MappingLibrary) -> [UInt8] {
    var writer = ByteWriter()
    library.only(library.paths.filter { $0.hasPrefix("canonical/") } + paths).write(to: &writer)
    return writer.bytes
  }

  /// SHA-256 over the lines of `read(by:in:)` as `RELEASED` has them, ascending by path; hex.
  static func digest(of names: [String], in library: MappingLibrary) -> String {
    let lines = read(by: names, in: library).sorted { $0.key < $1.key }.map { "\($0.value)  \($0.key)\n" }
    return Hex.text(SHA256.digest(Array(lines.joined().utf8)))
  }

  /// Refuses files that the ledger knows with other bytes: a released version never changes, whatever a list of released files says.
  ///
  /// - Throws: PIP-117 (78), naming the file.
  static func refuseChanged(_ library: MappingLibrary, store: SiteStore) throws {
    for (path, digest) in try store.frozenFiles().sorted(by: { $0.key < $1.key }) {
      guard let bytes = library[path] else { throw missing(path) }
      guard Hex.text(MappingFolder.sha256(bytes)) == digest else { throw changed(path) }
    }
    // Stores of before the ledger noted files know the digests of mappings by their rows.
    for (name, refs) in Dictionary(grouping: try store.knownMappings(), by: { VersionName($0.id, $0.version) }).sorted(by: { $0.key.description < $1.key.description }) {
      guard let path = paths(of: name).first(where: { !$0.hasPrefix("codes/") && library[$0] != nil }), let bytes = library[path] else { continue }
      guard refs.contains(where: { $0.digest == Hex.text(MappingFolder.sha256(bytes)) }) else { throw changed(path) }
    }
  }

  private static func paths(of name: VersionName) -> [String] {
    ["sets", "hl7v2", "ccda", "csv", "fhir"].map { "\($0)/\(name.id)/\(name.version).yaml" } + ["codes/\(name.id)/\(name.version).csv"]
  }

  /// The words of the form `name@2`.
  private static func words(_ bytes: [UInt8]) -> [VersionName] {
    var words: [VersionName] = [], at = 0
    while let sign = bytes[at...].firstIndex(of: UInt8(ascii: "@")) {
      let start = bytes[at..<sign].lastIndex { !isWordByte($0) }.map { $0 + 1 } ?? at
      let end = bytes[sign...].firstIndex { !isWordByte($0) } ?? bytes.count
      if let name = VersionName(String(decoding: bytes[start..<end], as: UTF8.self)) { words.append(name) }
      at = end
    }
    return words
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "@"): true
    default: false
    }
  }

  private static func changed(_ path: String) -> PipelineError {
    PipelineError(
      "PIP-117", .configuration, "\(path) is not the file that nights of this site were loaded under, though RELEASED lists it",
      hint: "Restore it, and give the change a new version: what is released never changes.")
  }

  private static func missing(_ path: String) -> PipelineError {
    PipelineError(
      "PIP-117", .configuration, "\(path) is missing, and nights of this site were loaded under it", hint: "Restore it: a released file stays.")
  }
}
