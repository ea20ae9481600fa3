import Core
import Glibc
@testable import Pipeline
import Support
import Testing

@Suite struct WorkerFrameTests {
  private struct Frame: Equatable {
    var kind: WorkerFrame.Kind
    var payload: [UInt8]
  }

  private let frames = [Frame(kind: .dropBegins, payload: [0]), Frame(kind: .chunk, payload: Array(repeating: 7, count: 300)), Frame(kind: .dropEnds, payload: [])]

  private func stream(_ frames: [Frame]) -> [UInt8] { frames.flatMap { WorkerFrame.head($0.kind, count: $0.payload.count) + $0.payload } }

  /// What a reader makes of bytes that come in these parts.
  private func read(_ parts: [ArraySlice<UInt8>]) throws -> [Frame] {
    var reader = FrameReader(), found: [Frame] = []
    for part in parts {
      var rest = part
      repeat {
        rest = rest.dropFirst(reader.fill { room in rest.copyBytes(to: room) })
        while let frame = try reader.next() { found.append(Frame(kind: frame.kind, payload: Array(reader.bytes[frame.payload]))) }
      } while !rest.isEmpty
    }
    return found
  }

  @Test func framesComeOutWholeWhereverTheStreamIsCut() throws {
    let stream = stream(frames)
    for cut in stream.indices { #expect(try read([stream[..<cut], stream[cut...]]) == frames) }
    #expect(try read(stream.indices.map { stream[$0...$0] }) == frames)
  }

  @Test func aFrameLargerThanTheRoomComesOutWholeAndSoDoTheFramesBehindIt() throws {
    let large = [Frame(kind: .message, payload: (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0) })] + frames
    #expect(try read([stream(large)[...]]) == large)
  }

  @Test func aKindThatDoesNotExistIsRefused() {
    #expect(throws: FrameError.self) { try read([[200, 0, 0, 0, 0]]) }
  }

  @Test(arguments: [[0xFF, 0xFF, 0xFF, 0x7F], [0, 0, 0, 0x80]] as [[UInt8]]) func aLengthBeyondTheBoundIsRefusedBeforeItIsWaitedFor(length: [UInt8]) {
    #expect(throws: FrameError.self) { try read([[WorkerFrame.Kind.chunk.rawValue] + length[...]]) }
  }

  @Test func aWriterSendsItsFramesWhenItIsAskedTo() throws {
    var ends: [Int32] = [-1, -1]
    try #require(pipe(&ends) == 0)
    defer { ends.forEach { close($0) } }
    var writer = FrameWriter(descriptor: ends[1]), reader = FrameReader()
    try writer.write(.finding) { $0.write("TEST") }
    try writer.write(.dropDone) { _ in }
    try writer.flush()
    #expect(reader.fill(from: ends[0]) == 5 + 8 + 5)
    let first = try #require(try reader.next())
    #expect(first.kind == .finding && Array(reader.bytes[first.payload]) == [4, 0, 0, 0] + Array("TEST".utf8))
    #expect(try reader.next()?.kind == .dropDone)
  }

  @Test func aSetupCrossesToTheWorkerUnchanged() throws {
    let setup = WorkerSetup(library: [1, 2], mappings: ["a@1"], format: .cda, charset: "", zone: [9], feed: "lab", businessDate: BusinessDate(daysSinceEpoch: 20_000))
    let read = try WorkerSetup(from: setup.encoded)
    #expect(read.encoded == setup.encoded)
  }

  @Test func theSetupThatTheBenchmarkWritesIsOneThatTheWorkerReads() throws {
    let folder = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Benchmarks"
    let program = "import sys; sys.path.insert(0, '\(folder)'); import worker; sys.stdout.buffer.write(worker.setup([], 'a@1', 'cda'))"
    let written = try Tools.run("python3", ["-B", "-c", program]).standardOutput, read = try WorkerSetup(from: written)
    #expect(read.encoded == written && read.mappings == ["a@1"] && read.envelope.isEmpty)
  }

  @Test func everyTruncatedSetupIsRefused() {
    let bytes = WorkerSetup(library: [1, 2], mappings: ["a@1"], format: .cda, charset: "x", zone: [9], feed: "lab", businessDate: BusinessDate(daysSinceEpoch: 1)).encoded
    for count in 0..<bytes.count { #expect(throws: FrameError.self) { try WorkerSetup(from: Array(bytes[..<count])) } }
  }
}

extension ArraySlice<UInt8> {
  /// Copies what the room holds of the bytes; gives how many they were.
  fileprivate func copyBytes(to room: UnsafeMutableRawBufferPointer) -> Int {
    let part = prefix(room.count)
    room.copyBytes(from: part)
    return part.count
  }
}
