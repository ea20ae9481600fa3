/// Small files that will be opened next, fetched ahead in the given order: many of them share a round trip, and the wire works while one is sealed.
///
/// Each goes the way of any other file: looked at, opened, compared, read, looked at again. What does not go smoothly is left to the plain way, which says why.
final class SFTPPrefetch {
  /// Larger files are worth their own round trips.
  static let largest = 1 << 17
  static let most = 32

  private enum Step {
    case looking(SFTPClient.Ticket)
    case opening(SFTPClient.Ticket, before: SFTPAttributes)
    case reading(handle: [UInt8], SFTPClient.Ticket, [SFTPClient.Ticket], before: SFTPAttributes)
    case closing(SFTPClient.Ticket, bytes: [UInt8], before: SFTPAttributes)
    case whole(SFTPFetched)
    case left
  }

  private final class File {
    let path: PartnerPath
    let name: [UInt8]
    var step: Step

    init(_ path: PartnerPath, _ name: [UInt8], _ step: Step) { (self.path, self.name, self.step) = (path, name, step) }
  }

  private let client: SFTPClient
  /// The path as the protocol writes it, once every folder on the way was seen to be one.
  private let walk: (PartnerPath) throws(TransportFault) -> [UInt8]
  private var waiting: ArraySlice<PartnerPath>
  private var begun: ArraySlice<File> = []

  init(_ client: SFTPClient, _ paths: [PartnerPath], walk: @escaping (PartnerPath) throws(TransportFault) -> [UInt8]) {
    (self.client, waiting, self.walk) = (client, paths[...], walk)
  }

  /// The file, where it could be fetched ahead; those before it are given up.
  func take(_ path: PartnerPath) throws(TransportFault) -> SFTPFetched? {
    guard skip(to: path) else { return nil }
    while true {
      try fill()
      for file in begun { try advance(file) }
      client.link.flush()
      guard let first = begun.first else { return nil }
      switch first.step {
      case .whole(let fetched):
        begun.removeFirst()
        return fetched
      case .left:
        begun.removeFirst()
        return nil
      default: try client.exchange()
      }
    }
  }

  /// False where it is not expected at all; then nothing changes.
  private func skip(to path: PartnerPath) -> Bool {
    if let index = begun.firstIndex(where: { $0.path == path }) {
      begun[..<index].forEach(leave)
      begun = begun[index...]
      return true
    }
    guard let index = waiting.firstIndex(of: path) else { return false }
    begun.forEach(leave)
    (begun, waiting) = ([], waiting[index...])
    return true
  }

  private func leave(_ file: File) {
    switch file.step {
    case .reading(let handle, _, _, _): _ = try? client.send(.close(handle: handle))
    // A handle that is still to come is closed by the end of the session.
    default: break
    }
  }

  private func fill() throws(TransportFault) {
    while begun.count < min(Self.most, client.openFiles), let path = waiting.popFirst() {
      do throws(TransportFault) {
        let name = try walk(path)
        begun.append(File(path, name, .looking(try client.send(.linkStatus(path: name)))))
      } catch {
        if error.endsSession { throw error }
        begun.append(File(path, [], .left))
      }
    }
  }

  private func advance(_ file: File) throws(TransportFault) {
    switch file.step {
    case .looking(let ticket):
      guard let reply = ticket.reply else { return }
      guard case .attributes(let before) = reply, TransportStatus(before).kind == .file, let size = before.size, size <= Self.largest else { return file.step = .left }
      file.step = .opening(try client.send(.open(path: file.name, flags: .read, SFTPAttributes())), before: before)
    case .opening(let ticket, let before):
      guard let reply = ticket.reply else { return }
      guard case .handle(let handle) = reply else { return file.step = .left }
      file.step = try reading(handle, before)
    case .reading(let handle, let status, let parts, let before):
      guard status.reply != nil, parts.allSatisfy({ $0.reply != nil }) else { return }
      let bytes = content(parts, before)
      guard status.reply == .attributes(before), let bytes else {
        try client.send(.close(handle: handle))
        return file.step = .left
      }
      file.step = .closing(try client.send(.handleStatus(handle: handle)), bytes: bytes, before: before)
      try client.send(.close(handle: handle))
    case .closing(let ticket, let bytes, let before):
      guard let reply = ticket.reply else { return }
      guard case .attributes(let after) = reply else { return file.step = .left }
      file.step = .whole(SFTPFetched(bytes: bytes, before: FileStamp(before), after: FileStamp(after)))
    case .whole, .left: break
    }
  }

  /// All that the size says and one byte more, where the end must show.
  private func reading(_ handle: [UInt8], _ before: SFTPAttributes) throws(TransportFault) -> Step {
    let status = try client.send(.handleStatus(handle: handle)), size = Int(clamping: before.size ?? 0)
    var parts: [SFTPClient.Ticket] = []
    for offset in stride(from: 0, to: size, by: client.readLength) {
      parts.append(try client.send(.read(handle: handle, offset: UInt64(offset), length: UInt32(min(client.readLength, size - offset)))))
    }
    parts.append(try client.send(.read(handle: handle, offset: UInt64(size), length: 1)))
    return .reading(handle: handle, status, parts, before: before)
  }

  /// Nil where the bytes are not exactly as many as the size said.
  private func content(_ parts: [SFTPClient.Ticket], _ before: SFTPAttributes) -> [UInt8]? {
    var bytes: [UInt8] = []
    for part in parts.dropLast() {
      guard case .data(let piece) = part.reply else { return nil }
      bytes += piece
    }
    return parts.last?.reply == .status(SFTPReply.Code.end) && bytes.count == Int(clamping: before.size ?? 0) ? bytes : nil
  }
}

/// A small file that was fetched whole, with what it was before and after.
final class SFTPFetched: TransportReader {
  private let bytes: [UInt8]
  private let before: FileStamp
  private let after: FileStamp
  private var isRead = false

  init(bytes: [UInt8], before: FileStamp, after: FileStamp) { (self.bytes, self.before, self.after) = (bytes, before, after) }

  /// Once it has been read: what it was after its last byte had come.
  func stamp() throws(TransportFault) -> FileStamp { isRead ? after : before }

  func read(from offset: Int, to end: Int, _ body: ([UInt8]) throws -> Void) throws -> Int {
    isRead = true
    let end = min(end, bytes.count)
    guard offset < end else { return offset }
    try body(offset == 0 && end == bytes.count ? bytes : Array(bytes[offset..<end]))
    return end
  }
}
