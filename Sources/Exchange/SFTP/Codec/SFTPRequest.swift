/// What is asked of a server: version 3 (draft-ietf-secsh-filexfer-02, 6) and the extensions that OpenSSH documents. Paths and handles are raw bytes.
enum SFTPRequest {
  case open(path: [UInt8], flags: OpenFlags, SFTPAttributes)
  case close(handle: [UInt8])
  case read(handle: [UInt8], offset: UInt64, length: UInt32)
  case write(handle: [UInt8], offset: UInt64, ArraySlice<UInt8>)
  case status(path: [UInt8])
  case linkStatus(path: [UInt8])
  case handleStatus(handle: [UInt8])
  case setHandleStatus(handle: [UInt8], SFTPAttributes)
  case openFolder(path: [UInt8])
  case readFolder(handle: [UInt8])
  case remove(path: [UInt8])
  case rename(old: [UInt8], new: [UInt8])
  case sync(handle: [UInt8])
  case space(path: [UInt8])
  case limits

  struct OpenFlags: OptionSet {
    let rawValue: UInt32
    static let read = OpenFlags(rawValue: 1)
    static let write = OpenFlags(rawValue: 2)
    static let create = OpenFlags(rawValue: 8)
    static let exclusive = OpenFlags(rawValue: 32)
  }

  /// The first packet of a session: version 3.
  static let hello: [UInt8] = [0, 0, 0, 5, 1, 0, 0, 0, 3]

  private var type: UInt8 {
    switch self {
    case .open: 3
    case .close: 4
    case .read: 5
    case .write: 6
    case .linkStatus: 7
    case .handleStatus: 8
    case .setHandleStatus: 10
    case .openFolder: 11
    case .readFolder: 12
    case .remove: 13
    case .status: 17
    case .rename: 18
    case .sync, .space, .limits: 200
    }
  }

  /// Appends the whole packet.
  func encode(id: UInt32, into out: inout [UInt8]) {
    let start = out.count
    SFTPBytes.put(UInt32(0), into: &out)
    out.append(type)
    SFTPBytes.put(id, into: &out)
    putBody(into: &out)
    let length = UInt32(out.count - start - 4)
    for index in 0..<4 { out[start + index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * index)) }
  }

  private func putBody(into out: inout [UInt8]) {
    switch self {
    case .open(let path, let flags, let attributes):
      SFTPBytes.put(path, into: &out)
      SFTPBytes.put(flags.rawValue, into: &out)
      attributes.write(into: &out)
    case .close(let text), .linkStatus(let text), .status(let text), .handleStatus(let text), .openFolder(let text), .readFolder(let text), .remove(let text):
      SFTPBytes.put(text, into: &out)
    case .read(let handle, let offset, let length):
      SFTPBytes.put(handle, into: &out)
      SFTPBytes.put(offset, into: &out)
      SFTPBytes.put(length, into: &out)
    case .write(let handle, let offset, let bytes):
      SFTPBytes.put(handle, into: &out)
      SFTPBytes.put(offset, into: &out)
      SFTPBytes.put(bytes, into: &out)
    case .setHandleStatus(let handle, let attributes):
      SFTPBytes.put(handle, into: &out)
      attributes.write(into: &out)
    case .rename(let old, let new): [old, new].forEach { SFTPBytes.put($0, into: &out) }
    case .sync(let handle): [Array("fsync@openssh.com".utf8), handle].forEach { SFTPBytes.put($0, into: &out) }
    case .space(let path): [Array("statvfs@openssh.com".utf8), path].forEach { SFTPBytes.put($0, into: &out) }
    case .limits: SFTPBytes.put("limits@openssh.com".utf8, into: &out)
    }
  }
}
