/// One walk through a feed's folder: every regular file, and how many things were none. Names and folders are bounded over all of it.
struct IntakeWalk {
  /// Deeper folders are counted as skipped.
  static let maximumDepth = 32
  /// More folders than these are not walked.
  static let maximumFolders = 10_000
  private(set) var files: [SourceFile] = []
  /// Links, FIFOs, sockets, devices, folders too deep.
  private(set) var others: [SourceFile] = []
  /// Names that are no component of a path.
  var unusable: Int { count.unusable }
  var skipped: Int { others.count + unusable }
  /// Folders that may not be read, and names of which nobody could say what they are.
  var unreadable: Int { unreadableFolders + count.unknown }
  private var unreadableFolders = 0
  private var count = ListingCount()
  private var folders = 0
  private let excluded: FileStamp?
  private let transport: any Transport

  /// - Throws: what the folder itself says when it cannot be read; `.cut`, `.refused` and `.endless`.
  init(_ transport: any Transport, _ afterRead: AfterRead) throws(TransportFault) {
    self.transport = transport
    excluded = try Self.aside(transport, afterRead)
    try visit(PartnerPath(), depth: 0, try transport.list(PartnerPath(), &count))
    files.sort { $0.path.lexicographicallyPrecedes($1.path) }
  }

  /// Where files are moved to, where that can be told by its inode.
  private static func aside(_ transport: any Transport, _ afterRead: AfterRead) throws(TransportFault) -> FileStamp? {
    guard case .move = afterRead else { return nil }
    do throws(TransportFault) { return try transport.status(of: PartnerPath(base: .aside))?.stamp } catch {
      if error.endsSession { throw error }
      return nil
    }
  }

  private mutating func visit(_ folder: PartnerPath, depth: Int, _ entries: [TransportEntry]) throws(TransportFault) {
    for entry in entries {
      try count.keep(below: folder)
      switch entry.status.kind {
      case .file: files.append(SourceFile(place: folder.appending(entry.name), stamp: entry.status.stamp))
      case .folder where isExcluded(entry.status.stamp): break
      case .folder where depth + 1 < Self.maximumDepth: try enter(folder.appending(entry.name), depth: depth + 1)
      case .folder, .link, .other: others.append(SourceFile(place: folder.appending(entry.name), stamp: entry.status.stamp))
      }
    }
  }

  private func isExcluded(_ stamp: FileStamp) -> Bool { stamp.hasInode && stamp.inode == excluded?.inode && stamp.device == excluded?.device }

  private mutating func enter(_ folder: PartnerPath, depth: Int) throws(TransportFault) {
    folders += 1
    guard folders <= Self.maximumFolders else { throw .endless }
    let entries: [TransportEntry]
    do throws(TransportFault) { entries = try transport.list(folder, &count) } catch {
      if error.endsSession { throw error }
      unreadableFolders += 1
      return
    }
    try visit(folder, depth: depth, entries)
  }
}

extension TransportFault {
  /// True where nothing more can be asked: the session is over, or what it says has no end.
  var endsSession: Bool {
    switch self {
    case .cut, .refused, .endless: true
    case .missing, .exists, .denied, .full, .failed: false
    }
  }
}
