import Core
import Trust

/// The steps of a night, each a job of its own.
enum Stage: String, Sendable, CaseIterable {
  case pull, ingest, reconcile, extract, deliver, receive, nightly

  /// The executable that runs it; delivering and receiving are hidden modes of extract.
  var job: String { isOfExtract ? "compline-extract" : "compline-\(rawValue)" }

  /// Whether extract starts it in a process of its own.
  var isOfExtract: Bool { self == .deliver || self == .receive }

  /// The grant it needs.
  var verb: Verb {
    switch self {
    case .pull: .pull
    case .ingest: .ingest
    case .reconcile: .reconcile
    case .extract, .deliver, .receive: .extract
    case .nightly: .close
    }
  }
}
