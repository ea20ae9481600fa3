/// Reads the sets whose bytes from 0x80 begin a character of two or four bytes: GB 18030, Big5 and KS X 1001 (as EUC-KR).
///
/// The second byte may be one that HL7 takes its delimiters from, so a message in such a set is split after it was read.
struct DoubleByteReader {
  private let charset: Charset

  init(_ charset: Charset) { self.charset = charset }

  /// Gives each scalar value to `take`; the index of the first byte that cannot be read, or nil.
  func read(_ bytes: [UInt8], into take: ((UInt32) -> Void)?) -> Int? {
    var at = 0
    while at < bytes.count {
      guard let (scalar, length) = character(bytes, at) else { return at }
      take?(scalar)
      at += length
    }
    return nil
  }

  /// The character that begins here and its length, or nil.
  func character(_ bytes: [UInt8], _ at: Int) -> (scalar: UInt32, length: Int)? {
    let lead = bytes[at]
    guard lead >= 0x80 else { return (UInt32(lead), 1) }
    guard at + 1 < bytes.count else { return nil }
    let trail = bytes[at + 1]
    if charset == .gb18030, trail >= 0x30, trail <= 0x39 { return fourBytes(bytes, at) }
    let scalar = pair(Int(lead), Int(trail))
    return scalar == 0 ? nil : (scalar, 2)
  }

  private func pair(_ lead: Int, _ trail: Int) -> UInt32 {
    switch charset {
    case .ksX1001: DoubleByteTable.ksX1001.scalar(row: lead - 0xA1, column: trail - 0xA1)
    case .big5: DoubleByteTable.big5.scalar(row: lead - 0xA1, column: bigFiveColumn(trail))
    case .gb18030: trail == 0x7F ? 0 : DoubleByteTable.gb18030.scalar(row: lead - 0x81, column: trail - (trail < 0x7F ? 0x40 : 0x41))
    default: 0
    }
  }

  private func bigFiveColumn(_ trail: Int) -> Int {
    switch trail {
    case 0x40...0x7E: trail - 0x40
    case 0xA1...0xFE: trail - 0xA1 + 63
    default: -1
    }
  }

  /// GB 18030, four bytes: counted through the scalar values that have no two-byte code, then through the other planes.
  private func fourBytes(_ bytes: [UInt8], _ at: Int) -> (scalar: UInt32, length: Int)? {
    guard at + 3 < bytes.count else { return nil }
    let parts = bytes[at..<at + 4].map(Int.init)
    guard (0x81...0xFE).contains(parts[0]), (0x81...0xFE).contains(parts[2]), (0x30...0x39).contains(parts[3]) else { return nil }
    let number = (((parts[0] - 0x81) * 10 + parts[1] - 0x30) * 126 + parts[2] - 0x81) * 10 + parts[3] - 0x30
    if number < Self.fourByteScalars.count {
      let scalar = Self.fourByteScalars[number]
      return scalar == 0 ? nil : (UInt32(scalar), 4)
    }
    let other = number - 189_000
    return other >= 0 && other < 0x10_0000 ? (UInt32(other + 0x1_0000), 4) : nil
  }

  /// In the order of their codes; 0 for those that the editions of the standard assign differently.
  private static let fourByteScalars: [UInt16] = {
    var isPaired = [Bool](repeating: false, count: 0x1_0000)
    for scalar in DoubleByteTable.gb18030.scalars { isPaired[Int(scalar)] = true }
    func free(_ range: ClosedRange<Int>) -> [UInt16] { range.filter { !isPaired[$0] }.map { $0 == 0x1E3F ? 0 : UInt16($0) } }
    return free(0x80...0xD7FF) + Array(repeating: 0, count: 81) + free(0xE865...0xFFFF)
  }()
}
