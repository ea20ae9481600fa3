import Core
import Exchange
import Glibc

/// Where the job executables of this installation lie: the folder of the running one.
enum Installation {
  static func path(of job: String) -> String {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { readlink("/proc/self/exe", $0.baseAddress!.assumingMemoryBound(to: CChar.self), 4095) }
    let own = String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
    let folder = own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    return folder + "/" + job
  }

  /// Starts a program of this installation.
  static func start(_ request: ChildProcess.Request) throws(PipelineError) -> ChildProcess {
    do throws(ChildProcess.Fault) { return try ChildProcess(request) } catch {
      switch error {
      case .pipe: throw .system("PIP-201", "no pipe for a child process")
      case .start(let number):
        throw PipelineError(
          "PIP-202", .internalError, "a program of this installation could not be started: \(String(cString: strerror(number)))", hint: "Check that all job executables lie in one folder.")
      }
    }
  }
}
