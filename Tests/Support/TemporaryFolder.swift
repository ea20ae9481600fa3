import Glibc

/// A folder of its own (0700) that removes itself, with everything in it, when the last reference goes.
public final class TemporaryFolder: Sendable {
  /// Absolute, without a slash at the end.
  public let path: String

  public init() throws {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/compline-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw TestFailure("mkdtemp: errno \(errno)") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { TestFile.remove(path) }

  /// The absolute path of something in the folder.
  public func path(_ name: String) -> String { path + "/" + name }

  /// Writes a file below the folder and gives its absolute path.
  @discardableResult
  public func write(_ bytes: [UInt8], to name: String) throws -> String {
    try TestFile.write(bytes, to: path(name))
    return path(name)
  }

  /// As `write(_:to:)`, from text.
  @discardableResult
  public func write(_ text: String, to name: String) throws -> String { try write(Array(text.utf8), to: name) }

  /// The bytes of a file below the folder.
  public func read(_ name: String) throws -> [UInt8] { try TestFile.read(path(name)) }

  /// The regular files below the folder, relative to it, ascending.
  public func files() throws -> [String] { try TestFile.list(under: path) }
}
