/// Something about a mapping that compiles and is still worth a look, or why it does not compile.
public struct LintFinding: Sendable, Equatable, CustomStringConvertible {
  public enum Weight: String, Sendable {
    /// The mapping is refused.
    case error
    /// A person decides.
    case warning
  }

  public var weight: Weight
  /// `LNT-2…`; the compiler's own codes begin with `MAP-`.
  public var code: String
  public var summary: String
  public var hint: String
  public var file: String
  /// One-based; 0 for a file as a whole.
  public var line: Int
  public var column: Int

  init(_ code: String, _ summary: String, hint: String, at place: RulePlace) {
    weight = .warning
    self.code = code
    self.summary = summary
    self.hint = hint
    file = place.file
    line = place.line
    column = place.column
  }

  /// `Mappings/hl7v2/own/1.yaml:12:17: warning LNT-201: PID-5 has no component 19. Its components are 1 to 14.`
  public var description: String {
    let place = line > 0 ? "\(file):\(line):\(column)" : file
    return "\(place): \(weight.rawValue) \(code): \(summary)." + (hint.isEmpty ? "" : " \(hint)")
  }
}
