/// The exit codes of every job, after sysexits(3); `closed` is success.
public enum ExitCode: Int32, Sendable, CaseIterable {
  case closed = 0
  /// The run ended and something waits for a person.
  case waiting = 3
  case usage = 64
  case nothingUsable = 65
  case internalError = 70
  case inputOutput = 74
  case locked = 75
  case peer = 76
  case notPermitted = 77
  case configuration = 78

  /// The one to report where several apply: the first of 78, 77, 75, 70, 74, 76, 65, 3.
  public static func worst(_ codes: some Sequence<ExitCode>) -> ExitCode {
    let order: [ExitCode] = [.configuration, .notPermitted, .locked, .internalError, .inputOutput, .peer, .nothingUsable, .usage, .waiting]
    let present = Array(codes)
    return order.first(where: present.contains) ?? .closed
  }
}

/// An error that may be shown: a stable code, a place, what to do next, and never a value from a message.
public protocol CodedError: Error, Sendable {
  /// Stable, like `TRU-101`; the prefix names the module.
  var code: String { get }
  /// One sentence: what and where. No source values.
  var summary: String { get }
  /// One sentence: what the reader can do; empty when there is nothing to add.
  var hint: String { get }
  var exitCode: ExitCode { get }
}
