import Core

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

  /// The runs that have ended. The one that writes this statement has not, and would be under way for ever.
  var endedRuns: [RunEntry] { judgement.runs.filter { !$0.ended.isEmpty && $0.exit >= 0 } }
}

extension BatchTotal {
  /// False for a control file that cannot be told apart from others, so that its zero is not read as a count.
  var isCounted: Bool { unit != .control || agrees != nil }
}
