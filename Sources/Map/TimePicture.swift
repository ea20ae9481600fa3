import Core

/// How a sender writes dates and times that are not of HL7's or ISO's form: `MM/DD/YYYY hh:mm AM`.
///
/// - Parts: `YYYY`; `MM`, `DD`, `hh`, `mm`, `ss` of two digits, `M`, `D`, `h` of one or two; `AM` stands for AM or PM; anything else for itself.
/// - What stands behind a part of one or two digits is no digit, else nobody could say where it ends.
/// - A year of two digits is not read: nobody can say its century.
enum TimePicture {
  private enum Part: UInt8 { case year, month, day, hour, minute, second, half }

  /// A part and its least and greatest number of digits.
  private static let parts: [(text: StaticString, part: Part, least: Int, most: Int)] = [
    ("YYYY", .year, 4, 4), ("MM", .month, 2, 2), ("M", .month, 1, 2), ("DD", .day, 2, 2), ("D", .day, 1, 2), ("hh", .hour, 2, 2), ("h", .hour, 1, 2),
    ("mm", .minute, 2, 2), ("ss", .second, 2, 2), ("AM", .half, 2, 2),
  ]

  /// What to write instead: a picture of a day alone is a date's, one with a time of day a time's.
  static func hint(_ picture: [UInt8], isTime: Bool) -> String {
    let other = isTime ? "date" : "time"
    guard isUsable(picture, withTime: !isTime) else { return hint }
    return "It is how a \(other) is written: \(other) \"\(String(decoding: picture, as: UTF8.self))\"."
  }

  private static let hint = "Write it with YYYY, MM or M, DD or D, hh or h, mm, ss and AM: \"MM/DD/YYYY\", \"M/D/YYYY h:mm AM\"."

  /// True where a picture names year, month and day once each, and of the time of day nothing without what is coarser.
  static func isUsable(_ picture: [UInt8], withTime: Bool) -> Bool {
    var seen: [Part] = [], at = 0, isOpen = false
    while at < picture.count {
      guard let found = part(picture, at) else {
        if (0x41...0x5A).contains(picture[at] & 0xDF) || isOpen && (0x30...0x39).contains(picture[at]) { return false }
        (at, isOpen) = (at + 1, false)
        continue
      }
      // Where a part of one or two digits ends is seen by what is no digit behind it.
      if seen.contains(found.part) || isOpen && found.part != .half { return false }
      seen.append(found.part)
      (at, isOpen) = (at + found.count, found.part != .half && found.least < found.most)
    }
    guard [.year, .month, .day].allSatisfy(seen.contains), withTime == seen.contains(.hour) else { return false }
    return (!seen.contains(.minute) || seen.contains(.hour)) && (!seen.contains(.second) || seen.contains(.minute)) && (!seen.contains(.half) || seen.contains(.hour))
  }

  private static func part(_ picture: [UInt8], _ at: Int) -> (part: Part, count: Int, least: Int, most: Int)? {
    for part in parts {
      let count = part.text.utf8CodeUnitCount
      guard at + count <= picture.count else { continue }
      let isHere = part.text.withUTF8Buffer { text in text.indices.allSatisfy { picture[at + $0] == text[$0] } }
      if isHere { return (part.part, count, part.least, part.most) }
    }
    return nil
  }

  /// The digits of HL7's form, to the precision of the picture; nil where the value is not of it.
  static func digits(_ value: [UInt8], _ picture: [UInt8]) -> [UInt8]? {
    var numbers = [Int](repeating: -1, count: 6), half = -1, at = 0, place = 0
    while place < picture.count {
      guard let found = part(picture, place) else {
        guard at < value.count, value[at] == picture[place] else { return nil }
        (at, place) = (at + 1, place + 1)
        continue
      }
      place += found.count
      if found.part == .half {
        guard at + 2 <= value.count, value[at + 1] & 0xDF == 0x4D, let read = [0x41: 0, 0x50: 12][Int(value[at] & 0xDF)] else { return nil }
        (half, at) = (read, at + 2)
        continue
      }
      let run = value[at...].prefix(found.most).prefix { (0x30...0x39).contains($0) }
      guard run.count >= found.least, let number = CalendarDay.number(run) else { return nil }
      numbers[Int(found.part.rawValue)] = number
      at += run.count
    }
    guard at == value.count, let hour = hour(numbers[3], half) else { return nil }
    numbers[3] = hour
    return Array(zip(numbers, [4, 2, 2, 2, 2, 2]).prefix { $0.0 >= 0 }.map { CalendarDay.padded($0, $1) }.joined().utf8)
  }

  /// The hour of the day; nil where an hour of a half day is none.
  private static func hour(_ hour: Int, _ half: Int) -> Int? {
    if half < 0 { return hour }
    return (1...12).contains(hour) ? hour % 12 + half : nil
  }
}

extension MapEvaluator {
  /// A date or time as its picture says, in HL7's form, for the step behind.
  mutating func pictured(_ step: StepCode, _ source: Span<UInt8>, _ range: Range<Int>) -> Reading {
    let trimmed = source.trimmed(range)
    let value = trimmed.map { source[$0] }
    guard let digits = TimePicture.digits(value, Array(program.constants[step.text.indices])) else {
      return .failed(step.number == 0 ? .dateInvalid : .timeInvalid)
    }
    message.rows.truncate(to: tail)
    message.rows.bytes += digits
    return .value
  }
}

extension RuleCompiler {
  /// The steps of `date "MM/DD/YYYY"` and `time "MM/DD/YYYY hh:mm"`.
  func pictured(_ words: [RuleLine.Word], _ node: OutlineNode) throws(ConfigurationError) -> [FieldRule.Transform] {
    let picture = Array(words[1].text.utf8), isTime = words[0].text == "time"
    guard words[1].isQuoted, TimePicture.isUsable(picture, withTime: isTime) else {
      throw ConfigurationError("MAP-136", "'\(words[1].text)' is not how a \(words[0].text) is written", hint: TimePicture.hint(picture, isTime: isTime), at: node)
    }
    return [.picture(picture, isTime: isTime), isTime ? .time : .date]
  }
}

extension MappingCompiler {
  /// The picture of `event_time: COLUMN | time "MM/DD/YYYY hh:mm"`; empty where the line has no step.
  func eventPicture(_ root: OutlineNode) throws(ConfigurationError) -> [UInt8] {
    guard format == .csv, let node = root["event_time"] else { return [] }
    let steps = try RuleLine(node).steps
    if steps.isEmpty { return [] }
    guard steps.count == 1, steps[0].count == 2, ["date", "time"].contains(steps[0][0].text) else {
      throw ConfigurationError("MAP-142", "'event_time' takes paths and how their text is written", hint: "Write 'event_time: COLUMN | time \"MM/DD/YYYY hh:mm\"'.", at: node)
    }
    let picture = Array(steps[0][1].text.utf8)
    guard steps[0][1].isQuoted, TimePicture.isUsable(picture, withTime: steps[0][0].text == "time") else {
      throw ConfigurationError("MAP-136", "'\(steps[0][1].text)' is not how a \(steps[0][0].text) is written", hint: TimePicture.hint(picture, isTime: steps[0][0].text == "time"), at: node)
    }
    return picture
  }
}

extension MapEvaluator {
  /// The event time of a row whose text is of the block's picture.
  mutating func picturedInstant(_ block: BlockCode, _ table: SegmentTable, _ place: SegmentPlace) -> Int? {
    let picture = Array(program.constants[block.eventPicture.indices])
    for path in block.eventPaths.indices {
      tail = message.rows.bytes.count
      guard case .piece(let piece) = readScalar(path, table, place) else {
        message.rows.truncate(to: tail)
        continue
      }
      let text = program.pathTexts[path]
      if let digits = TimePicture.digits(Array(table.bytes[piece.range]), picture) {
        if let instant = eventInstant(digits.span, 0..<digits.count, text) { return instant }
      } else if noted.insert(Note(code: .timeInvalid, path: text)).inserted {
        note(.timeInvalid, text, 0)
      }
    }
    return nil
  }
}
