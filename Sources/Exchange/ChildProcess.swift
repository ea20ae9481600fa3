internal import Glibc

/// A child program with pipes on its standard input and output; standard error goes to ours, nowhere, or into a pipe of its own.
///
/// Everything is synchronous, so that a job does its work on one thread and a kill can be placed at any system call.
/// Descriptors above 2 never reach the child.
public final class ChildProcess {
  /// What is to be started and where its streams go.
  public struct Request {
    /// The program, by its path.
    public var path: String
    /// Without the name of the program itself.
    public var arguments: [String]
    /// All of its environment.
    public var environment: [String: String]
    /// False: standard error goes nowhere.
    public var keepsErrors: Bool
    /// False: standard output is ours.
    public var pipesOutput: Bool
    /// Standard error goes into `errors`.
    var pipesErrors = false

    public init(path: String, arguments: [String], environment: [String: String] = [:], keepsErrors: Bool = true, pipesOutput: Bool = true) {
      (self.path, self.arguments, self.environment) = (path, arguments, environment)
      (self.keepsErrors, self.pipesOutput) = (keepsErrors, pipesOutput)
    }
  }

  /// How it ended.
  public enum Ending: Equatable, Sendable {
    /// With a status.
    case exited(Int32)
    /// By a signal.
    case signalled(Int32)
  }

  /// Why it was not started; the number is an errno.
  public enum Fault: Error, Equatable {
    case pipe(Int32)
    case start(Int32)
  }

  /// Its process id.
  public let pid: Int32
  /// The end of the pipe that it reads; -1 once closed.
  public private(set) var input: Int32
  /// -1 where the child writes to our standard output.
  public let output: Int32
  /// The end of the pipe of its standard error; -1 where it has none of its own.
  let errors: Int32
  private var ending: Ending?

  /// Starts it.
  public init(_ request: Request) throws(Fault) {
    let pipes = try Pipes(request)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, pipes.toChild[0], 0)
    if request.pipesOutput { posix_spawn_file_actions_adddup2(&actions, pipes.fromChild[1], 1) }
    if request.pipesErrors {
      posix_spawn_file_actions_adddup2(&actions, pipes.complaints[1], 2)
    } else if !request.keepsErrors {
      posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    }
    // Everything of ours is opened close-on-exec; this is the second bolt. Closing what is not open is no error to glibc.
    for descriptor in Int32(3)..<256 { posix_spawn_file_actions_addclose(&actions, descriptor) }
    let arguments = ([request.path] + request.arguments).map { strdup($0) } + [nil]
    let environment = request.environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (arguments + environment).forEach { free($0) } }
    var child = pid_t()
    var attributes = Self.unmasked()
    defer { posix_spawnattr_destroy(&attributes) }
    let failure = posix_spawn(&child, request.path, &actions, &attributes, arguments, environment)
    pipes.closeTheirs()
    guard failure == 0 else {
      pipes.closeOurs()
      throw .start(failure)
    }
    pid = child
    (input, output, errors) = (pipes.toChild[1], pipes.fromChild[0], pipes.complaints[0])
  }

  /// Nothing blocked and a closed pipe deadly, whatever holds in the thread that starts it.
  private static func unmasked() -> posix_spawnattr_t {
    var attributes = posix_spawnattr_t(), none = sigset_t(), usual = sigset_t()
    posix_spawnattr_init(&attributes)
    sigemptyset(&none)
    sigemptyset(&usual)
    sigaddset(&usual, SIGPIPE)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &usual)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    return attributes
  }

  deinit {
    closeInput()
    for descriptor in [output, errors] where descriptor >= 0 { close(descriptor) }
    if ending == nil {
      kill(pid, SIGKILL)
      _ = wait()
    }
  }

  /// The child reads the end of its input.
  public func closeInput() {
    if input >= 0 { close(input) }
    input = -1
  }

  /// Ends it at once; `wait` says when it has ended.
  public func terminate() { if ending == nil { kill(pid, SIGKILL) } }

  /// Waits for the end of the child; idempotent.
  public func wait() -> Ending {
    if let ending { return ending }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    let result: Ending = signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
    ending = result
    return result
  }

  /// Writes all bytes; false when the child no longer reads or they could not be written: its input ends there, so that it does not wait for the rest.
  public func write(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(input, $0.baseAddress! + sent, bytes.count - sent) }
      if count < 0, errno == EINTR { continue }
      if count <= 0 {
        closeInput()
        return false
      }
      sent += count
    }
    return true
  }
}

/// The pipes of one child, close-on-exec: the reading end first.
private struct Pipes {
  var toChild: [Int32] = [-1, -1]
  var fromChild: [Int32] = [-1, -1]
  var complaints: [Int32] = [-1, -1]

  init(_ request: ChildProcess.Request) throws(ChildProcess.Fault) {
    let isMade = Self.make(&toChild) && (!request.pipesOutput || Self.make(&fromChild)) && (!request.pipesErrors || Self.make(&complaints))
    guard isMade else {
      let number = errno
      closeTheirs()
      closeOurs()
      throw .pipe(number)
    }
  }

  private static func make(_ ends: inout [Int32]) -> Bool { pipe(&ends) == 0 && ends.allSatisfy { fcntl($0, F_SETFD, FD_CLOEXEC) == 0 } }

  func closeTheirs() { for descriptor in [toChild[0], fromChild[1], complaints[1]] where descriptor >= 0 { close(descriptor) } }
  func closeOurs() { for descriptor in [toChild[1], fromChild[0], complaints[0]] where descriptor >= 0 { close(descriptor) } }
}
