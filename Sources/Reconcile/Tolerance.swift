public import Core

/// A permitted difference: never without a reason, an owner and a last day. After that day it is zero.
public struct Tolerance: Sendable, Equatable {
  public var code: BreakCode
  /// The largest difference that is covered, in the unit of the break (messages, batches, drops).
  public var within: Int
  public var reason: String
  public var owner: String
  /// The last business date on which it holds.
  public var until: BusinessDate

  public init(code: BreakCode, within: Int, reason: String, owner: String, until: BusinessDate) {
    self.code = code
    self.within = within
    self.reason = reason
    self.owner = owner
    self.until = until
  }

  /// Reads the `tolerances` list of a feed or consumer file; an absent list is none.
  ///
  /// - Throws: `ConfigurationError` REC-110 (shape, unknown or missing key), REC-111 (unknown code, or one that nothing may cover),
  ///   REC-112 (not a count), REC-113 (not a date), with position.
  public static func list(reading node: OutlineNode?) throws(ConfigurationError) -> [Tolerance] {
    guard let node else { return [] }
    guard let items = node.items else { throw ConfigurationError("REC-110", "'tolerances' must be a list", at: node) }
    var list: [Tolerance] = []
    for item in items { list.append(try Tolerance(reading: item)) }
    return list
  }

  private init(reading node: OutlineNode) throws(ConfigurationError) {
    try node.allow(["code", "within", "reason", "owner", "until"], code: "REC-110")
    code = try Self.code(try node.required("code", code: "REC-110"), at: node["code"] ?? node)
    let digits = try node.required("within", code: "REC-110")
    guard let count = CalendarDay.number(digits.utf8) else {
      throw ConfigurationError("REC-112", "'within' must be a whole number that is not negative", at: node["within"] ?? node)
    }
    within = count
    reason = try node.required("reason", code: "REC-110")
    owner = try node.required("owner", code: "REC-110")
    guard let day = BusinessDate(try node.required("until", code: "REC-110")) else {
      throw ConfigurationError("REC-113", "'until' must be a date", hint: "Write YYYY-MM-DD.", at: node["until"] ?? node)
    }
    until = day
  }

  private static func code(_ text: String, at node: OutlineNode) throws(ConfigurationError) -> BreakCode {
    let legal = BreakCode.allCases.filter(\.canBeTolerated)
    if let code = legal.first(where: { $0.rawValue == text }) { return code }
    let names = legal.map(\.rawValue).joined(separator: ", ")
    throw ConfigurationError("REC-111", "no tolerance can be given for this code", hint: "Legal codes: \(names).", at: node)
  }
}
