import Core
import Trust

/// What `compline mapping promote` was asked to do.
public struct PromotionRequest: Sendable {
  public var feed: String
  /// Like `hl7v2-standard@2`.
  public var version: String
  /// The first night of it, YYYY-MM-DD.
  public var from: String
  /// Who answers for it, and the ticket or reason: letters, digits, dots, dashes and underscores, at most 64.
  public var person: String
  public var reason: String
  /// True where it is the second person who agrees.
  public var approves: Bool

  public init(feed: String, version: String, from: String, person: String, reason: String, approves: Bool) {
    self.feed = feed
    self.version = version
    self.from = from
    self.person = person
    self.reason = reason
    self.approves = approves
  }
}

/// A person and a reason from a command line, in the form that may stand in the audit.
struct Responsible: Sendable, Equatable {
  let person: PlainName
  let reason: PlainName

  init(person: String, reason: String) throws(PipelineError) {
    guard let person = PlainName(person), let reason = PlainName(reason) else {
      throw PipelineError("PIP-807", .usage, "--person and --reason take letters, digits, dots, dashes and underscores, at most 64", hint: "A reason is a ticket or some words, like IFC-212 or visit-number-moved.")
    }
    self.person = person
    self.reason = reason
  }
}
