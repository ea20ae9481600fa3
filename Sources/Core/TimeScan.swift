/// One pass over the text of a time: its digits as a number, its fraction and its offset.
struct TimeScan {
  var at: Int
  let end: Int
  private(set) var digits = 0
  private(set) var count = 0
  private(set) var fraction = 0
  private(set) var fractionDigits = 0
  /// Minutes east of UTC, where one was written.
  private(set) var offset: Int?
  /// True where the offset was written as hours alone, `+00`.
  private(set) var isOffsetShort = false
  /// Where the dashes of an ISO date stand, which count for nothing; -1 for none. HL7's `2026-0600` (a year with an offset) keeps its own.
  private var dashes = (-1, -1)

  init(at: Int, end: Int) {
    self.at = at
    self.end = end
  }

  /// False where the bytes are not of the form.
  mutating func read(_ bytes: Span<UInt8>) -> Bool {
    if readWhole(bytes) { return true }
    while at < end, count < 14, Self.isDigit(bytes[at]) {
      digits = digits * 10 + Int(bytes[at] - 0x30)
      count += 1
      at += 1
    }
    if at == end { return true }
    at -= count
    (digits, count) = (0, 0)
    findDashes(bytes)
    while at < end {
      let byte = bytes[at]
      switch byte {
      case 0x30...0x39: add(byte)
      case UInt8(ascii: "-") where at == dashes.0 || at == dashes.1: break
      case UInt8(ascii: "T"): guard count == 8, isBetweenDigits(bytes) else { return false }
      case UInt8(ascii: ":"): guard count == 10 || count == 12, isBetweenDigits(bytes) else { return false }
      case UInt8(ascii: "."): guard count == 14, fractionDigits == 0, readFraction(bytes) else { return false }
      case UInt8(ascii: "Z") where at == end - 1: offset = 0
      case UInt8(ascii: "+"), UInt8(ascii: "-"): return readOffset(bytes, isWest: byte == UInt8(ascii: "-"))
      default: return false
      }
      at += 1
    }
    return true
  }

  /// Eight or fourteen digits and nothing else, as most senders write days and times: eight of them are read at once.
  @inline(__always)
  private mutating func readWhole(_ bytes: Span<UInt8>) -> Bool {
    let isDay = end &- at == 8
    guard isDay || end &- at == 14, let day = Self.eightDigits(bytes, at) else { return false }
    guard !isDay else {
      (digits, count, at) = (day, 8, end)
      return true
    }
    // The last eight are the two of the day once more and the time.
    guard let last = Self.eightDigits(bytes, end &- 8) else { return false }
    (digits, count, at) = (day &* 1_000_000 &+ last % 1_000_000, 14, end)
    return true
  }

  /// The number that eight digits write; nil where some byte is none. Neighbours are put together: digits to pairs, pairs to fours, fours to eight.
  @inline(__always)
  private static func eightDigits(_ bytes: Span<UInt8>, _ at: Int) -> Int? {
    var word = UInt64(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self))
    let high: UInt64 = 0xF0F0_F0F0_F0F0_F0F0, three: UInt64 = 0x3030_3030_3030_3030
    guard word & high == three, (word &+ 0x0606_0606_0606_0606) & high == three else { return nil }
    word = ((word & ~high) &* (10 << 8 + 1)) &>> 8 & 0x00FF_00FF_00FF_00FF
    word = (word &* (100 << 16 + 1)) &>> 16 & 0x0000_FFFF_0000_FFFF
    return Int((word &* (10_000 << 32 + 1)) &>> 32)
  }

  private mutating func findDashes(_ bytes: Span<UInt8>) {
    let dash = UInt8(ascii: "-")
    guard end - at >= 7, bytes[at + 4] == dash, end - at == 7 || bytes[at + 7] == dash else { return }
    dashes = (at + 4, at + 7)
  }

  private mutating func add(_ digit: UInt8) {
    // More than 14 are no time; what they are is not looked at.
    if count < 15 { digits = digits * 10 + Int(digit - 0x30) }
    count += 1
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  private func isBetweenDigits(_ bytes: Span<UInt8>) -> Bool { at + 1 < end && Self.isDigit(bytes[at - 1]) && Self.isDigit(bytes[at + 1]) }

  /// The digits after the point that stands here; none are no fraction.
  private mutating func readFraction(_ bytes: Span<UInt8>) -> Bool {
    while at + 1 < end, Self.isDigit(bytes[at + 1]) {
      at += 1
      if fractionDigits < 10 { fraction = fraction * 10 + Int(bytes[at] - 0x30) }
      fractionDigits += 1
    }
    return fractionDigits > 0
  }

  /// Two or four digits after the sign, colons left out, to the end.
  private mutating func readOffset(_ bytes: Span<UInt8>, isWest: Bool) -> Bool {
    var value = 0, places = 0
    at += 1
    while at < end {
      let byte = bytes[at]
      if Self.isDigit(byte), places < 4 {
        value = value * 10 + Int(byte - 0x30)
        places += 1
      } else if byte != UInt8(ascii: ":"), at != dashes.1 {
        return false
      }
      at += 1
    }
    guard places == 2 || places == 4 else { return false }
    let hours = places == 2 ? value : value / 100, minutes = places == 2 ? 0 : value % 100
    guard hours <= 15, minutes < 60 else { return false }
    isOffsetShort = places == 2
    offset = (hours * 60 + minutes) * (isWest ? -1 : 1)
    return true
  }
}
