/// What `compline replay` was asked to do.
public struct ReplayRequest: Sendable {
  /// YYYY-MM-DD.
  public var night: String
  public var feed: String
  /// A version in place of the one of that night, like `hl7v2-standard@2`; nil for that night's own.
  public var mappings: String?
  /// Who answers for it, and the ticket or reason: letters, digits, dots, dashes and underscores, at most 64.
  public var person: String
  public var reason: String
  /// True to write what the dry run showed.
  public var applies = false
  public var json = false

  public init(night: String, feed: String, mappings: String?, person: String, reason: String) {
    (self.night, self.feed, self.mappings, self.person, self.reason) = (night, feed, mappings, person, reason)
  }
}
