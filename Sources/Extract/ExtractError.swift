public import Core

/// A broken promise of an extract: a stable code, a place, what to do. Never a value from a row.
///
/// Codes: EXT-1xx consumer files, EXT-2xx agreement files, EXT-3xx specification against dictionary and agreement (all three
/// `ConfigurationError`), EXT-4xx producing, EXT-5xx releasing.
public struct ExtractError: CodedError, Equatable {
  public let code: String
  public let summary: String
  public let hint: String
  public let exitCode: ExitCode

  /// A cell of the field to be summed is not an amount in whole cents.
  static func notAnAmount(field: String) -> ExtractError {
    ExtractError(
      code: "EXT-401", summary: "a stored value of '\(field)' is not an amount in whole cents", hint: "Run compline check; the mapping must give money.",
      exitCode: .internalError)
  }

  /// A sum left the range of 64 bits.
  static func sumTooLarge(field: String) -> ExtractError {
    ExtractError(code: "EXT-402", summary: "the sum of '\(field)' is too large", hint: "", exitCode: .internalError)
  }

  /// A stored identifier or reference is not in its canonical form.
  static func notCanonical(field: String) -> ExtractError {
    ExtractError(code: "EXT-403", summary: "a stored value of '\(field)' is not in canonical form", hint: "Run compline check.", exitCode: .internalError)
  }

  /// The store gave a sealed cell: the run does not hold the key of its class.
  static func sealed(field: String) -> ExtractError {
    ExtractError(
      code: "EXT-404", summary: "the key for the class of '\(field)' is missing", hint: "Give the extract stage the column key of that class.",
      exitCode: .notPermitted)
  }

  /// The outbox key gives no name to the sealed file.
  static func noIdentity() -> ExtractError {
    ExtractError(code: "EXT-405", summary: "the sealed extract cannot be named", hint: "Check the outbox key.", exitCode: .internalError)
  }

  /// The content of a stored extract is not what its manifest says.
  static func contentChanged() -> ExtractError {
    ExtractError(
      code: "EXT-501", summary: "the sealed extract is not what its manifest says", hint: "It was not released. Run compline-extract for this night again.",
      exitCode: .internalError)
  }

  /// A manifest in the outbox that is not of the documented form.
  static func manifestUnreadable() -> ExtractError {
    ExtractError(code: "EXT-502", summary: "the manifest in the outbox cannot be read", hint: "Run compline-extract for this night again.", exitCode: .internalError)
  }
}
