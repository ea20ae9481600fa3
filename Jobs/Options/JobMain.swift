public import ArgumentParser
import Pipeline

/// How every job starts and ends: hardened, one line on standard error at most, an exit code of the table.
public enum JobMain {
  public static func run(_ command: (some ParsableCommand).Type) -> Never {
    Console.prepareProcess()
    do {
      var parsed = try command.parseAsRoot()
      try parsed.run()
      Console.exit(0)
    } catch let ending as JobEnding {
      Console.exit(ending.code)
    } catch {
      guard command.exitCode(for: error).isSuccess else {
        Console.fail(job: command._commandName, code: "USAGE", exit: 64, UsageFault(error, of: command).text)
      }
      let said = command.fullMessage(for: error)
      Console.say(said == ProgramVersion.number ? ProgramVersion.text(of: command._commandName) : said)
      Console.exit(0)
    }
  }
}

/// Thrown by a job's `run` to end with a code of the table; what had to be said has been said.
public struct JobEnding: Error {
  public let code: Int32

  public init(_ code: Int32) { self.code = code }
}
