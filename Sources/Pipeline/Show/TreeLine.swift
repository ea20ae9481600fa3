import Core

/// One line of a message as a tree.
struct TreeLine: Equatable {
  var depth: Int
  /// `PID-3[2].4.1`, or the name of an element or attribute.
  var path: String
  /// The standard's name; empty where the path is the name.
  var name = ""
  /// The data type, where it is known.
  var type = ""
  /// As it may be shown; nil where what stands below makes it up.
  var value: String?

  var text: String {
    var text = String(repeating: "  ", count: depth) + path
    if !name.isEmpty { text = Self.padded(text, 18) + name }
    return value.map { Self.padded(text, name.isEmpty ? 30 : 60) + $0 } ?? text
  }

  var json: JSONValue {
    var members: [String: JSONValue] = ["path": .string(path), "depth": .integer(depth)]
    if !name.isEmpty { members["name"] = .string(name) }
    if !type.isEmpty { members["type"] = .string(type) }
    if let value { members["value"] = .string(value) }
    return .object(members)
  }

  /// Filled up with blanks, two at least.
  private static func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(width - text.count, 2)) }
}

/// A segment of a message, or the header, an entry or a section of a document.
struct TreePart {
  /// `PID`, `entry`.
  var code: String
  var name: String
  /// One-based, among its like.
  var occurrence: Int
  var byteOffset: Int?
  var lines: [TreeLine]

  var text: String {
    let place = byteOffset.map { "  (byte \($0))" } ?? ""
    let title = name.isEmpty ? "\(code) \(occurrence)\(place)" : "\(code)  \(name)\(occurrence > 1 ? " \(occurrence)" : "")\(place)"
    return ([title] + lines.map { "  " + $0.text }).joined(separator: "\n")
  }

  var json: JSONValue {
    var members: [String: JSONValue] = ["part": .string(code), "occurrence": .integer(occurrence), "lines": .array(lines.map(\.json))]
    if !name.isEmpty { members["name"] = .string(name) }
    if let byteOffset { members["byte"] = .integer(byteOffset) }
    return .object(members)
  }
}
