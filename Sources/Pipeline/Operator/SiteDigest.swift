import Core
import Store
import Trust

/// `compline digest`: one number for the whole canonical store.
enum SiteDigest {
  static func run(_ path: String, asKnownOn night: String?, json: Bool) throws -> ExitCode {
    let desk = try OperatorDesk(path, .digest)
    let store = try SiteStores.open(desk.site, keys: try SiteStores.allKeys(desk.keys), epoch: nil)
    let night = try KnownNight.resolve(night, desk.site), digest = try store.digest(asKnownOn: night)
    try desk.record(night: night, outcome: .closed)
    Console.say(json ? String(decoding: JSONValue.object(KnownNight.members(night, ["digest": .string(digest)])).canonical, as: UTF8.self) : digest)
    return .closed
  }
}

/// `--as-known-on`: the night whose knowledge is asked for.
enum KnownNight {
  /// Nil for what is believed now.
  static func resolve(_ text: String?, _ site: Site) throws -> BusinessDate? { try text.map { try NightChoice.resolve($0, site: site) } }

  /// With the night, where one was asked for.
  static func members(_ night: BusinessDate?, _ members: [String: JSONValue]) -> [String: JSONValue] {
    var members = members
    if let night { members["as_known_on"] = .string(night.description) }
    return members
  }
}
