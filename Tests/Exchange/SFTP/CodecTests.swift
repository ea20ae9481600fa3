import Support
import Testing

@testable import Exchange

/// The packet codec against streams that no server should send.
@Suite struct CodecTests {
  private static func packet(_ body: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    SFTPBytes.put(body, into: &out)
    return out
  }

  private static func number(_ value: UInt32) -> [UInt8] {
    var out: [UInt8] = []
    SFTPBytes.put(value, into: &out)
    return out
  }

  private static let greeting = packet([2, 0, 0, 0, 3] + number(18) + Array("limits@openssh.com".utf8) + number(1) + [0x31])

  private static func name(_ text: String, _ attributes: [UInt8]) -> [UInt8] { packet(Array(text.utf8)) + packet(Array("-rw-r--r-- x".utf8)) + attributes }

  private static let attributes = number(13) + [0, 0, 0, 0, 0, 0, 0, 9] + number(0o100644) + number(1) + number(2)

  private static let session =
    greeting + packet([101] + number(1) + number(2) + packet(Array("gone".utf8)) + packet([])) + packet([102] + number(2) + packet([7, 7]))
    + packet([103] + number(3) + packet([1, 2, 3])) + packet([104] + number(4) + number(2) + name("a", attributes) + name("b", number(0)))
    + packet([105] + number(5) + number(0x8000_0002) + number(8) + number(9) + number(1) + packet([1]) + packet([2])) + packet([201] + number(6) + [1, 2, 3])

  private static func read(_ pieces: [[UInt8]]) -> [String] {
    var frames = SFTPFrames(), seen: [String] = []
    for piece in pieces {
      frames.push(piece)
      do { while let packet = try frames.next() { seen.append("\(packet)") } } catch { return seen + ["\(error)"] }
    }
    return seen
  }

  @Test("A session reads the same wherever its bytes are split") func drip() {
    #expect(Self.read([Self.session]).count == 7)
    #expect(Drip.differingSplits(of: Self.session, Self.read).isEmpty)
  }

  @Test("What a server says is read as the draft lays it out") func fields() throws {
    var frames = SFTPFrames(), replies: [SFTPReply] = []
    frames.push(Self.session)
    guard case .greeting(let greeting) = try frames.next() else { throw TestFailure("no greeting") }
    while case .reply(_, let reply) = try frames.next() { replies.append(reply) }
    #expect(greeting.offers("limits@openssh.com") && !greeting.offers("fsync@openssh.com"))
    #expect(replies[0] == .status(2) && replies[1] == .handle([7, 7]) && replies[2] == .data([1, 2, 3]) && replies[5] == .extended([1, 2, 3]))
    guard case .names(let names) = replies[3], case .attributes(let last) = replies[4] else { throw TestFailure("other replies") }
    #expect(names[0].attributes.size == 9 && names[0].attributes.kind == .file && names[0].attributes.modified == 2)
    #expect(names[1].attributes == SFTPAttributes() && names[1].attributes.kind == .other && last.owner == 8 && last.group == 9)
  }

  @Test("No damage to a session makes the codec do more than refuse it") func mutate() {
    var refused = 0
    Mutate.copies(of: Self.session, count: 20_000, seed: 7) { if Self.read([$0]).count < 7 { refused += 1 } }
    #expect(refused > 1_000)
  }

  @Test("Each breach is named", arguments: [
    (packet([]), "packetLength"), (number(1 << 18 + 1), "packetLength"), (number(0xFFFF_FFFF), "packetLength"), (packet([101, 0, 0]), "lyingLength"),
    (packet([102] + number(1) + number(500)), "lyingLength"), (packet([103] + number(1) + number(0xFFFF_FFFF)), "lyingLength"),
    (packet([104] + number(1) + number(0x0FFF_FFFF)), "lyingLength"), (packet([105] + number(1) + number(0x8000_0000) + number(0x7FFF_FFFF)), "lyingLength"),
    (packet([102] + number(1) + packet([])), "handleLength"), (packet([102] + number(1) + packet(.init(repeating: 1, count: 257))), "handleLength"),
    (packet([102] + number(1) + packet([1]) + [0]), "trailingBytes"), (packet([105] + number(1) + number(0x10)), "unknownAttributes"),
    (packet([99] + number(1)), "unknownType"), (packet([2, 0, 0, 0, 3]), "unknownType"), (packet([3] + number(1)), "unknownType"),
  ])
  func breach(packet: [UInt8], rule: String) { #expect(Self.read([Self.greeting + packet]).last == rule) }

  @Test("The first packet is a greeting of version 3", arguments: [packet([2, 0, 0, 0, 2]), packet([101, 0, 0, 0, 3]), packet([2]), Array("SSH is not welcome here".utf8)])
  func greetings(packet: [UInt8]) { #expect(["version", "lyingLength", "packetLength"].contains(Self.read([packet]).last)) }

  @Test("A request is written as the draft lays it out") func requests() {
    var out: [UInt8] = []
    SFTPRequest.read(handle: [9], offset: 1 << 33, length: 5).encode(id: 7, into: &out)
    #expect(out == [0, 0, 0, 22, 5, 0, 0, 0, 7, 0, 0, 0, 1, 9, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 5])
    out = []
    SFTPRequest.open(path: [0x61], flags: [.write, .create, .exclusive], SFTPAttributes(mode: 0o640)).encode(id: 1, into: &out)
    #expect(out == [0, 0, 0, 22, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0x61, 0, 0, 0, 42, 0, 0, 0, 4, 0, 0, 1, 0xA0])
  }

  @Test("What cannot be a component of a path is none", arguments: ["", ".", "..", "a/b", "a\0b", String(repeating: "x", count: 1_021)])
  func noComponent(name: String) { #expect(!SFTPName.isComponent(Array(name.utf8))) }
}
