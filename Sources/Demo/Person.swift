import Core

/// A synthetic person: given name by the spelling alphabet, everything else by number, the same on every night.
struct Person: Sendable, Equatable {
  /// Number within its place, from 0.
  let number: Int
  let place: Place

  /// The sites of care, each an assigner of its own record numbers.
  enum Place: String, Sendable, CaseIterable {
    case northGeneral = "NGEN"
    case northWomens = "NWOM"
    case southGeneral = "SGEN"
    case clinic = "ZCLI"

    var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  private static let givenNames = [
    "ALPHA", "BRAVO", "CHARLIE", "DELTA", "ECHO", "FOXTROT", "GOLF", "HOTEL", "INDIA", "JULIETT", "KILO", "LIMA", "MIKE",
    "NOVEMBER", "OSCAR", "PAPA", "QUEBEC", "ROMEO", "SIERRA", "TANGO", "UNIFORM", "VICTOR", "WHISKEY", "XRAY", "YANKEE", "ZULU",
  ]

  /// Unique over all places.
  private var serial: Int { place.rank * 20 + number }

  var family: String { "TEST" }
  var given: String { Self.givenNames[serial % 26] + (serial < 26 ? "" : String(UnicodeScalar(UInt8(64 + serial / 26)))) }
  var fullName: String { "\(family)^\(given)" }
  var recordNumber: String { "ZZ\(place.rank + 1)" + CalendarDay.padded(10_407 + serial * 613, 6) }
  var assigner: String { place.rawValue }
  var sex: String { number % 2 == 0 ? "F" : "M" }
  var birthDate: String {
    CalendarDay.padded(1931 + serial * 7 % 80, 4) + CalendarDay.padded(1 + serial * 5 % 12, 2) + CalendarDay.padded(1 + serial * 11 % 28, 2)
  }
  var street: String { "\(100 + serial * 3) SYNTHETIC STREET" }
  /// In the range that is kept free for fiction, 555-0100 to 555-0199.
  var phone: String { phone(moved: 0) }
  var email: String { "\(given.lowercased()).test@example.invalid" }

  /// The telephone after a number of changes: the ten numbers from 0190 on are kept for changes.
  func phone(moved times: Int) -> String { "(555)555-01" + CalendarDay.padded(times == 0 ? serial : 90 + (serial + times) % 10, 2) }
}
