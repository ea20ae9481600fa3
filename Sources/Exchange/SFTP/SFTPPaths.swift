/// Where the two folders of a session lie at the partner's, and the paths below them as the protocol writes them.
struct SFTPPaths {
  /// As the site file says it: relative to where the partner lets us in, or absolute.
  let own: [UInt8]
  /// Where read files go; nil where the feed moves none.
  let aside: [UInt8]?

  /// The longest path that is asked for.
  static let maximumBytes = 4_096

  /// - Throws: `.missing` for what can be no path: nothing of that name may be asked for.
  func bytes(of path: PartnerPath) throws(TransportFault) -> [UInt8] {
    guard let base = path.base == .own ? own : aside, path.components.allSatisfy(SFTPName.isComponent) else { throw .missing }
    var bytes = base.isEmpty ? [UInt8(ascii: ".")] : base
    for component in path.components {
      if bytes.last != UInt8(ascii: "/") { bytes.append(UInt8(ascii: "/")) }
      bytes += component
    }
    guard bytes.count <= Self.maximumBytes else { throw .missing }
    return bytes
  }
}

extension FileStamp {
  /// What SFTP says of a file. A time that is not said is later than any other, so that the file never counts as settled by its age.
  init(_ attributes: SFTPAttributes) {
    (device, inode, changed) = (0, 0, 0)
    byteCount = Int(clamping: attributes.size ?? 0)
    modified = attributes.modified.map { Nanoseconds.of(seconds: Int($0)) } ?? .max
  }
}

extension TransportStatus {
  /// A file whose size is not said could not be known to be whole: it is none that is ever taken.
  init(_ attributes: SFTPAttributes) {
    stamp = FileStamp(attributes)
    kind =
      switch attributes.kind {
      case .file: attributes.size == nil ? .other : .file
      case .folder: .folder
      case .link: .link
      case .other: .other
      }
  }
}
