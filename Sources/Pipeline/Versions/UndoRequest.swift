/// What `compline undo` was asked to do.
public struct UndoRequest: Sendable {
  /// What becomes of the run or its drops.
  public enum Act: Sendable {
    /// Says what an undo would take back.
    case dry
    /// Takes back what the dry run showed.
    case apply
    /// Lets the next ingest load the drops again that an undo set aside.
    case again
  }

  /// The run of ingest: 32 hexadecimal digits, as `statement.json` lists it and `compline trace` prints it.
  public var run: String
  /// Who answers for it, and the ticket or reason: letters, digits, dots, dashes and underscores, at most 64.
  public var person: String
  public var reason: String
  public var act: Act
  public var json = false

  public init(run: String, person: String, reason: String, act: Act) { (self.run, self.person, self.reason, self.act) = (run, person, reason, act) }
}
