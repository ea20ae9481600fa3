import Core
import Store
import Trust

/// `compline digest`: one number for the whole canonical store.
enum SiteDigest {
  static func run(_ path: String, json: Bool) throws -> ExitCode {
    let desk = try OperatorDesk(path, .digest)
    let store = try SiteStores.open(desk.site, keys: try SiteStores.allKeys(desk.keys), epoch: nil)
    let digest = try store.digest()
    try desk.record(night: nil, outcome: .closed)
    Console.say(json ? String(decoding: JSONValue.object(["digest": .string(digest)]).canonical, as: UTF8.self) : digest)
    return .closed
  }
}
