public import Core
import Glibc

/// What stops a job, said in one line: a stable code, what and where, what to do. Never a value from a message.
public struct PipelineError: CodedError, Equatable {
  public let code: String
  public let summary: String
  public let hint: String
  public let exitCode: ExitCode

  init(_ code: String, _ exitCode: ExitCode, _ summary: String, hint: String = "") {
    self.code = code
    self.exitCode = exitCode
    self.summary = summary
    self.hint = hint
  }

  static func system(_ code: String, _ what: String) -> PipelineError {
    PipelineError(code, .inputOutput, "\(what): \(String(cString: strerror(errno)))")
  }
}
