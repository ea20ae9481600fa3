import Core
@testable import Pipeline
import Testing

@Suite struct WorkerFrameTests {
  private let frames = [WorkerFrame(kind: .dropBegins, payload: [0]), WorkerFrame(kind: .chunk, payload: Array(repeating: 7, count: 300)), WorkerFrame(kind: .dropEnds, payload: [])]

  @Test func framesComeOutWholeWhereverTheStreamIsCut() throws {
    let stream = frames.flatMap(\.encoded)
    for cut in stream.indices {
      var buffer = FrameBuffer(), found: [WorkerFrame] = []
      for part in [stream[..<cut], stream[cut...]] {
        buffer.append(part)
        while let frame = try buffer.next() { found.append(frame) }
      }
      #expect(found == frames)
    }
  }

  @Test func aKindThatDoesNotExistIsRefused() {
    var buffer = FrameBuffer()
    buffer.append([200, 0, 0, 0, 0])
    #expect(throws: FrameError.self) { try buffer.next() }
  }

  @Test func aLengthBeyondTheBoundIsRefusedBeforeItIsWaitedFor() {
    var buffer = FrameBuffer()
    buffer.append([WorkerFrame.Kind.chunk.rawValue, 0xFF, 0xFF, 0xFF, 0x7F])
    #expect(throws: FrameError.self) { try buffer.next() }
  }

  @Test func aSetupCrossesToTheWorkerUnchanged() throws {
    let setup = WorkerSetup(library: [1, 2], mappings: ["a@1"], format: .cda, charset: "", zone: [9], businessDate: BusinessDate(daysSinceEpoch: 20_000))
    let read = try WorkerSetup(from: setup.encoded)
    #expect(read.encoded == setup.encoded)
  }

  @Test func everyTruncatedSetupIsRefused() {
    let bytes = WorkerSetup(library: [1, 2], mappings: ["a@1"], format: .cda, charset: "x", zone: [9], businessDate: BusinessDate(daysSinceEpoch: 1)).encoded
    for count in 0..<bytes.count { #expect(throws: FrameError.self) { try WorkerSetup(from: Array(bytes[..<count])) } }
  }
}
