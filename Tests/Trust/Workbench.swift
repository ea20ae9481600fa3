import Core
import Foundation
import Glibc
import Trust

/// A folder that removes itself.
final class Workbench {
  let path: String

  init() {
    path = NSTemporaryDirectory() + "/trust-" + UUID().uuidString
    mkdir(path, 0o700)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  func bytes(_ name: String) -> [UInt8] { (FileManager.default.contents(atPath: file(name)).map { Array($0) }) ?? [] }

  func put(_ bytes: [UInt8], _ name: String, mode: mode_t = 0o600) {
    _ = FileManager.default.createFile(atPath: file(name), contents: Data(bytes))
    chmod(file(name), mode)
  }

  /// Makes `site` and gives the keys beside it.
  func keys() throws -> KeyDirectory {
    mkdir(file("site"), 0o700)
    return try KeyDirectory.create(at: file("keys"), outside: file("site"))
  }
}

/// The code of the error that `body` throws, or an empty text.
func code(_ body: () throws -> Void) -> String {
  do { try body() } catch let error as any CodedError { return error.code } catch { return "other" }
  return ""
}

func run(_ program: String, _ arguments: [String]) throws -> Int32 {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: program)
  process.arguments = arguments
  process.standardOutput = FileHandle.nullDevice
  process.standardError = FileHandle.nullDevice
  try process.run()
  process.waitUntilExit()
  return process.terminationStatus
}
