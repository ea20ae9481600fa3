import Core
import Trust

/// The steps of a night, each a job of its own.
enum Stage: String, Sendable, CaseIterable {
  case pull, ingest, reconcile, extract, deliver, nightly

  /// The executable that runs it; delivering is a hidden mode of extract.
  var job: String { self == .deliver ? "compline-extract" : "compline-\(rawValue)" }

  /// The grant it needs.
  var verb: Verb {
    switch self {
    case .pull: .pull
    case .ingest: .ingest
    case .reconcile: .reconcile
    case .extract, .deliver: .extract
    case .nightly: .close
    }
  }
}
