public import Core
internal import Glibc

/// A broken promise of keys, seals, files or the audit log: a stable code, a place, and what to do. Never a value from a message.
///
/// - Codes: TRU-1xx keys, 2xx seals, 3xx files, 4xx audit, 5xx access, 7xx the cryptographic library.
public struct TrustError: CodedError, Equatable, CustomStringConvertible {
  public let code: String
  public let summary: String
  public let hint: String
  public let exitCode: ExitCode

  init(_ code: String, _ summary: String, hint: String = "", exit: ExitCode) {
    self.code = code
    self.summary = summary
    self.hint = hint
    exitCode = exit
  }

  public var description: String { code + "  " + summary }
}

extension TrustError {
  static func key(_ number: Int, _ file: String, _ fault: String, hint: String) -> TrustError {
    TrustError("TRU-\(number)", "key file \(file): \(fault)", hint: hint, exit: .notPermitted)
  }

  static func seal(_ number: Int, _ fault: String) -> TrustError {
    TrustError(
      "TRU-\(number)", fault, hint: "The bytes were changed or belong elsewhere; restore the file or pull the drop again.", exit: .inputOutput)
  }

  /// A system call that failed, named with its errno. Call it at once: the next call may change errno.
  static func system(_ call: StaticString, _ place: String = "", number: Int32 = errno) -> TrustError {
    let at = place.isEmpty ? "" : " on \(place)"
    return TrustError("TRU-301", "\(call) failed\(at): \(SystemErrorName.of(number))", hint: remedy(number) + ", then run the same again.", exit: .inputOutput)
  }

  private static func remedy(_ number: Int32) -> String {
    switch number {
    case ENOENT, ENOTDIR: "Nothing is there; check the path, and that its volume is mounted"
    case EACCES, EPERM, EROFS: "This account may not; check owner and mode of it and of the folders above it"
    case ENOSPC, EDQUOT: "Free space on the volume"
    case EMFILE, ENFILE: "Too many files are open; raise the limit of the account or of the machine"
    default: "Check the path, its owner and the volume"
    }
  }

  static func audit(_ number: Int, _ fault: String) -> TrustError {
    TrustError(
      "TRU-\(number)", "audit log: \(fault)",
      hint: "Keep var/audit as it is and compare it with a backup and with the checkpoints that consumers hold.", exit: .inputOutput)
  }

  static func library(_ call: StaticString) -> TrustError {
    TrustError("TRU-701", "libcrypto: \(call) failed", hint: "Check the version of OpenSSL (`openssl version`, at least 3.0).", exit: .internalError)
  }
}

/// The symbolic name of an errno value.
public enum SystemErrorName {
  private static let names: [Int32: String] = [
    EPERM: "EPERM", ENOENT: "ENOENT", EINTR: "EINTR", EIO: "EIO", EBADF: "EBADF", EAGAIN: "EAGAIN", ENOMEM: "ENOMEM", EACCES: "EACCES",
    EBUSY: "EBUSY", EEXIST: "EEXIST", EXDEV: "EXDEV", ENODEV: "ENODEV", ENOTDIR: "ENOTDIR", EISDIR: "EISDIR", EINVAL: "EINVAL",
    ENFILE: "ENFILE", EMFILE: "EMFILE", EFBIG: "EFBIG", ENOSPC: "ENOSPC", ESPIPE: "ESPIPE", EROFS: "EROFS", EMLINK: "EMLINK", EPIPE: "EPIPE",
    ENAMETOOLONG: "ENAMETOOLONG", ENOLCK: "ENOLCK", ENOTEMPTY: "ENOTEMPTY", ELOOP: "ELOOP", EDQUOT: "EDQUOT", ESTALE: "ESTALE",
    ENOTSUP: "ENOTSUP", ETIMEDOUT: "ETIMEDOUT", ENXIO: "ENXIO",
  ]

  /// `ENOSPC` for 28; `errno 4711` for a number without a name here.
  public static func of(_ number: Int32) -> String { names[number] ?? "errno \(number)" }
}
