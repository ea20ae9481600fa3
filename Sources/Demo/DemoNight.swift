public import Core

/// One file of the synthetic night.
public struct DemoFile: Sendable, Equatable {
  /// The feed that it belongs to, like `north-hl7`.
  public let feed: String
  /// Relative to the folder that holds the drops of all feeds, like `north-hl7/NGEN-20260301.hl7`.
  public let path: String
  public let bytes: [UInt8]
}

/// The project's own synthetic night: a pure function of the business date, so that every run of it is the same.
///
/// - People are obviously synthetic: family name TEST, telephone 555-01xx, `@example.invalid`, state ZZ, ids that begin with ZZ.
/// - Shape: three feeds. `north-hl7` is clean but for a duplicate drop and a file that is still arriving, `south-hl7` holds the
///   lying trailer, the message without a patient and the resubmission, `clinic-ccda` is a folder of documents with a control file.
/// - Waves: a resubmission is one name with two contents, so the night has two waves. Lay the first down, pull, lay the second
///   down over it, run the night.
/// - The writer sets every file's mtime past the settle window.
public struct DemoNight: Sendable {
  /// The state of the drop folders: as first pulled, then what came later that night.
  public enum Wave: Int, Sendable, CaseIterable {
    case first = 1
    /// Replaces one file of the first wave by other bytes of the same name.
    case second = 2
  }

  /// The names of the feeds, as in `Sites/demo/feeds`.
  public static let feeds = ["north-hl7", "south-hl7", "clinic-ccda"]

  /// The business date whose night this is.
  public let night: BusinessDate
  let north: NorthFeed
  let south: SouthFeed
  let clinic: ClinicFeed

  public init(_ night: BusinessDate) {
    self.night = night
    north = NorthFeed(night)
    south = SouthFeed(night)
    clinic = ClinicFeed(night)
  }

  /// The files that a wave lays down, ascending by path. The second wave holds only what it changes.
  public func files(_ wave: Wave) -> [DemoFile] {
    let all =
      switch wave {
      case .first: north.files + south.files(wave) + clinic.files
      case .second: south.files(wave)
      }
    return all.sorted { $0.path < $1.path }
  }

  /// Values that identify the night's people, each at least eight bytes long: what a scanner must never find where PHI may not be.
  public var identifyingValues: [String] {
    let people = north.people + south.people + clinic.people
    let values = people.flatMap { [$0.recordNumber, $0.street, $0.phone, $0.email, $0.fullName] } + clinic.notes
    return Array(Set(values.filter { $0.utf8.count >= 8 })).sorted()
  }
}
