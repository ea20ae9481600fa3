/// A file that is open at a partner's: reads are under way ahead of what is given out, short answers are filled in order.
final class SFTPReader: TransportReader {
  /// The most bytes that are asked for and not given out yet.
  static let window = 1 << 22

  private struct Part {
    let offset: Int
    let length: Int
    let ticket: SFTPClient.Ticket
  }

  private let client: SFTPClient
  private let handle: [UInt8]
  /// The size that the server said at the opening: how far to read ahead, nothing more.
  private let hint: Int
  private let deadline: Int
  private var parts: ArraySlice<Part> = []
  private var next = 0
  /// Grows smaller where the server sends less at a time than was asked for.
  private var length: Int

  init(_ client: SFTPClient, handle: [UInt8], hint: Int, deadline: Int) {
    (self.client, self.handle, self.hint, self.deadline) = (client, handle, hint, deadline)
    length = client.readLength
  }

  /// The handle is given back with the next bytes that are sent.
  deinit { _ = try? client.send(.close(handle: handle)) }

  func stamp() throws(TransportFault) -> FileStamp {
    client.link.deadline = deadline
    defer { client.link.deadline = nil }
    let attributes = try client.attributes(try client.send(.handleStatus(handle: handle)))
    return FileStamp(attributes)
  }

  func read(from offset: Int, to end: Int, _ body: ([UInt8]) throws -> Void) throws -> Int {
    client.link.deadline = deadline
    defer {
      client.link.deadline = nil
      parts = []
    }
    (parts, next) = ([], offset)
    var at = offset
    while at < end {
      try fill(to: end)
      guard let part = parts.popFirst() else { return at }
      guard let bytes = try data(part) else { return at }
      if bytes.count < part.length { try ask(again: part, from: bytes.count) }
      at += bytes.count
      try body(bytes)
    }
    return at
  }

  /// Asks ahead: to the size that the server said, and one part past it, where the end shows.
  private func fill(to end: Int) throws(TransportFault) {
    while next < end, parts.isEmpty || (next - (parts.first?.offset ?? next) < Self.window && (parts.last?.offset ?? 0) < hint) {
      let most = next < hint ? min(length, hint - next) : length
      try ask(for: next, min(most, end - next))
      next += min(most, end - next)
    }
  }

  private func ask(for offset: Int, _ length: Int) throws(TransportFault) {
    parts.append(Part(offset: offset, length: length, ticket: try client.send(.read(handle: handle, offset: UInt64(offset), length: UInt32(length)))))
  }

  /// The rest of a short answer goes before all others.
  private func ask(again part: Part, from count: Int) throws(TransportFault) {
    length = max(1_024, min(length, count))
    let offset = part.offset + count
    let ticket = try client.send(.read(handle: handle, offset: UInt64(offset), length: UInt32(part.length - count)))
    parts = [Part(offset: offset, length: part.length - count, ticket: ticket)] + parts
  }

  /// Nil at the end of the file.
  private func data(_ part: Part) throws(TransportFault) -> [UInt8]? {
    switch try client.wait(for: part.ticket) {
    case .data(let bytes):
      guard (1...part.length).contains(bytes.count) else { throw client.breach(.dataLength) }
      return bytes
    case .status(SFTPReply.Code.end): return nil
    case let other: throw client.fault(other)
    }
  }
}
