import Core

/// Writes the messages of one place on one night. Field positions follow HL7 v2.5.1, chapters 3, 6 and 7.
struct MessageWriter: Sendable {
  let night: BusinessDate
  let place: Person.Place

  /// The date as HL7 writes it, `20260301`.
  var day: String { night.description.split(separator: "-").joined() }
  var facility: String { place.rawValue }

  /// A local time of the night without an offset, as most senders write it: `20260301081500`.
  func time(_ hour: Int, _ minute: Int) -> String { day + CalendarDay.padded(hour, 2) + CalendarDay.padded(minute, 2) + "00" }

  func header(_ controlId: String, at time: String) -> [Int: String] {
    [2: "^~\\&", 3: "ZZHIS", 4: facility, 5: "COMPLINE", 6: "ZZHUB", 7: time, 9: controlId, 11: controlId]
  }

  func visit(_ person: Person) -> String { "ZV\(place.rank + 1)\(day)\(CalendarDay.padded(person.number, 3))" }
  func account(_ person: Person) -> String { "ZA\(place.rank + 1)\(day)\(CalendarDay.padded(person.number, 3))" }

  func msh(_ type: String, _ structure: String, _ controlId: String, at time: String) -> String {
    Segment.text(
      "MSH",
      [
        2: "^~\\&", 3: "ZZHIS", 4: facility, 5: "COMPLINE", 6: "ZZHUB", 7: time, 9: "\(type)^\(structure)", 10: "\(facility)\(day)\(controlId)", 11: "T",
        12: "2.5.1",
      ])
  }

  func evn(_ event: String, at time: String) -> String { Segment.text("EVN", [1: event, 2: time]) }

  /// The whole of what this place knows of a person; `phoneMoves` counts the changes of telephone so far.
  func pid(_ person: Person, phoneMoves: Int = 0, hasAccount: Bool = true) -> String {
    var fields = shortFields(person)
    fields[11] = "\(person.street)^^SAMPLETOWN^ZZ^00000^USA^H"
    fields[13] = "\(person.phone(moved: phoneMoves))^PRN^PH^\(person.email)"
    if hasAccount { fields[18] = "\(account(person))^^^\(facility)^AN" }
    return Segment.text("PID", fields)
  }

  /// Name, birth date and sex only, as laboratories and billing systems send them.
  func shortPID(_ person: Person, hasAccount: Bool = false) -> String {
    var fields = shortFields(person)
    if hasAccount { fields[18] = "\(account(person))^^^\(facility)^AN" }
    return Segment.text("PID", fields)
  }

  private func shortFields(_ person: Person) -> [Int: String] {
    [1: "1", 3: "\(person.recordNumber)^^^\(person.assigner)^MR", 5: "\(person.fullName)^^^^^L", 7: person.birthDate, 8: person.sex]
  }

  func pv1(_ person: Person, _ patientClass: String, admitted: String) -> String {
    Segment.text(
      "PV1",
      [
        1: "1", 2: patientClass, 3: "WARD\(1 + person.number % 3)^\(101 + person.number)^1^\(facility)", 7: "ZZ900\(place.rank)^TEST^DOCTOR",
        19: "\(visit(person))^^^\(facility)^VN", 44: admitted,
      ])
  }

  /// The visit alone, as results and charges carry it.
  func shortPV1(_ person: Person, _ patientClass: String) -> String {
    Segment.text("PV1", [1: "1", 2: patientClass, 19: "\(visit(person))^^^\(facility)^VN"])
  }

  /// Inpatient (A01) for even numbers, outpatient (A04) for odd ones.
  func patientClass(_ person: Person) -> String { person.number % 2 == 0 ? "I" : "O" }
}
