import Glibc

/// How a child process ended and what it wrote.
public struct ToolResult: Sendable {
  /// The exit status, or 128 plus the signal that ended it.
  public let exit: Int32
  public let standardOutput: [UInt8]
  public let standardError: [UInt8]

  public var outputText: String { String(decoding: standardOutput, as: UTF8.self) }
  public var errorText: String { String(decoding: standardError, as: UTF8.self) }
}

/// Runs programs for tests. The streams go through files in a temporary folder, so no pipe can fill up.
public enum Tools {
  /// Runs a program to its end.
  ///
  /// - Parameter path: with a slash, that file; without, the first of that name on the `PATH` of the test process.
  /// - Parameter environment: the whole environment of the child but for `PATH`, which it inherits unless given.
  public static func run(_ path: String, _ arguments: [String], environment: [String: String] = [:], input: [UInt8] = []) throws -> ToolResult {
    let child = try Child(path, arguments, environment: environment, input: input)
    return try child.wait()
  }

  /// The `PATH` of the test process.
  public static var searchPath: String { getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin" }
}

/// A child process that is running: to be waited for, or killed.
public final class Child: Sendable {
  /// Its process id.
  public let pid: Int32
  private let folder: TemporaryFolder

  public init(_ path: String, _ arguments: [String], environment: [String: String] = [:], input: [UInt8] = []) throws {
    folder = try TemporaryFolder()
    try folder.write(input, to: "in")
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, folder.path("in"), O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, folder.path("out"), O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, folder.path("err"), O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    var all = ["PATH": Tools.searchPath]
    all.merge(environment) { _, given in given }
    let argv = ([path] + arguments).map { strdup($0) } + [nil]
    let envp = all.map { strdup("\($0)=\($1)") } + [nil]
    defer { for text in argv + envp { free(text) } }
    var pid: Int32 = 0
    let failure = posix_spawnp(&pid, path, &actions, nil, argv, envp)
    guard failure == 0 else { throw TestFailure("posix_spawn: errno \(failure)") }
    self.pid = pid
  }

  /// Sends a signal.
  public func signal(_ number: Int32) { kill(pid, number) }

  /// Waits for the end; once only.
  public func wait() throws -> ToolResult {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 {
      guard errno == EINTR else { throw TestFailure("waitpid: errno \(errno)") }
    }
    let signal = status & 0x7F
    return ToolResult(
      exit: signal == 0 ? (status >> 8) & 0xFF : 128 + signal, standardOutput: try folder.read("out"), standardError: try folder.read("err"))
  }
}
