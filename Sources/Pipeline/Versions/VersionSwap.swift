import Core
import Map

/// One side of a comparison: what a feed reads, with one version put where another one of the same name stands.
struct VersionSwap {
  let library: MappingLibrary
  /// Sets and mappings, in the feed's order.
  let names: [String]

  /// What the feed reads, as it is.
  init(names: [String], library: MappingLibrary) {
    self.names = names
    self.library = library
  }

  /// Puts a version in the place of the one that the feed reads under its name, or under one of the other names given.
  ///
  /// - A mapping may also stand in a set that the feed reads: then the set is read with the other member.
  /// - Throws: MAP-141 where there is no such version, PIP-810 where the feed reads nothing of that name.
  init(_ version: VersionName, replacing others: Set<String>, in names: [String], of library: MappingLibrary) throws {
    guard library.latestVersion(of: version.description) != nil else { throw Self.unknown(version, library) }
    let ids = others.union([version.id])
    var found = false
    var own: [String] = [], files: [String: [UInt8]] = [:]
    for name in names {
      guard let known = VersionName(name) else { continue }
      if ids.contains(known.id) {
        found = true
        own.append(version.description)
        continue
      }
      own.append(name)
      let path = "sets/\(known.id)/\(known.version).yaml"
      guard let bytes = library[path], let swapped = Self.swap(bytes, ids, version) else { continue }
      found = true
      files[path] = swapped
    }
    guard found else {
      throw PipelineError("PIP-810", .configuration, "the feed reads no mapping or set of the name '\(version.id)'", hint: "It reads \(names.joined(separator: ", ")). A new name stands in the feed's file first; then compline replay --mappings reads it too.")
    }
    self.names = own
    self.library = files.isEmpty ? library : library.with(files: Self.files(library).merging(files) { _, new in new })
  }

  /// The bytes of a set with another member of a name; nil where it has none.
  private static func swap(_ set: [UInt8], _ ids: Set<String>, _ version: VersionName) -> [UInt8]? {
    var out: [UInt8] = [], word: [UInt8] = []
    var found = false
    for byte in set + [0x0A] {
      if isWordByte(byte) {
        word.append(byte)
        continue
      }
      if let name = VersionName(String(decoding: word, as: UTF8.self)), ids.contains(name.id) {
        word = Array(version.description.utf8)
        found = true
      }
      out += word + [byte]
      word = []
    }
    return found ? Array(out.dropLast()) : nil
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "@"): true
    default: false
    }
  }

  private static func files(_ library: MappingLibrary) -> [String: [UInt8]] {
    Dictionary(uniqueKeysWithValues: library.paths.map { ($0, library[$0] ?? []) })
  }

  static func unknown(_ version: VersionName, _ library: MappingLibrary) -> PipelineError {
    let near = library.latestVersion(of: version.id).map { "The latest version of it is \($0)." } ?? "There is no set or mapping of that name."
    return PipelineError("PIP-811", .configuration, "there is no released '\(version)'", hint: near)
  }
}
