import Core

/// The feed `south-hl7`: a batch whose trailer lies and that holds the message without a patient, and a batch that comes twice
/// under one name, the second time with the message that the first had left out.
struct SouthFeed: Sendable {
  static let name = "south-hl7"

  /// Says one message more than came.
  let lying: DemoBatch
  let incomplete: DemoBatch
  let complete: DemoBatch
  let people: [Person]

  init(_ night: BusinessDate) {
    let writer = MessageWriter(night: night, place: .southGeneral)
    people = NorthFeed.people(.southGeneral, 7) + [Person(number: 19, place: .southGeneral)]
    let visits = Self.visits(writer, people), billing = Self.billing(writer, people)
    lying = Self.batch(writer, "visits", visits, declared: visits.count + 1)
    incomplete = Self.batch(writer, "billing", billing.dropLast(), declared: billing.count - 1)
    complete = Self.batch(writer, "billing", billing, declared: billing.count)
  }

  func files(_ wave: DemoNight.Wave) -> [DemoFile] {
    switch wave {
    case .first: [lying.file, incomplete.file]
    case .second: [complete.file]
    }
  }

  private static func visits(_ writer: MessageWriter, _ people: [Person]) -> [DemoMessage] {
    [
      writer.arrival(people[0]), writer.arrival(people[1]), writer.arrival(people[2]), writer.personEvent("A28", people[6], phoneMoves: 0),
      writer.result(people[0]), writer.acknowledgement(), writer.arrivalWithoutIdentifier(),
    ]
  }

  private static func billing(_ writer: MessageWriter, _ people: [Person]) -> [DemoMessage] {
    [writer.arrival(people[3]), writer.arrival(people[4]), writer.result(people[3])] + people[3...5].map { writer.charges($0, lines: [$0.number, 0]) }
  }

  private static func batch(_ writer: MessageWriter, _ kind: String, _ messages: some Collection<DemoMessage>, declared: Int) -> DemoBatch {
    DemoBatch(
      feed: name, path: "\(name)/SGEN-\(kind)-\(writer.day).hl7", messages: Array(messages), declared: declared, lineEnd: "\r\n",
      header: writer.header("SGEN-\(kind)-\(writer.day)", at: writer.time(21, 0)))
  }
}
