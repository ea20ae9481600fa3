/// A file to take, with the SHA-256 values that manifests give it; nil where none was asked.
struct ListedFile {
  let file: SourceFile
  let digests: Set<[UInt8]>?
}

/// What the manifests of a look say of its files.
struct ListedFiles {
  /// A manifest, and what it lists.
  struct Manifest {
    let file: SourceFile
    /// The listed files that are here to be taken.
    var paths: [[UInt8]] = []
    /// Everything that it lists is here as it says, or came before.
    var isComplete = true
  }

  private(set) var files: [ListedFile] = []
  private(set) var manifests: [Manifest] = []
  /// Listed, and not here as listed; and manifests that are none, or not whole.
  private(set) var missing = 0
  private(set) var unreadable = 0
  /// Here, and in no manifest.
  private(set) var unlisted = 0

  /// Where no manifest is asked.
  init(all files: [SourceFile]) { self.files = files.map { ListedFile(file: $0, digests: nil) } }

  /// - Parameter hasCome: whether bytes of this SHA-256 were sealed before.
  init(_ ready: [SourceFile], _ pattern: NamePattern, _ session: SourceSession, hasCome: ([UInt8]) -> Bool) throws {
    let data = ready.filter { !pattern.matches($0.name) }
    let here = Dictionary(data.map { ($0.path, $0) }, uniquingKeysWith: { left, _ in left })
    var digests: [[UInt8]: Set<[UInt8]>] = [:]
    for file in ready where pattern.matches(file.name) {
      guard let manifest = try read(file, session) else { continue }
      var own = Manifest(file: file)
      for entry in manifest.entries {
        let path = file.sibling(Array(entry.components.joined(separator: [UInt8(ascii: "/")])))
        if let found = here[path], entry.byteCount == nil || entry.byteCount == found.stamp.byteCount {
          digests[path, default: []].insert(entry.sha256)
          own.paths.append(path)
        } else if !hasCome(entry.sha256) {
          missing += 1
          own.isComplete = false
        }
      }
      manifests.append(own)
    }
    files = data.compactMap { file in digests[file.path].map { ListedFile(file: file, digests: $0) } }
    unlisted = data.count - files.count
  }

  /// Nil where it is no manifest, which is counted.
  private mutating func read(_ file: SourceFile, _ session: SourceSession) throws -> DropManifest? {
    guard file.stamp.byteCount <= DropManifest.maximumBytes else {
      missing += 1
      return nil
    }
    do throws(TransportFault) {
      let bytes = try session.use { (transport) throws(TransportFault) in try Self.bytes(of: file, transport) }
      guard let manifest = DropManifest(bytes) else {
        missing += 1
        return nil
      }
      return manifest
    } catch {
      if error.endsSession { throw error }
      if error == .missing { missing += 1 } else { unreadable += 1 }
      return nil
    }
  }

  private static func bytes(of file: SourceFile, _ transport: any Transport) throws(TransportFault) -> [UInt8] {
    let reader = try transport.open(file.place)
    var bytes: [UInt8] = []
    do { _ = try reader.read(from: 0, to: file.stamp.byteCount) { bytes += $0 } } catch { throw error as? TransportFault ?? .failed(0) }
    guard try reader.stamp() == file.stamp else { throw .missing }
    return bytes
  }
}
