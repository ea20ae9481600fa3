import Core

/// Values of one message that a code set does not hold: as an arena, so that noting one allocates nothing.
///
/// - Limits: 64 a message, 64 bytes each; what is more or longer is left out.
public struct UnmappedCodes: Sendable {
  private struct Note: Sendable {
    var set: Int32
    var rule: Int32
    var start: Int32
    var count: Int32
  }

  private static let limit = 64

  private var bytes: [UInt8] = []
  private var notes: [Note] = []

  /// True where every code of the message stands in its set.
  public var isEmpty: Bool { notes.isEmpty }

  /// Forgets what was noted.
  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    notes.removeAll(keepingCapacity: true)
  }

  /// A value that the set of that number does not hold, met by a rule.
  mutating func note(set: Int32, rule: Int32, _ value: ArraySlice<UInt8>) {
    guard notes.count < Self.limit, value.count <= Self.limit else { return }
    notes.append(Note(set: set, rule: rule, start: Int32(truncatingIfNeeded: bytes.count), count: Int32(truncatingIfNeeded: value.count)))
    bytes += value
  }

  /// Gives each with the number of its set and rule.
  func forEach(_ body: (_ set: Int, _ rule: Int, _ value: ArraySlice<UInt8>) -> Void) {
    for note in notes { body(Int(note.set), Int(note.rule), bytes[Int(note.start)..<Int(note.start + note.count)]) }
  }
}
