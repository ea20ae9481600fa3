import Core
import Glibc
import Trust

/// The only place that writes to a person's terminal.
public enum Console {
  /// Before anything else: no core dumps, no backtraces, files for the owner alone.
  public static func prepareProcess() {
    do {
      try Hardening.reexecWithoutBacktrace()
      try Hardening.apply()
    } catch {
      report(job: "compline", error)
      exit(error.exitCode.rawValue)
    }
    signal(SIGPIPE, SIG_IGN)
  }

  /// Writes text and a line end to standard output.
  public static func say(_ text: String) { write(text + "\n", to: 1) }

  /// Writes the one line that a failing job leaves on standard error, and ends.
  public static func fail(job: String, code: String, exit status: Int32, _ message: String) -> Never {
    let line = message.split(separator: "\n").first.map(String.init) ?? ""
    write("\(job): \(code) (exit \(status)) \(line)\n", to: 2)
    exit(status)
  }

  /// Writes the one line of an error of ours to standard error.
  static func report(job: String, _ error: any CodedError) {
    let hint = error.hint.isEmpty ? "" : " \(error.hint)"
    write("\(job): \(error.code) (exit \(error.exitCode.rawValue)) \(error.summary).\(hint)\n", to: 2)
  }

  public static func exit(_ status: Int32) -> Never {
    fflush(nil)
    Glibc.exit(status)
  }

  private static func write(_ text: String, to descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress!, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
