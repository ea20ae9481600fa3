import Core

/// A mapping or set with its version, `hl7v2-standard@2`.
struct VersionName: Sendable, Hashable, CustomStringConvertible {
  let id: String
  let version: Int

  init(_ id: String, _ version: Int) {
    self.id = id
    self.version = version
  }

  /// Nil for anything but a name, an at sign and a number above zero.
  init?(_ text: String) {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, Name.isLegal(parts[0]), let version = Int(parts[1]), version > 0, String(version) == parts[1] else { return nil }
    self.init(parts[0], version)
  }

  /// From an argument of a command.
  static func argument(_ text: String) throws(PipelineError) -> VersionName {
    guard let name = VersionName(text) else {
      throw PipelineError("PIP-801", .usage, "a version is not of the form NAME@VERSION", hint: "Write it like hl7v2-standard@2.")
    }
    return name
  }

  var description: String { "\(id)@\(version)" }
}
