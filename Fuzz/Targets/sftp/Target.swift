import Glibc

/// The answers of an SFTP server: any bytes, split anywhere. The codec is built into the target, since nothing else of its module is pure.
@_cdecl("LLVMFuzzerTestOneInput") public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  let bytes = Array(UnsafeBufferPointer(start: data, count: size))
  let whole = Session(pieces: [bytes])
  keep("the same answers wherever the bytes are split", Session(pieces: pieces(bytes, 1 + size % 9)) == whole)
  keep("no more comes out than went in", whole.byteCount <= size)
  return 0
}

private func pieces(_ bytes: [UInt8], _ size: Int) -> [[UInt8]] { stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min(bytes.count, $0 + size)]) } }

/// What was read until the end or the first breach.
private struct Session: Equatable {
  private var packets: [SFTPFrames.Packet] = []
  private var fault: SFTPFault?

  init(pieces: [[UInt8]]) {
    var frames = SFTPFrames()
    for piece in pieces where fault == nil {
      frames.push(piece)
      do throws(SFTPFault) { while let packet = try frames.next() { packets.append(packet) } } catch { fault = error }
    }
  }

  var byteCount: Int {
    packets.reduce(0) { sum, packet in
      guard case .reply(_, let reply) = packet else { return sum }
      switch reply {
      case .handle(let bytes), .data(let bytes), .extended(let bytes): return sum + bytes.count
      case .names(let names): return names.reduce(sum) { $0 + $1.name.count + 12 }
      case .status, .attributes: return sum
      }
    }
  }
}

private func keep(_ promise: String, _ isKept: Bool) {
  if isKept { return }
  let line = Array("PROMISE BROKEN: \(promise)\n".utf8)
  _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  abort()
}
