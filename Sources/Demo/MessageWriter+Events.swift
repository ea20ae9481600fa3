import Core

extension MessageWriter {
  /// ADT^A01 or ADT^A04 at eight in the morning.
  func arrival(_ person: Person, fate: Disposition = .loaded) -> DemoMessage {
    let event = person.number % 2 == 0 ? "A01" : "A04", at = time(8, person.number)
    return DemoMessage(
      type: "ADT^\(event)",
      segments: [
        msh("ADT^\(event)", "ADT_A01", "A\(person.number)", at: at), evn(event, at: at), pid(person), pv1(person, patientClass(person), admitted: at),
      ], fate: fate)
  }

  /// ADT^A08 at a given time: the state after a number of telephone changes.
  func update(_ person: Person, _ controlId: String, at clock: (hour: Int, minute: Int), phoneMoves: Int, fate: Disposition = .loaded) -> DemoMessage {
    let at = time(clock.hour, clock.minute)
    return DemoMessage(
      type: "ADT^A08",
      segments: [
        msh("ADT^A08", "ADT_A01", controlId, at: at), evn("A08", at: at), pid(person, phoneMoves: phoneMoves),
        pv1(person, patientClass(person), admitted: time(8, person.number)),
      ], fate: fate)
  }

  /// ADT^A28 or ADT^A31: the person alone, without a visit.
  func personEvent(_ event: String, _ person: Person, phoneMoves: Int) -> DemoMessage {
    let at = time(13, person.number)
    return DemoMessage(
      type: "ADT^\(event)",
      segments: [
        msh("ADT^\(event)", "ADT_A05", "P\(person.number)", at: at), evn(event, at: at), pid(person, phoneMoves: phoneMoves, hasAccount: false),
      ], fate: .loaded)
  }

  /// ORU^R01 with a panel of two numbers and a text, at eleven.
  func result(_ person: Person) -> DemoMessage {
    let drawn = time(10, person.number), at = time(11, person.number), order = "ZO\(place.rank + 1)\(day)\(CalendarDay.padded(person.number, 3))"
    let panel = Segment.text(
      "OBR", [1: "1", 3: "\(order)^\(facility)", 4: "24323-8^Comprehensive metabolic panel^LN", 7: drawn, 22: at, 25: "F"])
    let glucose = observation(1, "2345-7^Glucose^LN", "NM", "\(81 + person.number * 4)", "mg/dL^^UCUM", "70-99", person.number > 4 ? "H" : "N", drawn)
    let sodium = observation(2, "2951-2^Sodium^LN", "NM", "\(136 + person.number % 8)", "mmol/L^^UCUM", "135-145", "N", drawn)
    let comment = observation(3, "8251-1^Routine comment^LN", "ST", "SYNTHETIC COMMENT \(order)", "", "", "", drawn)
    return DemoMessage(
      type: "ORU^R01",
      segments: [
        msh("ORU^R01", "ORU_R01", "R\(person.number)", at: at), shortPID(person), shortPV1(person, patientClass(person)), panel, glucose, sodium, comment,
      ], fate: .loaded)
  }

  private func observation(
    _ number: Int, _ code: String, _ kind: String, _ value: String, _ unit: String, _ range: String, _ flag: String, _ drawn: String
  ) -> String {
    Segment.text("OBX", [1: String(number), 2: kind, 3: code, 5: value, 6: unit, 7: range, 8: flag, 11: "F", 14: drawn])
  }

  /// DFT^P03 in the evening; `lines` are the charges of the visit, by position in the price list.
  func charges(_ person: Person, lines: [Int], hasAccount: Bool = true) -> DemoMessage {
    let at = time(18, person.number)
    let priced = lines.enumerated().map { index, line in (number: index + 1, price: Price.list[line % Price.list.count], quantity: 1 + (line + person.number) % 3) }
    let segments = priced.map { charge($0.number, person, $0.price, quantity: $0.quantity) }
    return DemoMessage(
      type: "DFT^P03",
      segments: [
        msh("DFT^P03", "DFT_P03", "D\(person.number)", at: at), evn("P03", at: at), shortPID(person, hasAccount: hasAccount),
        shortPV1(person, patientClass(person)),
      ] + segments, fate: .loaded,
      charges: priced.map { DemoCharge(cents: $0.price.cents * $0.quantity, hasAccount: hasAccount) })
  }

  /// FT1 (HL7 v2.5.1, 6.5.1): 2 transaction id (ST, at most 12 characters), 4 date, 6 type, 7 and 25 code, 10 quantity, 11 extended and 12 unit amount, 19 diagnosis.
  private func charge(_ number: Int, _ person: Person, _ price: Price, quantity: Int) -> String {
    let transaction = "ZT\(place.rank + 1)\(day.dropFirst(2))\(CalendarDay.padded(person.number, 2))\(number)"
    let code = "\(price.code)^\(price.name)^HPC"
    return Segment.text(
      "FT1",
      [
        1: String(number), 2: transaction, 4: day, 5: time(18, person.number), 6: "CG", 7: code, 10: String(quantity),
        11: "\(Money(cents: price.cents * quantity))&USD", 12: "\(Money(cents: price.cents))&USD", 13: "DEPT\(number)", 19: "Z00.00^Synthetic diagnosis^I10",
        25: code,
      ])
  }

  /// An acknowledgement that the sender's engine left in the file.
  func acknowledgement() -> DemoMessage {
    DemoMessage(
      type: "ACK^A04", segments: [msh("ACK^A04", "ACK", "K1", at: time(14, 0)), Segment.text("MSA", [1: "AA", 2: "\(facility)\(day)A1"])],
      fate: .filtered)
  }

  /// A visit whose patient has a name but no identifier: nobody may guess who it is.
  func arrivalWithoutIdentifier() -> DemoMessage {
    let at = time(9, 41), person = Person(number: 19, place: place)
    let pid = Segment.text("PID", [1: "1", 5: "\(person.fullName)^^^^^L", 7: person.birthDate, 8: person.sex])
    return DemoMessage(
      type: "ADT^A04",
      segments: [msh("ADT^A04", "ADT_A01", "H1", at: at), evn("A04", at: at), pid, pv1(person, "O", admitted: at)], fate: .held)
  }
}

/// A line of the synthetic price list. The codes are HCPCS level II; the prices are invented.
struct Price: Sendable {
  let code: String
  let name: String
  let cents: Int

  static let list = [
    Price(code: "G0463", name: "Hospital outpatient clinic visit", cents: 18_437),
    Price(code: "G0378", name: "Hospital observation per hour", cents: 6_109),
    Price(code: "J1885", name: "Ketorolac injection", cents: 1_283),
    Price(code: "A4550", name: "Surgical tray", cents: 2_751),
    Price(code: "Q0091", name: "Smear collection", cents: 4_095),
    Price(code: "P9612", name: "Catheterized specimen collection", cents: 333),
  ]
}
