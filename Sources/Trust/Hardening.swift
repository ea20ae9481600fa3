internal import COpenSSL
internal import Glibc

/// What a process does before it touches a key or a drop, so that a crash leaves nothing readable behind.
public enum Hardening {
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

  /// Starts this program anew, once, with `SWIFT_BACKTRACE=enable=no`, unless the environment says something about it already.
  ///
  /// Swift reads the variable before `main`; with backtraces on, a crash writes registers and the bytes they point to on standard error.
  /// Call it first, before `apply`, which hides `/proc/self` from accounts other than root.
  public static func reexecWithoutBacktrace() throws(TrustError) {
    guard unsafe getenv("SWIFT_BACKTRACE") == nil else { return }
    var path = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe path.withUnsafeMutableBytes { unsafe readlink("/proc/self/exe", $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count) }
    guard count > 0, count < path.count else { throw .system("readlink") }
    unsafe setenv("SWIFT_BACKTRACE", "enable=no", 1)
    unsafe execv(String(decoding: path[..<count], as: UTF8.self), CommandLine.unsafeArgv)
    throw .system("execv")
  }
}
