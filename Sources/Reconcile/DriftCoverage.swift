public import Core

/// What a night's statement says of the places and codes of a feed.
public struct FeedCoverage: Sendable, Equatable {
  /// A populated place that nobody reads.
  public struct UnreadPlace: Sendable, Equatable {
    /// The message type or the section's LOINC code.
    public var scope: String
    public var path: String
    /// Messages that hold it, of those looked at.
    public var messages: Int
  }

  /// A code that no earlier night brought and its code set does not hold.
  public struct NewCode: Sendable, Equatable {
    public var codeSet: String
    public var path: String
    /// The code, where it looks like one; else empty.
    public var shown: String
    public var messages: Int
  }

  public var messages = 0
  /// Messages looked at place by place; the counts of places are of these.
  public var looked = 0
  /// Different populated places by what becomes of them.
  public var read = 0
  public var ignored = 0
  public var unread = 0
  /// Most frequent first.
  public var unreadPlaces: [UnreadPlace] = []
  public var newCodes: [NewCode] = []
  /// Nil where no frozen profile says what the feed looks like.
  public var drift: [DriftFinding]?

  /// - profile: the feed's, where it has one; one that nobody has frozen is as none.
  /// - tagKey: the fingerprint of the key of the tally's tags, where it is known; a profile of another key is told by that alone.
  public init(_ tally: FeedTally, newCodes: Set<FeedTally.Item> = [], profile: FeedProfile? = nil, tagKey: String? = nil) {
    (messages, looked) = (tally.messages, tally.looked)
    for (item, sight) in tally.list(.field) {
      switch sight.fate {
      case .read: read += 1
      case .ignored: ignored += 1
      case .unread:
        unread += 1
        unreadPlaces.append(UnreadPlace(scope: item.scope, path: item.path, messages: sight.messages))
      }
    }
    unreadPlaces.sort { $0.messages == $1.messages ? ($0.scope, $0.path) < ($1.scope, $1.path) : $0.messages > $1.messages }
    for (item, sight) in tally.list(.unmapped) where newCodes.contains(item) {
      self.newCodes.append(NewCode(codeSet: item.scope, path: item.path, shown: sight.shown, messages: sight.messages))
    }
    if let profile, profile.frozen != nil { drift = profile.isOf(tagKey) ? DriftReview.findings(tally, against: profile) : [.otherKeys] }
  }
}

extension FeedProfile {
  /// False where its codes are known to be tagged under another key.
  public func isOf(_ key: String?) -> Bool { tagKey.isEmpty || key == nil || tagKey == key }
}

extension Statement {
  /// At most so many unread places, codes and differences are listed; the counts are of all.
  private static let listed = 200

  static func coverage(_ item: FeedCoverage) -> JSONValue {
    var members: [String: JSONValue] = [
      "messages": .integer(item.messages), "looked": .integer(item.looked), "read": .integer(item.read), "ignored": .integer(item.ignored),
      "unread": .integer(item.unread),
      "unread_places": .array(
        item.unreadPlaces.prefix(listed).map { ["scope": .string($0.scope), "path": .string($0.path), "messages": .integer($0.messages)] }),
      "new_codes": .array(
        item.newCodes.prefix(listed).map {
          ["code_set": .string($0.codeSet), "path": .string($0.path), "code": $0.shown.isEmpty ? .null : .string($0.shown), "messages": .integer($0.messages)]
        }),
      "drift": .null,
    ]
    if let drift = item.drift { members["drift"] = .array(drift.prefix(listed).map(difference)) }
    return .object(members)
  }

  private static func difference(_ item: DriftFinding) -> JSONValue {
    [
      "kind": .string(item.kind.rawValue), "scope": .string(item.place.scope), "path": .string(item.place.path),
      "code": item.shown.isEmpty ? .null : .string(item.shown), "count": .integer(item.count), "of": .integer(item.of),
    ]
  }

  /// The places of all feeds, folded; differences from a profile first.
  func coverage(_ page: inout HTMLWriter) {
    let feeds = judgement.feeds.compactMap { feed in feed.coverage.map { (feed.feed, $0) } }
    guard !feeds.isEmpty else { return }
    page.raw("<section id=\"coverage\">\n<h2>Coverage and drift</h2>\n")
    page.table(
      ["Feed", "Messages", "Looked at", "Places read", "Ignored", "Unread", "New codes", "Drift"],
      feeds.map { name, item in
        [
          .code(name), .number(item.messages), .number(item.looked), .number(item.read), .number(item.ignored), .number(item.unread),
          .number(item.newCodes.count), item.drift.map { .number($0.count) } ?? .text("no frozen profile"),
        ]
      })
    for (name, item) in feeds { details(name, item, &page) }
    page.raw("</section>\n")
  }

  private func details(_ name: String, _ item: FeedCoverage, _ page: inout HTMLWriter) {
    if let drift = item.drift, !drift.isEmpty {
      page.element("h3", "\(name): differences from its profile")
      page.table(["Kind", "Place", "Code", "Seen", "Of"], drift.prefix(Self.listed).map {
        [.text($0.kind.rawValue), .code("\($0.place.scope) \($0.place.path)"), .text($0.shown.isEmpty ? "(not shown)" : $0.shown), .number($0.count), .number($0.of)]
      })
    }
    if !item.newCodes.isEmpty {
      page.element("h3", "\(name): codes that no earlier night brought")
      page.table(["Code set", "Place", "Code", "Messages"], item.newCodes.prefix(Self.listed).map {
        [.code($0.codeSet), .code($0.path), .text($0.shown.isEmpty ? "(not shown)" : $0.shown), .number($0.messages)]
      })
    }
    if !item.unreadPlaces.isEmpty {
      page.raw("<details><summary>")
      page.text("\(name): \(Figures.count(item.unread, "place", "places")) that no mapping reads or ignores")
      page.raw("</summary>\n")
      page.table(["Where", "Place", "Messages"], item.unreadPlaces.prefix(Self.listed).map { [.code($0.scope), .code($0.path), .number($0.messages)] })
      page.raw("</details>\n")
    }
  }
}
