/// A file that is being written at a partner's: writes are under way while the next bytes come, and the first that fails ends it.
final class SFTPWriter: TransportWriter {
  /// The most bytes that are sent and not confirmed yet.
  static let window = 1 << 21

  private let client: SFTPClient
  private let handle: [UInt8]
  /// Asked once where a write has failed: whether there is no room left.
  private let isFull: () throws(TransportFault) -> Bool
  private let deadline: Int
  private var offset = 0
  private var sent: ArraySlice<(byteCount: Int, ticket: SFTPClient.Ticket)> = []
  private var unconfirmed = 0
  private var isOpen = true

  init(_ client: SFTPClient, handle: [UInt8], deadline: Int, isFull: @escaping () throws(TransportFault) -> Bool) {
    (self.client, self.handle, self.deadline, self.isFull) = (client, handle, deadline, isFull)
  }

  deinit { if isOpen { _ = try? client.send(.close(handle: handle)) } }

  func write(_ bytes: [UInt8]) throws(TransportFault) {
    client.link.deadline = deadline
    defer { client.link.deadline = nil }
    var at = 0
    while at < bytes.count {
      let part = bytes[at..<min(bytes.count, at + client.writeLength)]
      sent.append((part.count, try client.send(.write(handle: handle, offset: UInt64(offset), part))))
      (at, offset, unconfirmed) = (at + part.count, offset + part.count, unconfirmed + part.count)
      while unconfirmed > Self.window { try confirmFirst() }
    }
    client.link.flush()
  }

  func finish() throws(TransportFault) -> FileStamp {
    client.link.deadline = deadline
    defer { client.link.deadline = nil }
    while !sent.isEmpty { try confirmFirst() }
    if client.greeting?.offers("fsync@openssh.com") == true { try confirm(try client.send(.sync(handle: handle))) }
    let attributes = try client.attributes(try client.send(.handleStatus(handle: handle)))
    isOpen = false
    try confirm(try client.send(.close(handle: handle)))
    return FileStamp(attributes)
  }

  private func confirmFirst() throws(TransportFault) {
    guard let first = sent.popFirst() else { return }
    unconfirmed -= first.byteCount
    try confirm(first.ticket)
  }

  /// SFTP has no word for a full disk: a failure is asked about.
  private func confirm(_ ticket: SFTPClient.Ticket) throws(TransportFault) {
    do throws(TransportFault) { try client.confirm(ticket) } catch {
      guard case .failed = error, try isFull() else { throw error }
      throw .full
    }
  }
}
