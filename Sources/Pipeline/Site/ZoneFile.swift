import Core
import Trust

/// The zone database of the machine: `America/Chicago` to its rules.
enum ZoneFile {
  /// The bytes of a zone's TZif file, to be sent to a worker; nil when there is none of that name.
  static func bytes(_ name: String) -> [UInt8]? {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    let legal = parts.allSatisfy { part in !part.isEmpty && part.utf8.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || $0 == 0x5F || $0 == 0x2D || $0 == 0x2B } }
    guard legal else { return nil }
    return try? DurableFile.read("/usr/share/zoneinfo/" + name, maximumBytes: 1 << 20)
  }

  static func rules(_ name: String, at node: OutlineNode) throws(ConfigurationError) -> ZoneRules {
    guard let bytes = bytes(name), let rules = ZoneRules(tzif: bytes) else {
      throw ConfigurationError("CFG-110", "'\(name)' is not a time zone of this machine", hint: "Use a name like America/Chicago (package tzdata).", at: node)
    }
    return rules
  }
}
