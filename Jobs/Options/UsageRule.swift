public import ArgumentParser

/// Rules of a command line that its options keep together: what `validate` throws.
public enum UsageRule {
  static let mark = "usage rule: "

  /// - text: names options, never what was typed; without a full stop, like `say one of --same and --different`.
  public static func broken(_ text: String) -> ValidationError { ValidationError(mark + text) }
}
