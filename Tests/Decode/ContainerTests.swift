import Core
import Testing

@testable import Decode

/// Writes a zip of stored members, wrong wherever it is asked to be.
struct ZipMaker {
  struct Member {
    var name: [UInt8]
    var data: [UInt8]
    var flags = 0, method = 0, version = 20, mode = 0o100_600
    var crc: UInt32?, plain: Int?
    var listedName: [UInt8]?
    var extra: [UInt8] = []

    init(_ name: String, _ data: String = "MSH|one\r") { (self.name, self.data) = (Array(name.utf8), Array(data.utf8)) }
  }

  var members: [Member]
  var between: [UInt8] = [], behind: [UInt8] = []
  var countOff = 0, offsetOff = 0, isListedTwice = false

  static func number(_ value: Int, _ width: Int) -> [UInt8] { (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

  private static func common(_ member: Member) -> [UInt8] {
    var checksum = Checksum32()
    checksum.update(member.data)
    let crc = Int(member.crc ?? checksum.value), plain = member.plain ?? member.data.count
    return number(member.flags, 2) + number(member.method, 2) + number(0, 4) + number(crc, 4) + number(member.data.count, 4) + number(plain, 4)
  }

  var bytes: [UInt8] {
    var out: [UInt8] = [], directory: [UInt8] = []
    for member in members {
      let offset = out.count
      out += [0x50, 0x4B, 3, 4] + Self.number(member.version, 2) + Self.common(member) + Self.number(member.name.count, 2) + Self.number(member.extra.count, 2)
      out += member.name + member.extra + member.data + between
      let listed = member.listedName ?? member.name
      directory += [0x50, 0x4B, 1, 2, 20, 3] + Self.number(member.version, 2) + Self.common(member) + Self.number(listed.count, 2) + Self.number(0, 2)
      directory += Self.number(0, 2) + Self.number(0, 2) + Self.number(0, 2) + Self.number(member.mode << 16, 4) + Self.number(offset + offsetOff, 4) + listed
    }
    if isListedTwice { directory += directory }
    let count = members.count * (isListedTwice ? 2 : 1) + countOff
    let end = [0x50, 0x4B, 5, 6] + Self.number(0, 4) + Self.number(count, 2) + Self.number(count, 2)
    return out + directory + end + Self.number(directory.count, 4) + Self.number(out.count, 4) + Self.number(0, 2) + behind
  }
}

/// What comes out of a container that is pushed in pieces: the members' bytes, or the fault.
func unpacked(_ bytes: [UInt8], _ kinds: [ContainerKind], step: Int = .max, _ limits: ContainerLimits = ContainerLimits()) -> Result<[[UInt8]], ContainerFault> {
  guard let reader = ContainerReader(kinds, limits) else { return .failure(.unsafe) }
  var members: [[UInt8]] = [], open = 0
  func take(_ event: ContainerEvent) {
    switch event {
    case .memberBegins: (open, members) = (open + 1, members + [[]])
    case .bytes(let bytes): members[members.count - 1] += bytes
    case .memberEnds: open -= 1
    }
  }
  do {
    for start in stride(from: 0, to: bytes.count, by: min(step, max(bytes.count, 1))) { try reader.push(Array(bytes[start..<min(bytes.count, start + min(step, bytes.count))]), take) }
    try reader.finish(take)
  } catch { return .failure(error as? ContainerFault ?? .limit) }
  return .success(members)
}

@Suite("Containers") struct ContainerTests {
  static let one = Array(String(repeating: "MSH|one\r", count: 20).utf8), two = Array(String(repeating: "MSH|two\r", count: 20).utf8)
  let gzip = Hex.bytes(ContainerSamples.gzip) ?? []

  func zip(_ change: (inout ZipMaker) -> Void = { _ in }) -> Result<[[UInt8]], ContainerFault> {
    var maker = ZipMaker(members: [.init("a.hl7"), .init("b/c.hl7", "MSH|two\r")])
    change(&maker)
    return unpacked(maker.bytes, [.zip])
  }

  @Test("What another program wrote comes out, whatever the pieces", arguments: [1, 2, 3, 7, 64, Int.max])
  func samples(step: Int) throws {
    #expect(unpacked(gzip, [.gzip], step: step) == .success([Self.one]))
    #expect(unpacked(try #require(Hex.bytes(ContainerSamples.zip)), [.zip], step: step) == .success([Self.one, Self.two]))
    #expect(unpacked(try #require(Hex.bytes(ContainerSamples.piped)), [.zip], step: step) == .success([Self.one, Self.two]))
  }

  @Test("Parts of a gzip file that follow each other are one file")
  func parts() { #expect(unpacked(gzip + gzip, [.gzip], step: 5) == .success([Self.one + Self.one])) }

  @Test("A zip may hold gzip files where the feed says so, and no deeper")
  func nested() {
    var maker = ZipMaker(members: [.init("a.gz")])
    maker.members[0].data = gzip
    #expect(unpacked(maker.bytes, [.zip, .gzip]) == .success([Self.one]))
    #expect(ContainerReader([.zip, .zip, .gzip]) == nil)
  }

  @Test("A bomb is refused before it has grown")
  func bomb() throws {
    var limits = ContainerLimits()
    limits.freeBytes = 1_000
    #expect(unpacked(try #require(Hex.bytes(ContainerSamples.bomb)), [.gzip], limits) == .failure(.limit))
    limits = ContainerLimits()
    limits.plainBytes = 100
    #expect(unpacked(gzip, [.gzip], limits) == .failure(.limit))
    limits = ContainerLimits()
    limits.members = 1
    #expect(unpacked(ZipMaker(members: [.init("a"), .init("b")]).bytes, [.zip], limits) == .failure(.limit))
  }

  @Test("A container that is cut anywhere is refused")
  func cuts() throws {
    let zip = try #require(Hex.bytes(ContainerSamples.zip)), piped = try #require(Hex.bytes(ContainerSamples.piped))
    for (bytes, kind) in [(gzip, ContainerKind.gzip), (zip, .zip), (piped, .zip)] {
      for count in 0..<bytes.count { if case .success = unpacked(Array(bytes.prefix(count)), [kind]) { Issue.record("\(kind) cut at \(count)") } }
    }
  }

  @Test("Bytes behind the end, before the start or between members are refused")
  func strays() {
    #expect(unpacked(gzip + [0], [.gzip]) == .failure(.broken))
    #expect(zip { $0.behind = [0] } == .failure(.broken))
    #expect(zip { $0.between = [1] } == .failure(.broken))
    #expect(unpacked([0] + ZipMaker(members: [.init("a")]).bytes, [.zip]) == .failure(.broken))
  }

  @Test("Names that lead elsewhere or are one on some system are refused", arguments: [
    "../a", "/etc/passwd", "a/../../b", "a//b", "./a", "C:\\a", "a\\b", "A.HL7", "a.hl7", "a\u{0}b",
  ])
  func names(name: String) { #expect(zip { $0.members[1].name = Array(name.utf8) } == .failure(.unsafe)) }

  @Test("Links, devices and folders that hold bytes are refused", arguments: [0o120_777, 0o020_600, 0o010_600, 0o040_700])
  func kinds(mode: Int) { #expect(zip { $0.members[1].mode = mode } == .failure(.unsafe)) }

  /// With a folder of these packed bytes.
  private func folder(_ data: [UInt8], method: Int, plain: Int, crc: UInt32) -> Result<[[UInt8]], ContainerFault> {
    zip {
      ($0.members[1].name, $0.members[1].data, $0.members[1].mode) = (Array("d/".utf8), data, 0o040_755)
      ($0.members[1].method, $0.members[1].plain, $0.members[1].crc) = (method, plain, crc)
    }
  }

  @Test("A folder may be packed, as Java and Python write it, and holds nothing")
  func packedFolders() {
    #expect(folder([3, 0], method: 8, plain: 0, crc: 0) == .success([Array("MSH|one\r".utf8)]))
    #expect(folder([65], method: 0, plain: 1, crc: 0xD3D9_9E8B) == .failure(.unsafe))
    #expect(folder([0x73, 0x04, 0], method: 8, plain: 0, crc: 0) != .success([Array("MSH|one\r".utf8)]))
  }

  @Test("Encrypted members are refused", arguments: [1 << 0, 1 << 6, 1 << 13])
  func encrypted(flags: Int) { #expect(zip { $0.members[0].flags = flags } == .failure(.unsafe)) }

  @Test("A wrong checksum, a wrong length and a directory that says other things are refused")
  func lies() {
    #expect(zip { $0.members[0].crc = 1 } == .failure(.broken))
    #expect(zip { $0.members[0].plain = 3 } == .failure(.broken))
    #expect(zip { $0.members[0].listedName = Array("other".utf8) } == .failure(.unsafe))
    #expect(zip { $0.offsetOff = 1 } == .failure(.unsafe))
    #expect(zip { $0.isListedTwice = true } == .failure(.unsafe))
    #expect(zip { $0.countOff = 1 } == .failure(.broken))
  }

  @Test("What is not read is refused by name: zip64, other methods, a stored member without its length")
  func forms() {
    #expect(zip { $0.members[0].version = 45 } == .failure(.broken))
    #expect(zip { $0.members[0].extra = [1, 0, 0, 0] } == .failure(.broken))
    #expect(zip { $0.members[0].method = 12 } == .failure(.broken))
    #expect(zip { $0.members[0].flags = 1 << 3 } == .failure(.broken))
  }

  @Test("Any flipped bit is noticed or harmless, and nothing crashes")
  func flips() throws {
    for (sample, kind) in [(ContainerSamples.gzip, ContainerKind.gzip), (ContainerSamples.zip, .zip), (ContainerSamples.piped, .zip)] {
      let bytes = try #require(Hex.bytes(sample))
      let whole = unpacked(bytes, [kind])
      for bit in 0..<(bytes.count * 8) {
        var changed = bytes
        changed[bit / 8] ^= 1 << UInt8(bit % 8)
        if case .success(let members) = unpacked(changed, [kind]) { #expect(.success(members) == whole, "bit \(bit)") }
      }
    }
  }
}

@Suite("Drops that are containers") struct UnpackingDecoderTests {
  static func message(_ id: String) -> String { "MSH|^~\\&|LAB|A|B|C|20260101||ACK^A01|\(id)|P|2.5\rMSA|AA|1\r" }

  func decode(_ bytes: [UInt8], _ kinds: [ContainerKind]) -> (events: [DecodeEvent], summary: DropSummary) {
    var settings = DecodeSettings(format: .hl7v2)
    settings.envelope = kinds
    var events: [DecodeEvent] = []
    let decoder = DropDecoder(settings)
    decoder.push(bytes) { event, _ in events.append(event) }
    let summary = decoder.finish { event, _ in events.append(event) }
    return (events, summary)
  }

  @Test("Messages are counted over all members, and findings name the member")
  func numbers() {
    let maker = ZipMaker(members: [.init("a", Self.message("1") + Self.message("2")), .init("b", "nothing"), .init("c", Self.message("3"))])
    let (events, summary) = decode(maker.bytes, [.zip])
    let heads = events.compactMap { if case .begin(let head) = $0 { head.ordinal } else { nil } }
    #expect(heads == [0, 1, 2, 3] && summary.messages == 4)
    let rejected = events.compactMap { event -> String? in
      if case .end(let tail) = event, case .rejected(let finding) = tail.outcome { finding.position.path } else { nil }
    }
    #expect(rejected.count == 1 && rejected[0].hasPrefix("member 2"))
  }

  @Test("What is unpacked is decoded before more is, however much the packed bytes hold") func bounded() throws {
    var settings = DecodeSettings(format: .hl7v2)
    settings.envelope = [.gzip, .gzip]
    let decoder = UnpackingDecoder(settings)
    var most = 0, messages = 0
    decoder.push(try #require(Hex.bytes(ContainerSamples.nested))) { event, _ in
      most = max(most, decoder.waitingBytes)
      if case .begin = event { messages += 1 }
    }
    #expect(decoder.finish { _, _ in }.messages == 19_000)
    #expect(messages >= 18_999 && most <= 1 << 16)
  }

  @Test("What the mapping finds is named by the member too, and once") func mapped() {
    var message = MappedMessage()
    message.verdict = .held(Finding(.batchHeld, at: SourcePosition(path: "member 2, PID-3")))
    message.findings = [Finding(.batchHeld, at: SourcePosition(path: "PID-3")), Finding(.batchHeld)]
    message.place(inMember: 2)
    #expect(message.verdict == .held(Finding(.batchHeld, at: SourcePosition(path: "member 2, PID-3"))))
    #expect(message.findings.map(\.position.path) == ["member 2, PID-3", "member 2"])
  }

  @Test("A refused container says so once, and an empty drop is an empty drop")
  func refusal() {
    #expect(decode([1, 2, 3], [.gzip]).events == [.finding(Finding(.containerBroken))])
    #expect(decode([], [.gzip]).events == { decode([], []).events }())
  }
}
