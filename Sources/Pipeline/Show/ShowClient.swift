import Core
import Decode

/// The asking end of a worker that shows a message. The worker reads bytes from outside and may have been taken over by them, so what it
/// says is printed only where it cannot act on a terminal.
struct ShowClient {
  private let pipe: WorkerPipe
  private static let patienceSeconds = 60

  init(_ order: ShowOrder) throws {
    pipe = try WorkerPipe(patienceSeconds: Self.patienceSeconds)
    try pipe.send(.show, order.encoded) { _ in }
    try pipe.receive(until: .ready) { _ in }
  }

  /// Streams a drop through, as far as its message needs: `next` gives the plain text piece by piece, `take` gets the lines of one part.
  func run(next: () throws -> [UInt8]?, take: (String) throws -> Void) throws -> ShowResult {
    defer { pipe.stop() }
    var result: ShowResult?
    func relay(_ frame: WorkerPipe.Frame) throws {
      var reader = ByteReader(pipe.frames.bytes, frame.payload)
      if frame.kind == .shown { try take(try Self.shown(&reader)) }
      if frame.kind == .showDone { result = try Self.result(&reader) }
    }
    try pipe.send(.dropBegins, [UInt8](repeating: 0, count: 9), relay)
    while result == nil, let chunk = try next() { try pipe.send(.chunk, chunk, relay) }
    if result == nil {
      try pipe.send(.dropEnds, [], relay)
      if result == nil { try pipe.receive(until: .showDone, relay) }
    }
    guard let result else { throw WorkerFailure() }
    return result
  }

  /// Lines that a terminal shows as they are.
  static func shown(_ reader: inout ByteReader) throws -> String {
    do {
      let text = try reader.text()
      guard text.split(separator: "\n").allSatisfy({ ValueView.visible(String($0)) == String($0) }) else { throw FrameError() }
      return text
    } catch { throw WorkerFailure() }
  }

  private static func result(_ reader: inout ByteReader) throws -> ShowResult {
    do {
      let result = try ShowResult(from: &reader)
      switch result.outcome {
      case .held(let finding), .rejected(let finding): guard WorkerOutputRules.accept(finding) else { throw FrameError() }
      case .decoded, nil: break
      }
      return result
    } catch { throw WorkerFailure() }
  }
}
