import Core

/// The feed `north-hl7`: one batch file a facility, a copy of one under another name, and a file that never finishes arriving.
struct NorthFeed: Sendable {
  static let name = "north-hl7"

  let general: DemoBatch
  let womens: DemoBatch
  let people: [Person]

  init(_ night: BusinessDate) {
    general = Self.batch(night, .northGeneral, Self.generalMessages(MessageWriter(night: night, place: .northGeneral)))
    womens = Self.batch(night, .northWomens, Self.womensMessages(MessageWriter(night: night, place: .northWomens)))
    people = Self.people(.northGeneral, 10) + Self.people(.northWomens, 7)
  }

  var batches: [DemoBatch] { [general, womens] }

  var files: [DemoFile] {
    let torn = Array(general.file.bytes.prefix(general.file.bytes.count / 3))
    let stem = general.path.dropLast(".hl7".count)
    return [
      general.file, womens.file,
      DemoFile(feed: Self.name, path: "\(Self.name)/resent/copy-of-NGEN.hl7", bytes: general.file.bytes),
      DemoFile(feed: Self.name, path: "\(stem)-late.hl7.part", bytes: torn),
    ]
  }

  static func people(_ place: Person.Place, _ count: Int) -> [Person] { (0..<count).map { Person(number: $0, place: place) } }

  private static func batch(_ night: BusinessDate, _ place: Person.Place, _ messages: [DemoMessage]) -> DemoBatch {
    let writer = MessageWriter(night: night, place: place)
    return DemoBatch(
      feed: name, path: "\(name)/\(place.rawValue)-\(writer.day).hl7", messages: messages, declared: messages.count, lineEnd: "\r",
      header: writer.header("\(place.rawValue)-\(writer.day)", at: writer.time(20, 0)))
  }

  /// Ten people: arrivals, results, charges; updates of four, one of them late, one that says nothing new; one message twice.
  private static func generalMessages(_ writer: MessageWriter) -> [DemoMessage] {
    let people = people(writer.place, 10)
    var messages = people.map { writer.arrival($0) }
    messages += people.prefix(9).map { writer.result($0) }
    messages += people.prefix(4).map { writer.update($0, "U\($0.number)", at: (12, $0.number), phoneMoves: 1) }
    messages.append(writer.update(people[1], "L1", at: (9, 30), phoneMoves: 2, fate: .superseded))
    messages.append(writer.update(people[2], "S2", at: (12, 45), phoneMoves: 1, fate: .unchanged))
    messages += people[4..<7].map { writer.personEvent("A31", $0, phoneMoves: 1) }
    messages += people.map { writer.charges($0, lines: [$0.number, $0.number + 2], hasAccount: $0.number != 5) }
    let again = messages[3]
    messages.append(DemoMessage(type: again.type, segments: again.segments, fate: .duplicate))
    return messages
  }

  /// Seven people; one late update; one charge without an account.
  private static func womensMessages(_ writer: MessageWriter) -> [DemoMessage] {
    let people = people(writer.place, 7)
    var messages = people.map { writer.arrival($0) }
    messages += people.prefix(5).map { writer.result($0) }
    messages += people.prefix(2).map { writer.update($0, "U\($0.number)", at: (12, $0.number), phoneMoves: 1) }
    messages.append(writer.update(people[0], "L0", at: (9, 15), phoneMoves: 2, fate: .superseded))
    messages.append(writer.personEvent("A31", people[6], phoneMoves: 1))
    messages += people.map { writer.charges($0, lines: [$0.number + 1], hasAccount: $0.number != 3) }
    return messages
  }
}
