internal import Trust

/// Requests and their answers on one link: many under way at once, each answered once, in any order.
///
/// A breach of the protocol ends the session, and so do a stall and an end of the link; every later call then throws `.cut`.
final class SFTPClient {
  /// The place of an answer that is still to come.
  final class Ticket { fileprivate(set) var reply: SFTPReply? }

  /// How the session ended, while it has not: nil.
  enum Ending: Equatable { case cut, breach(SFTPFault) }

  let link: SFTPLink
  private var frames = SFTPFrames()
  private var waiting: [UInt32: Ticket] = [:]
  private var lastID: UInt32 = 0
  private(set) var greeting: SFTPGreeting?
  private(set) var ending: Ending?
  /// The most bytes of one read and one write.
  private(set) var readLength = 1 << 15
  private(set) var writeLength = 1 << 15
  /// The most files that the server keeps open for us, where it says.
  private(set) var openFiles = 64

  private let partner: PlainName

  init(_ link: SFTPLink, partner: PlainName) {
    self.link = link
    self.partner = partner
  }

  /// Greets, and asks for the limits where they are offered.
  func start() throws(TransportFault) {
    link.queue { $0 += SFTPRequest.hello }
    while greeting == nil { try exchange() }
    guard greeting?.offers("limits@openssh.com") == true else { return }
    guard case .extended(let body) = try answer(to: .limits) else { return }
    var fields = SFTPFields(body)
    guard (try? fields.longNumber()) != nil, let read = try? fields.longNumber(), let write = try? fields.longNumber(), let handles = try? fields.longNumber() else { return }
    readLength = Self.length(read)
    writeLength = Self.length(write)
    if handles > 0 { openFiles = Int(min(handles / 2, 64)) }
  }

  /// 0 is no limit: then the length that every server takes.
  private static func length(_ offered: UInt64) -> Int { offered == 0 ? 1 << 15 : Int(min(max(offered, 1_024), 261_120)) }

  /// Asks, and does not wait.
  @discardableResult
  func send(_ request: SFTPRequest) throws(TransportFault) -> Ticket {
    guard ending == nil else { throw .cut }
    lastID &+= 1
    let ticket = Ticket(), id = lastID
    link.queue { request.encode(id: id, into: &$0) }
    waiting[id] = ticket
    return ticket
  }

  /// Waits for one answer; others that come meanwhile find their tickets.
  func wait(for ticket: Ticket) throws(TransportFault) -> SFTPReply {
    while true {
      if let reply = ticket.reply { return reply }
      try exchange()
    }
  }

  func answer(to request: SFTPRequest) throws(TransportFault) -> SFTPReply { try wait(for: try send(request)) }

  /// One round: sends what can be sent and takes in what has come.
  func exchange() throws(TransportFault) {
    guard ending == nil else { throw .cut }
    do {
      try link.move { bytes throws(SFTPFault) in
        frames.push(bytes)
        while let packet = try frames.next() { try take(packet) }
      }
    } catch let fault as SFTPFault {
      throw breach(fault)
    } catch {
      throw finish(.cut)
    }
  }

  private func take(_ packet: SFTPFrames.Packet) throws(SFTPFault) {
    switch packet {
    case .greeting(let greeting): self.greeting = greeting
    case .reply(let id, let reply):
      guard let ticket = waiting.removeValue(forKey: id) else { throw .unknownRequest }
      ticket.reply = reply
    }
  }

  /// Ends the session for a breach that only the asker could see.
  func breach(_ fault: SFTPFault) -> TransportFault {
    guard ending == nil else { return .cut }
    finish(.breach(fault))
    return .refused(.breach(partner, fault))
  }

  /// Ends the session.
  @discardableResult
  func finish(_ ending: Ending) -> TransportFault {
    if self.ending == nil {
      self.ending = ending
      waiting = [:]
      link.end()
    }
    return .cut
  }

  /// What a status says that is no success: the fault of the call.
  func fault(_ reply: SFTPReply) -> TransportFault {
    guard case .status(let code) = reply else { return breach(.wrongAnswer) }
    switch code {
    case SFTPReply.Code.missing: return .missing
    case SFTPReply.Code.denied: return .denied
    case SFTPReply.Code.noConnection, SFTPReply.Code.connectionLost: return finish(.cut)
    case SFTPReply.Code.done, SFTPReply.Code.end: return breach(.wrongAnswer)
    default: return .failed(Int32(truncatingIfNeeded: code))
    }
  }

  /// Asks for something that is done or not.
  func perform(_ request: SFTPRequest) throws(TransportFault) { try confirm(try send(request)) }

  func confirm(_ ticket: Ticket) throws(TransportFault) {
    let reply = try wait(for: ticket)
    if reply != .status(SFTPReply.Code.done) { throw fault(reply) }
  }

  func handle(_ ticket: Ticket) throws(TransportFault) -> [UInt8] {
    let reply = try wait(for: ticket)
    guard case .handle(let handle) = reply else { throw fault(reply) }
    return handle
  }

  func attributes(_ ticket: Ticket) throws(TransportFault) -> SFTPAttributes {
    let reply = try wait(for: ticket)
    guard case .attributes(let attributes) = reply else { throw fault(reply) }
    return attributes
  }
}
