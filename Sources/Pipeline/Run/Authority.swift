import Core
import Glibc
import Trust

/// Who is calling, and whether people.yaml lets that account do this today.
enum Authority {
  /// The account's name, or its number where it has none.
  static func account() -> String {
    let id = geteuid()
    guard let entry = getpwuid(id), let name = entry.pointee.pw_name else { return "uid-\(id)" }
    return String(cString: name)
  }

  /// Throws exit 77 unless a live grant covers the verb.
  static func require(_ verb: Verb, _ site: Site) throws {
    let today = Clock.today(in: site.configuration.zone)
    try site.people.decide(account: account(), verb: verb, on: today).require(verb, account: account())
  }
}
