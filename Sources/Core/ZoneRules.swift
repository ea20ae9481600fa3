/// The offsets of one time zone, read from the bytes of a TZif file (RFC 8536): pure, so that it can cross to a worker.
public struct ZoneRules: Sendable, Equatable {
  private var transitions: [Int] = []
  private var offsets: [Int] = []
  private var firstOffset = 0
  private var footer: PosixZone?

  public static let utc = ZoneRules()

  private init() {}

  /// Nil when the bytes are not a TZif file of version 1 to 4.
  public init?(tzif bytes: [UInt8]) {
    var reader = TZifReader(bytes)
    guard let first = reader.header() else { return nil }
    if first.version == 0 {
      guard read(&reader, first, wide: false) else { return nil }
      return
    }
    reader.skip(first.size(wide: false))
    guard let second = reader.header(), read(&reader, second, wide: true) else { return nil }
    footer = PosixZone(reader.footer())
  }

  private mutating func read(_ reader: inout TZifReader, _ header: TZifReader.Header, wide: Bool) -> Bool {
    transitions = (0..<header.times).map { _ in reader.integer(wide ? 8 : 4) }
    let indexes = (0..<header.times).map { _ in reader.integer(1) & 0xFF }
    var types: [(offset: Int, daylight: Bool)] = []
    for _ in 0..<header.types {
      let offset = reader.integer(4)
      types.append((offset, reader.integer(1) != 0))
      _ = reader.integer(1)
    }
    reader.skip(header.characters + header.leaps * (wide ? 12 : 8) + header.standards + header.universals)
    guard !reader.failed, !types.isEmpty, indexes.allSatisfy({ $0 < types.count }) else { return false }
    guard types.allSatisfy({ ZoneRules.isOffset($0.offset) }) else { return false }
    offsets = indexes.map { types[$0].offset }
    firstOffset = (types.first { !$0.daylight } ?? types[0]).offset
    return true
  }

  /// Moments around a given one between which the offset does not change: from the lower bound up to, not including, the upper.
  func stretch(around seconds: Int) -> Range<Int> {
    if let footer, transitions.last.map({ seconds >= $0 }) ?? true {
      return footer.stretch(around: seconds).clamped(to: (transitions.last ?? Int.min / 2)..<Int.max / 2)
    }
    var low = 0, high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle] <= seconds { low = middle + 1 } else { high = middle }
    }
    let from = low == 0 ? Int.min / 2 : transitions[low - 1]
    return from..<max(from, low == transitions.count ? Int.max / 2 : transitions[low])
  }

  /// An offset that a time can be written with: less than sixteen hours, in seconds.
  fileprivate static func isOffset(_ seconds: Int) -> Bool { abs(seconds) < 16 * 3_600 }

  /// Seconds east of UTC at a moment.
  public func offset(atUTC seconds: Int) -> Int {
    if let last = transitions.last, seconds >= last, let footer { return footer.offset(atUTC: seconds) }
    if transitions.isEmpty { return footer?.offset(atUTC: seconds) ?? firstOffset }
    var low = 0, high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle] <= seconds { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? firstOffset : offsets[low - 1]
  }

  /// The offset, in minutes, of a local clock time. In a gap the offset before it, in an overlap the earlier moment; both are flagged.
  public func offset(atLocal seconds: Int) -> (minutes: Int, doubt: ClinicalTime.ZoneDoubt?) {
    let before = offset(atUTC: seconds - 86_400), after = offset(atUTC: seconds + 86_400)
    let candidates = before == after ? [before] : [before, after]
    let fitting = candidates.filter { offset(atUTC: seconds - $0) == $0 }
    if fitting.isEmpty { return (before / 60, .gap) }
    return (fitting[0] / 60, fitting.count > 1 ? .ambiguous : nil)
  }
}

private struct TZifReader {
  struct Header {
    var version: UInt8
    var universals: Int, standards: Int, leaps: Int, times: Int, types: Int, characters: Int

    func size(wide: Bool) -> Int {
      times * (wide ? 9 : 5) + types * 6 + characters + leaps * (wide ? 12 : 8) + standards + universals
    }
  }

  private let bytes: [UInt8]
  private var at = 0
  private(set) var failed = false

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func header() -> Header? {
    guard at + 44 <= bytes.count, bytes[at..<(at + 4)].elementsEqual("TZif".utf8) else { return nil }
    let version = bytes[at + 4]
    at += 20
    let counts = (0..<6).map { _ in integer(4) }
    guard counts.allSatisfy({ $0 >= 0 && $0 < 100_000 }) else { return nil }
    return Header(version: version, universals: counts[0], standards: counts[1], leaps: counts[2], times: counts[3], types: counts[4], characters: counts[5])
  }

  mutating func integer(_ width: Int) -> Int {
    guard at + width <= bytes.count else {
      failed = true
      return 0
    }
    var value = Int(Int8(bitPattern: bytes[at]))
    for index in 1..<max(width, 1) { value = value << 8 | Int(bytes[at + index]) }
    at += width
    return value
  }

  mutating func skip(_ count: Int) { at += count }

  mutating func footer() -> String {
    guard at + 2 <= bytes.count, bytes[at] == 0x0A, let end = bytes[(at + 1)...].firstIndex(of: 0x0A) else { return "" }
    return String(decoding: bytes[(at + 1)..<end], as: UTF8.self)
  }
}

/// The POSIX TZ rule at the end of a TZif file, like `CST6CDT,M3.2.0,M11.1.0`, in the month-week-day form that the database uses.
private struct PosixZone: Equatable {
  struct Change: Equatable { var month: Int, week: Int, weekday: Int, seconds: Int }

  var standard: Int
  var daylight: Int?
  var start: Change?
  var end: Change?

  init?(_ text: String) {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard let first = parts.first, !first.isEmpty else { return nil }
    var rest = Substring(first)
    guard Self.name(&rest), let offset = Self.clock(&rest), ZoneRules.isOffset(offset) else { return nil }
    standard = -offset
    if rest.isEmpty { return }
    guard Self.name(&rest), parts.count == 3, let from = Self.change(parts[1]), let to = Self.change(parts[2]) else { return nil }
    daylight = rest.isEmpty ? standard + 3_600 : Self.clock(&rest).map { -$0 }
    guard daylight.map(ZoneRules.isOffset) ?? false else { return nil }
    start = from
    end = to
  }

  private static func name(_ rest: inout Substring) -> Bool {
    if rest.first == "<" {
      guard let close = rest.firstIndex(of: ">") else { return false }
      rest = rest[rest.index(after: close)...]
      return true
    }
    let letters = rest.prefix { $0.isLetter }
    rest = rest.dropFirst(letters.count)
    return letters.count >= 3
  }

  /// `[+-]h[h][:mm[:ss]]` in seconds.
  private static func clock(_ rest: inout Substring) -> Int? {
    let negative = rest.first == "-"
    if rest.first == "-" || rest.first == "+" { rest.removeFirst() }
    let text = rest.prefix { $0.isNumber || $0 == ":" }
    rest = rest.dropFirst(text.count)
    let parts = text.split(separator: ":").compactMap { Int($0) }
    guard !parts.isEmpty, parts.count <= 3, parts.allSatisfy({ $0 <= 167 }) else { return nil }
    let seconds = parts[0] * 3_600 + (parts.count > 1 ? parts[1] * 60 : 0) + (parts.count > 2 ? parts[2] : 0)
    return negative ? -seconds : seconds
  }

  private static func change(_ text: String) -> Change? {
    let halves = text.split(separator: "/").map(String.init)
    guard let rule = halves.first, rule.hasPrefix("M") else { return nil }
    let parts = rule.dropFirst().split(separator: ".").compactMap { Int($0) }
    guard parts.count == 3, (1...12).contains(parts[0]), (1...5).contains(parts[1]), (0...6).contains(parts[2]) else { return nil }
    var clockText = halves.count > 1 ? Substring(halves[1]) : "2"
    return Change(month: parts[0], week: parts[1], weekday: parts[2], seconds: clock(&clockText) ?? 7_200)
  }

  func offset(atUTC seconds: Int) -> Int {
    guard let daylight, let start, let end else { return standard }
    let year = CalendarDay.civil(days: Int((Double(seconds + standard) / 86_400).rounded(.down))).year
    let from = Self.moment(start, year) - standard
    let to = Self.moment(end, year) - daylight
    let inside = from < to ? (seconds >= from && seconds < to) : !(seconds >= to && seconds < from)
    return inside ? daylight : standard
  }

  /// Within the year that the rule is applied to.
  func stretch(around seconds: Int) -> Range<Int> {
    guard let daylight, let start, let end else { return Int.min / 2..<Int.max / 2 }
    let year = CalendarDay.civil(days: Int((Double(seconds + standard) / 86_400).rounded(.down))).year
    let changes = [Self.moment(start, year) - standard, Self.moment(end, year) - daylight]
    let bounds = [CalendarDay.days(year: year, month: 1, day: 1), CalendarDay.days(year: year + 1, month: 1, day: 1)].map { ($0 ?? 0) * 86_400 - standard }
    let from = (changes + bounds).filter { $0 <= seconds }.max() ?? seconds
    return from..<((changes + bounds).filter { $0 > seconds }.min() ?? seconds)
  }

  private static func moment(_ change: Change, _ year: Int) -> Int {
    let first = CalendarDay.days(year: year, month: change.month, day: 1) ?? 0
    let weekdayOfFirst = ((first + 4) % 7 + 7) % 7
    var day = 1 + (change.weekday - weekdayOfFirst + 7) % 7 + (change.week - 1) * 7
    if day > CalendarDay.length(year: year, month: change.month) { day -= 7 }
    return (first + day - 1) * 86_400 + change.seconds
  }
}
