import Core
import Glibc

/// A child program with pipes on its standard input and output; standard error goes to ours or nowhere.
///
/// Everything is synchronous, so that a job does its work on one thread and a kill can be placed at any system call.
/// Descriptors above 2 never reach the child.
final class ChildProcess {
  struct Request {
    var path: String
    var arguments: [String]
    var environment: [String: String] = [:]
    var keepsErrors = true
    var pipesOutput = true
  }

  enum Ending: Equatable {
    case exited(Int32)
    case signalled(Int32)
  }

  let pid: pid_t
  private(set) var input: Int32
  /// -1 where the child writes to our standard output.
  let output: Int32
  private var ending: Ending?

  init(_ request: Request) throws(PipelineError) {
    var toChild: [Int32] = [-1, -1], fromChild: [Int32] = [-1, -1]
    try Self.makePipe(&toChild)
    if request.pipesOutput { try Self.makePipe(&fromChild) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
    if request.pipesOutput { posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1) }
    if !request.keepsErrors { posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0) }
    // Everything of ours is opened close-on-exec; this is the second bolt. Closing what is not open is no error to glibc.
    for descriptor in Int32(3)..<256 { posix_spawn_file_actions_addclose(&actions, descriptor) }
    let arguments = ([request.path] + request.arguments).map { strdup($0) } + [nil]
    let environment = request.environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (arguments + environment).forEach { free($0) } }
    var child = pid_t()
    let failure = posix_spawn(&child, request.path, &actions, nil, arguments, environment)
    close(toChild[0])
    if request.pipesOutput { close(fromChild[1]) }
    guard failure == 0 else {
      close(toChild[1])
      if request.pipesOutput { close(fromChild[0]) }
      throw PipelineError("PIP-202", .internalError, "a program of this installation could not be started: \(String(cString: strerror(failure)))", hint: "Check that all job executables lie in one folder.")
    }
    pid = child
    input = toChild[1]
    output = fromChild[0]
  }

  private static func makePipe(_ ends: inout [Int32]) throws(PipelineError) {
    guard pipe(&ends) == 0, ends.allSatisfy({ fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }) else { throw .system("PIP-201", "no pipe for a child process") }
  }

  deinit {
    closeInput()
    if output >= 0 { close(output) }
    if ending == nil {
      kill(pid, SIGKILL)
      _ = wait()
    }
  }

  func closeInput() {
    if input >= 0 { close(input) }
    input = -1
  }

  func terminate() { kill(pid, SIGKILL) }

  /// Waits for the end of the child; idempotent.
  func wait() -> Ending {
    if let ending { return ending }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    let result: Ending = signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
    ending = result
    return result
  }

  /// Writes all bytes; false when the child no longer reads.
  func write(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(input, $0.baseAddress! + sent, bytes.count - sent) }
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return false }
      sent += count
    }
    return true
  }
}

/// Where the job executables of this installation lie: the folder of the running one.
enum Installation {
  static func path(of job: String) -> String {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { readlink("/proc/self/exe", $0.baseAddress!.assumingMemoryBound(to: CChar.self), 4095) }
    let own = String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
    let folder = own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    return folder + "/" + job
  }
}
