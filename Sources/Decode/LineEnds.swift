import Core
import Glibc

/// Finds where the lines of a chunk end. Each kind of end is looked for once and remembered, so that a drop whose lines end with CR is searched
/// for LF once a chunk, not once a line.
struct LineEnds {
  private var carriageReturn = -1
  private var lineFeed = -1
  private var startBlock = -1

  /// The index of the end of the line that begins at `from`: CR, LF, or a start block (0x0B) right behind an end block (0x1C) or right before a
  /// header, which belongs to the next line. The count of the chunk where the line goes on behind it.
  ///
  /// - Parameter before: the byte before `from` where the line began in an earlier chunk, else nil.
  mutating func next(in chunk: Span<UInt8>, from: Int, before: UInt8?) -> Int {
    if carriageReturn < from { carriageReturn = Self.index(of: 0x0D, in: chunk, from: from) }
    if lineFeed < from { lineFeed = Self.index(of: 0x0A, in: chunk, from: from) }
    let end = min(carriageReturn, lineFeed)
    if startBlock < from { startBlock = Self.index(of: 0x0B, in: chunk, from: from) }
    while startBlock < end {
      if let last = startBlock == from ? before : chunk[startBlock - 1], last == 0x1C || Self.isHeader(chunk, startBlock + 1) { return startBlock }
      startBlock = Self.index(of: 0x0B, in: chunk, from: startBlock + 1)
    }
    return end
  }

  /// How many bytes at the end of a chunk cannot be read before the next ones are known: a start block and what may be the name of a header.
  static func undecided(in chunk: Span<UInt8>) -> Int {
    for at in max(0, chunk.count - headerBytes)..<chunk.count where chunk[at] == 0x0B { return chunk.count - at }
    return 0
  }

  /// The name of a header segment and a separator.
  private static let headerBytes = 4

  private static func isHeader(_ chunk: Span<UInt8>, _ at: Int) -> Bool {
    guard at + headerBytes <= chunk.count, HL7Delimiters.isUsable(chunk[at + 3]) else { return false }
    return SegmentTable.isHeader(UInt32(chunk[at]) << 16 | UInt32(chunk[at + 1]) << 8 | UInt32(chunk[at + 2]))
  }

  /// The first byte of a value from an index on, or the count.
  static func index(of byte: UInt8, in chunk: Span<UInt8>, from: Int) -> Int {
    guard from < chunk.count else { return chunk.count }
    return unsafe chunk.withUnsafeBufferPointer { pointer in
      guard let start = pointer.baseAddress, let found = unsafe memchr(start + from, Int32(byte), pointer.count - from) else { return pointer.count }
      return unsafe UnsafeRawPointer(start).distance(to: UnsafeRawPointer(found))
    }
  }
}
