import Core
import Glibc

/// What travels between ingest and its decode worker: a kind, a length, that many bytes. Flat, no keys, no files.
enum WorkerFrame {
  enum Kind: UInt8 {
    // To the worker
    case setup = 1, dropBegins, chunk, dropEnds, show
    // From the worker
    case ready = 16, message, batch, finding, dropDone, refused, attachment, attachmentBytes, attachmentEnd, shown, showDone, coverage, sources
  }

  /// A kind and a length of four bytes, little-endian.
  static let headBytes = 5

  /// Frames over this size are refused: one message's rows fit well below it.
  static let maximumBytes = 256 << 20

  /// What the pipes hold where the system allows it: fewer turns between the two processes.
  static let pipeBytes = 1 << 20

  static func head(_ kind: Kind, count: Int) -> [UInt8] {
    [kind.rawValue] + (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
  }

  /// Asks for a pipe of `pipeBytes`; a smaller one does as well.
  static func widen(_ descriptor: Int32) { _ = fcntl(descriptor, setPipeSize, Int32(pipeBytes)) }

  /// `F_SETPIPE_SZ`, which the headers show to GNU sources only (linux/fcntl.h).
  private static let setPipeSize: Int32 = 1_031
}

/// Cuts a stream of bytes into frames, which stay where they were read.
struct FrameReader {
  /// The room; `filled` says which part of it holds bytes that have not been handed out.
  private(set) var bytes = [UInt8](repeating: 0, count: WorkerFrame.pipeBytes)
  private var filled = 0..<0

  /// The next whole frame: its kind and where in `bytes` its payload lies, until the next `fill`. Nil when more bytes are needed.
  mutating func next() throws(FrameError) -> (kind: WorkerFrame.Kind, payload: Range<Int>)? {
    guard filled.count >= WorkerFrame.headBytes else { return nil }
    var head = ByteReader(bytes, filled)
    guard let kind = WorkerFrame.Kind(rawValue: try head.byte()) else { throw FrameError() }
    let count = try head.count()
    guard count <= WorkerFrame.maximumBytes else { throw FrameError() }
    let start = filled.lowerBound + WorkerFrame.headBytes
    guard filled.upperBound - start >= count else { return nil }
    filled = (start + count)..<filled.upperBound
    return (kind, start..<(start + count))
  }

  /// Reads more bytes behind those that are there: gives what `read` gives, the number of bytes it put into the room it was lent.
  mutating func fill(_ read: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
    makeRoom()
    let end = filled.upperBound
    let count = bytes.withUnsafeMutableBytes { read(UnsafeMutableRawBufferPointer(rebasing: $0[end...])) }
    if count > 0 { filled = filled.lowerBound..<(end + count) }
    return count
  }

  /// The same from a descriptor, as often as a signal interrupts it.
  mutating func fill(from descriptor: Int32) -> Int {
    while true {
      let count = fill { read(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 || errno != EINTR { return count }
    }
  }

  /// Moves what is left of the last bytes to the front when the end of the room is near. A frame larger than the room gets twice of it, as
  /// bytes come and not as it claims; afterwards the room is small again.
  private mutating func makeRoom() {
    if filled.isEmpty {
      filled = 0..<0
      if bytes.count > WorkerFrame.pipeBytes { bytes = [UInt8](repeating: 0, count: WorkerFrame.pipeBytes) }
    }
    guard bytes.count - filled.upperBound < bytes.count / 4 else { return }
    if filled.count >= bytes.count / 2 { bytes.append(contentsOf: repeatElement(0, count: bytes.count)) }
    let kept = filled
    bytes.withUnsafeMutableBytes { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[kept])) }
    filled = 0..<kept.count
  }
}

/// Collects frames and writes them to a descriptor, many at a time.
struct FrameWriter {
  private var bytes = ByteWriter()
  private let descriptor: Int32
  /// Past this many bytes they are written without being asked.
  private static let enough = 256 << 10

  init(descriptor: Int32) { self.descriptor = descriptor }

  /// Writes a frame in place: `body` appends its payload, whose length is filled in afterwards.
  mutating func write(_ kind: WorkerFrame.Kind, _ body: (inout ByteWriter) -> Void) throws(FrameError) {
    bytes.write(kind.rawValue)
    let start = bytes.count
    bytes.write(Int32(0))
    body(&bytes)
    bytes.patch(Int32(truncatingIfNeeded: bytes.count - start - 4), at: start)
    if bytes.count >= Self.enough { try flush() }
  }

  /// Writes what was collected.
  mutating func flush() throws(FrameError) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + sent, $0.count - sent) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw FrameError() }
      sent += count
    }
    bytes.removeAll(keepingUpTo: 4 * Self.enough)
  }
}
