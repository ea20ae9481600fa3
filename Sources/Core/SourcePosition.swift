/// Where in a message or document something was found: never a value, always a place.
public struct SourcePosition: Sendable, Equatable {
  /// The field path in the notation of the format (`PID-3`, `h:entry/h:act`), or empty. It comes from a mapping or from the standard.
  public var path: String
  /// One-based occurrence of the segment of that name, or of the entry in its document; 0 when not known.
  public var occurrence: Int
  /// One-based repetition of the field; 0 when not known.
  public var repetition: Int
  /// Bytes from the start of the drop; -1 when not known.
  public var byteOffset: Int

  public init(path: String = "", occurrence: Int = 0, repetition: Int = 0, byteOffset: Int = -1) {
    self.path = path
    self.occurrence = occurrence
    self.repetition = repetition
    self.byteOffset = byteOffset
  }

  /// For people: `PID-3, segment 2, repetition 1`, `byte 1042`; empty when nothing is known.
  public var text: String {
    var parts: [String] = []
    if !path.isEmpty { parts.append(path) }
    if occurrence > 0 { parts.append("occurrence \(occurrence)") }
    if repetition > 0 { parts.append("repetition \(repetition)") }
    if parts.isEmpty, byteOffset >= 0 { parts.append("byte \(byteOffset)") }
    return parts.joined(separator: ", ")
  }
}
