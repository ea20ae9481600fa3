public import Core
public import Store

/// One line of the list of a night's exceptions: one code at one place of one drop, and how often.
public struct ListedException: Sendable, Equatable {
  public var code: FindingCode
  public var feed: String
  /// The drop's place among those of its feed, one-based, as the statement counts them; nil where no drop is meant.
  public var drop: Int?
  /// The drop's random id and that of one of the exceptions; empty where there is none. They stand in no statement.
  public var dropID = ""
  public var ref = ""
  public var entity: String?
  /// First and last message, one-based; nil where the whole drop or feed is meant.
  public var messages: ClosedRange<Int>?
  /// Where, for people: `PID-3, occurrence 1`, `row, occurrences 1-60`, `new-code ADT PV1-2, 12 of 90`.
  public var position: String
  public var count: Int

  init(_ code: FindingCode, _ feed: String, _ position: String, count: Int) { (self.code, self.feed, self.position, self.count) = (code, feed, position, count) }
}

extension ListedException {
  /// The lines of a night: by feed, then code, drop and place. Each counted exception stands in one of them.
  ///
  /// - groups: what the ledger knows of each; what it does not know stands by itself, and what is left is a line that says so.
  public static func list(_ feeds: [FeedJudgement], groups: [ExceptionGroup]) -> [ListedException] {
    let byFeed = Dictionary(grouping: groups, by: \.feed)
    return feeds.flatMap { feed in
      let known = Dictionary(grouping: byFeed[feed.feed] ?? [], by: \.code)
      return feed.exceptions.sorted { $0.key < $1.key }.flatMap { code, count in lines(code, count, feed, known[code] ?? []) }
    }
  }

  private static func lines(_ code: FindingCode, _ count: Int, _ feed: FeedJudgement, _ groups: [ExceptionGroup]) -> [ListedException] {
    let numbers = Dictionary(feed.ledger.drops.enumerated().map { ($1.id, $0 + 1) }, uniquingKeysWith: { first, _ in first })
    var lines = groups.map { ListedException($0, drop: numbers[$0.dropID]) } + ofFeed(code, feed)
    let rest = count.minus(lines.map(\.count).total)
    if rest > 0 { lines.append(ListedException(code, feed.feed, "not listed one by one", count: rest)) }
    return lines
  }

  /// What is counted beside the exceptions of messages: drops under a used name, files that could not be read, differences from the profile.
  private static func ofFeed(_ code: FindingCode, _ feed: FeedJudgement) -> [ListedException] {
    switch code {
    case .dropResubmitted:
      feed.ledger.drops.enumerated().filter(\.element.isResubmission).map { index, drop in
        var line = ListedException(code, feed.feed, "the name of the drop", count: 1)
        (line.drop, line.dropID) = (index + 1, drop.id)
        return line
      }
    case .dropUnreadable where feed.ledger.dropsUnreadable > 0:
      [ListedException(code, feed.feed, "files or folders of the source", count: feed.ledger.dropsUnreadable)]
    case .profileDrift:
      (feed.coverage?.drift ?? []).map { ListedException(code, feed.feed, "\($0.text), \($0.count) of \($0.of)", count: 1) }
    default: []
    }
  }

  private init(_ group: ExceptionGroup, drop: Int?) {
    self.init(group.code, group.feed, Self.position(group), count: group.count)
    (self.drop, dropID, ref, entity) = (drop, group.dropID, group.ref, group.entity)
    messages = group.messages.map { ($0.lowerBound + 1)...($0.upperBound + 1) }
  }

  private static func position(_ group: ExceptionGroup) -> String {
    var parts = group.path.isEmpty ? [] : [group.path]
    if group.occurrences.upperBound > 0 { parts.append(span(group.occurrences, "occurrence")) }
    if parts.isEmpty, group.count == 1, group.byteOffset >= 0 { parts.append("byte \(group.byteOffset)") }
    if group.count > 1 { parts.append("\(group.count) times") }
    return parts.joined(separator: ", ")
  }

  /// `message 3`, `messages 1-60`.
  public static func span(_ range: ClosedRange<Int>, _ noun: String) -> String {
    range.count == 1 ? "\(noun) \(range.lowerBound)" : "\(noun)s \(range.lowerBound)-\(range.upperBound)"
  }

  /// As `statement.json` has it: no random id is in it.
  public var json: JSONValue { .object(members) }

  /// With the random names of drop and exception, for the operator.
  public var namedJSON: JSONValue {
    var members = members
    members["ref"] = ref.isEmpty ? .null : .string(ref)
    members["drop"] = dropID.isEmpty ? .null : .string(dropID)
    return .object(members)
  }

  private var members: [String: JSONValue] {
    [
      "code": .string(code.rawValue), "feed": .string(feed), "drop_number": drop.map { .integer($0) } ?? .null, "entity": entity.map { .string($0) } ?? .null,
      "message": messages.map { .integer($0.lowerBound) } ?? .null, "last_message": messages.map { .integer($0.upperBound) } ?? .null,
      "position": .string(position), "count": .integer(count), "owner_role": .string(code.ownerRole), "hint": .string(code.hint),
    ]
  }
}
