import Core

/// The feed `clinic-ccda`: eight documents and the control file that says how many they are.
struct ClinicFeed: Sendable {
  static let name = "clinic-ccda"

  let documents: [ClinicDocument]
  let day: String

  init(_ night: BusinessDate) {
    day = MessageWriter(night: night, place: .clinic).day
    documents = (0..<8).map { ClinicDocument(night: night, person: Person(number: $0, place: .clinic)) }
  }

  var people: [Person] { documents.map(\.person) }
  var notes: [String] { documents.map(\.note) }

  var files: [DemoFile] {
    let control = DemoFile(feed: Self.name, path: "\(Self.name)/clinic-\(day).ctl", bytes: Array("documents,\(documents.count)\n".utf8))
    return documents.map(\.file) + [control]
  }
}

/// What one document of the clinic says: everything follows from the person's number.
struct ClinicDocument: Sendable {
  let night: BusinessDate
  let person: Person

  var day: String { MessageWriter(night: night, place: .clinic).day }
  var id: String { "ZD4\(day)\(CalendarDay.padded(person.number, 3))" }
  var file: DemoFile { DemoFile(feed: ClinicFeed.name, path: "\(ClinicFeed.name)/ccd-\(day)-\(CalendarDay.padded(person.number + 1, 2)).xml", bytes: Array(xml.utf8)) }

  /// A sentence of narrative that no table of codes holds.
  var note: String { "Synthetic visit note \(id) about nobody." }

  /// The third document denies an allergy instead of stating one.
  var deniesAllergy: Bool { person.number == 2 }
  /// The sixth document has a problem whose code the sender does not know.
  var hasUnknownProblem: Bool { person.number == 5 }

  var problems: [Coded] {
    let first = Coded.problems[person.number % Coded.problems.count]
    if hasUnknownProblem { return [first, Coded(code: nil, name: "Not known to the sender")] }
    return person.number % 2 == 0 ? [first, Coded.problems[(person.number + 1) % Coded.problems.count]] : [first]
  }

  var medications: [Coded] { (0...(person.number % 3)).map { Coded.medications[(person.number + $0) % Coded.medications.count] } }
  var allergies: [Coded] { [Coded.allergens[person.number % Coded.allergens.count]] }
}

/// A code with its name; nil stands for `nullFlavor="UNK"`. SNOMED CT codes for problems, RxNorm for medications and allergens.
struct Coded: Sendable {
  let code: String?
  let name: String

  static let problems = [
    Coded(code: "38341003", name: "Hypertensive disorder"), Coded(code: "44054006", name: "Type 2 diabetes mellitus"),
    Coded(code: "195967001", name: "Asthma"), Coded(code: "55822004", name: "Hyperlipidemia"),
  ]
  static let medications = [
    Coded(code: "314076", name: "Lisinopril 10 MG Oral Tablet"), Coded(code: "861007", name: "Metformin 500 MG Oral Tablet"),
    Coded(code: "197361", name: "Amlodipine 5 MG Oral Tablet"),
  ]
  static let allergens = [Coded(code: "7980", name: "Penicillin G"), Coded(code: "2670", name: "Codeine"), Coded(code: "1191", name: "Aspirin")]
}
