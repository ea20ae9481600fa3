import Core
import Exchange

/// `limits:` of a feed file: what one drop may be.
struct FeedLimits: Sendable, Equatable {
  /// A larger file is not fetched.
  var dropBytes = FeedSource.usualMaximumBytes

  private static let units = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)]
  private static let range = 1 << 10...1 << 40

  /// What is not named is as usual. - Throws: CFG-201, CFG-230.
  init(reading node: OutlineNode?) throws(ConfigurationError) {
    guard let node else { return }
    try node.allow(["drop"], code: "CFG-201")
    guard let text = try node.optional("drop", code: "CFG-202") else { return }
    guard let bytes = Self.bytes(text), Self.range.contains(bytes) else {
      throw ConfigurationError("CFG-230", "'drop' must be from 1KiB to 1024GiB", hint: "limits: {drop: 500MiB}; units: KiB, MiB, GiB", at: node["drop"] ?? node)
    }
    dropBytes = bytes
  }

  private static func bytes(_ text: String) -> Int? {
    guard let (unit, factor) = units.first(where: { text.hasSuffix($0.0) }), let number = Int(text.dropLast(unit.utf8.count)) else { return nil }
    let (bytes, isTooMany) = number.multipliedReportingOverflow(by: factor)
    return isTooMany ? nil : bytes
  }
}
