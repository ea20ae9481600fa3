/// The nightly report: one set of numbers in four faces. It belongs to the night, not to a run; only the list of runs differs between runs.
///
/// It holds no value from a message, no partner's file name and no random id. The SHA-256 of whole drops stands in the JSON face only.
public struct Statement: Sendable {
  /// The site's name, as `site.yaml` says it.
  public let site: String
  public let judgement: Judgement

  public init(site: String, judgement: Judgement) {
    self.site = site
    self.judgement = judgement
  }
}
