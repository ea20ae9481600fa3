internal import COpenSSL
internal import Glibc

/// What a process does before it touches a key or a drop, so that a crash leaves nothing readable behind.
public enum Hardening {
  private static let backtraceVariable = "SWIFT_BACKTRACE", backtraceOff = "enable=no"

  /// No core file, no dump through the kernel's pipe, no bits for group and others in new files.
  ///
  /// - Throws: TRU-301 when the kernel refuses.
  public static func apply() throws(TrustError) {
    var limit = rlimit(rlim_cur: 0, rlim_max: 0)
    guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0 else { throw .system("setrlimit") }
    guard compline_forbid_core_dump() == 0 else { throw .system("prctl") }
    _ = umask(0o077)
  }

  /// Nothing that this process starts can gain rights, by set-user-id or otherwise.
  public static func forbidNewPrivileges() throws(TrustError) {
    guard compline_forbid_new_privileges() == 0 else { throw .system("prctl") }
  }

  /// Anything but exactly that may turn them on, `enable=no,enable=yes` too.
  static func isRestartNeeded(_ setting: String?) -> Bool { setting != backtraceOff }

  /// Starts this program anew, once, with `SWIFT_BACKTRACE=enable=no`, whatever the caller's environment says.
  ///
  /// Swift reads the variable before `main`; with backtraces on, a crash writes registers and the bytes they point to on standard error.
  /// Call it first, before `apply`, which hides `/proc/self` from accounts other than root.
  public static func reexecWithoutBacktrace() throws(TrustError) {
    let setting = unsafe getenv(backtraceVariable).map { unsafe String(cString: $0) }
    guard isRestartNeeded(setting) else { return }
    var path = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe path.withUnsafeMutableBytes { unsafe readlink("/proc/self/exe", $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count) }
    guard count > 0, count < path.count else { throw .system("readlink") }
    // All of that name go, then one comes: nothing stands before it.
    guard unsafe unsetenv(backtraceVariable) == 0, unsafe setenv(backtraceVariable, backtraceOff, 1) == 0 else { throw .system("setenv") }
    unsafe execv(String(decoding: path[..<count], as: UTF8.self), CommandLine.unsafeArgv)
    throw .system("execv")
  }
}
