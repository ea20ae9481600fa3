import Core

extension SegmentTable {
  /// What a pass over the bytes of a message met.
  struct SplitResult {
    var isASCII = true
    /// Index of the first NUL, or nil.
    var nul: Int?
    /// False when a segment has more fields than the limit, or the message more than its own.
    var isWithinLimits = true
  }

  /// Fills the tables of segments and fields from `bytes`, whose segments end with CR. A line feed belongs to its field.
  ///
  /// - Parameter offsets: where each segment starts in the drop, in order.
  mutating func split(offsets: [Int], limits: DecodeLimits) -> SplitResult {
    segments.removeAll(keepingCapacity: true)
    pieceStarts.removeAll(keepingCapacity: true)
    var result = SplitResult()
    var high: UInt8 = 0
    var start = 0, firstPiece = 0
    let separator = delimiters.field, count = bytes.count
    pieceStarts.append(0)
    var at = 0
    while at < count {
      let byte = bytes[at]
      high |= byte
      if byte == separator {
        pieceStarts.append(Int32(at + 1))
        if pieceStarts.count > limits.fieldsPerMessage { break }
      } else if byte == 0x0D {
        pieceStarts.append(Int32(at + 1))
        let pieces = pieceStarts.count - firstPiece - 1
        append(start, firstPiece, pieces, offsets)
        if pieces > limits.fieldsPerSegment { result.isWithinLimits = false }
        guard result.isWithinLimits else { break }
        start = at + 1
        firstPiece = pieceStarts.count
        if start < count { pieceStarts.append(Int32(start)) }
      } else if byte == 0, result.nul == nil {
        result.nul = at
      }
      at += 1
    }
    if pieceStarts.count > limits.fieldsPerMessage { result.isWithinLimits = false }
    result.isASCII = high < 0x80
    return result
  }

  private mutating func append(_ start: Int, _ firstPiece: Int, _ pieces: Int, _ offsets: [Int]) {
    let name = Self.name(bytes[start..<min(start + 3, bytes.count)])
    let offset = segments.count < offsets.count ? offsets[segments.count] : 0
    segments.append(Segment(name: name, firstPiece: Int32(firstPiece), pieceCount: Int32(pieces), byteOffset: offset))
  }
}
