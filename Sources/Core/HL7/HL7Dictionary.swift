/// The names and data types that HL7 v2.8.2 gives to segments, fields and components; for people who read messages, and for lint.
///
/// Fields that the standard has withdrawn keep the name and type that they last had.
public struct HL7Dictionary: Sendable {
  /// A field of a segment, or a component of a data type.
  public struct Element: Sendable, Equatable {
    /// The data type, `CX`; `varies` where another field names it.
    public let type: String
    /// The standard's name of the element.
    public let name: String
  }

  public struct Segment: Sendable, Equatable {
    /// The standard's name of the segment.
    public let name: String
    /// Index 0 is field 1.
    public let fields: [Element]
  }

  private let segments: [String: Segment]
  private let types: [String: [Element]]

  /// All that the program knows.
  public static let standard = HL7Dictionary(
    segments: [controlSegments, patientSegments, clinicalSegments, orderSegments, pharmacySegments, financialSegments, schedulingSegments], types: [dataTypes])

  private init(segments: [String], types: [String]) {
    self.segments = Dictionary(uniqueKeysWithValues: segments.flatMap(Self.entries).map { ($0.code, Segment(name: $0.name, fields: $0.elements)) })
    self.types = Dictionary(uniqueKeysWithValues: types.flatMap(Self.entries).map { ($0.code, $0.elements) })
  }

  /// Every segment that is known, in the order of the alphabet.
  public var segmentCodes: [String] { segments.keys.sorted() }

  /// A segment by its three letters; nil for Z segments and what is not known.
  public func segment(_ code: String) -> Segment? { segments[code] }

  /// Field `number` (one-based) of a segment, or nil.
  public func field(_ number: Int, of code: String) -> Element? {
    guard let fields = segments[code]?.fields, number >= 1, number <= fields.count else { return nil }
    return fields[number - 1]
  }

  /// The components of a data type; empty where it has none, or they are not known.
  public func components(of type: String) -> [Element] { types[type] ?? [] }

  /// True for the types that hold nothing but a date, a time or both.
  public static func isTime(_ type: String) -> Bool { ["DT", "DTM", "TM", "TS"].contains(type) }

  /// Reads `= CODE Name` lines, each followed by elements `TYPE Name` between semicolons.
  private static func entries(_ text: String) -> [(code: String, name: String, elements: [Element])] {
    text.utf8.split(separator: UInt8(ascii: "=")).map { entry in
      let lines = entry.split(separator: UInt8(ascii: "\n"), maxSplits: 1)
      let head = words(lines.first ?? "".utf8[...])
      let elements = (lines.count > 1 ? lines[1] : "".utf8[...]).split(separator: UInt8(ascii: ";")).map { part in
        let element = words(part)
        return Element(type: element.first, name: element.rest)
      }
      return (head.first, head.rest, elements.filter { !$0.type.isEmpty })
    }
  }

  /// The first word and the rest, in single blanks.
  private static func words(_ text: Substring.UTF8View) -> (first: String, rest: String) {
    let words = text.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    guard let first = words.first else { return ("", "") }
    return (String(decoding: first, as: UTF8.self), words.dropFirst().map { String(decoding: $0, as: UTF8.self) }.joined(separator: " "))
  }
}
