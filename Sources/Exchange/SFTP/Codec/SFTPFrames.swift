/// Cuts a stream of bytes into packets. It never holds more than one packet and what was pushed behind it.
struct SFTPFrames {
  /// The longest packet that is taken, its length left out: what OpenSSH sends at most, and room for a header.
  static let maximumBytes = 1 << 18
  private var buffer: [UInt8] = []
  private var start = 0
  private var hasGreeting = false

  init() {}

  enum Packet: Equatable {
    case greeting(SFTPGreeting)
    case reply(id: UInt32, SFTPReply)
  }

  mutating func push(_ bytes: some Collection<UInt8>) {
    if start > 0 {
      buffer.removeSubrange(..<start)
      start = 0
    }
    buffer += bytes
  }

  /// The next whole packet; nil where more bytes are needed. After a throw nothing more may be asked.
  mutating func next() throws(SFTPFault) -> Packet? {
    guard buffer.count - start >= 4 else { return nil }
    var head = SFTPFields(buffer, from: start, to: start + 4)
    let length = Int(try head.number())
    guard (1...Self.maximumBytes).contains(length) else { throw .packetLength }
    guard buffer.count - start - 4 >= length else { return nil }
    var fields = SFTPFields(buffer, from: start + 4, to: start + 4 + length)
    start += 4 + length
    if hasGreeting {
      let (id, reply) = try SFTPReply.read(&fields)
      return .reply(id: id, reply)
    }
    hasGreeting = true
    return .greeting(try SFTPGreeting(reading: &fields))
  }
}
