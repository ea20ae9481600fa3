public import Core

/// What a principal may be granted.
public enum Verb: String, Sendable, CaseIterable {
  case pull, ingest, reconcile, extract, close, check, status, inspect, trace, digest, export, `import`, audit, keys, exceptions
  /// To see values of a message in clear, for a purpose.
  case reveal
  /// Mappings: to freeze versions, to compare two of them over stored drops, to put one in force, to agree to that as the second person.
  case release, diff, promote, approve
  /// To run stored drops again.
  case replay
  /// To take back what a run of ingest brought.
  case undo
  /// To see which patients may be one person, and to say what is so.
  case identity
  /// To take in what consumers answer; a job that extracts does it.
  case receive
  /// To stop a feed or a consumer, and to let it go on.
  case suspend
  /// To freeze a feed's profile, against which its nights are held.
  case freeze
}

/// A right for some days; it ends by itself.
public struct Grant: Sendable, Equatable {
  /// What may be done.
  public let verbs: Set<Verb>
  /// First and last day, both included.
  public let from: BusinessDate, until: BusinessDate

  public init(_ verbs: Set<Verb>, from: BusinessDate, until: BusinessDate) {
    self.verbs = verbs
    self.from = from
    self.until = until
  }
}

/// A person or a job, known by its operating system account.
public struct Principal: Sendable, Equatable {
  /// As the operating system names it.
  public let account: String
  /// For work lists; a role alone grants nothing.
  public let roles: [String]
  /// Live, past and future ones.
  public let grants: [Grant]

  public init(account: String, roles: [String], grants: [Grant]) {
    self.account = account
    self.roles = roles
    self.grants = grants
  }
}

/// Everyone who may do anything on this site.
public struct People: Sendable, Equatable {
  /// In the order of people.yaml.
  public let principals: [Principal]

  public init(_ principals: [Principal]) { self.principals = principals }

  /// Whether an account may do something on a day. What no live grant names is denied (45 CFR 164.312(a)(1)).
  public func decide(account: String, verb: Verb, on date: BusinessDate) -> Decision {
    let own = principals.filter { $0.account == account }
    guard !own.isEmpty else { return .denied(.unknownAccount) }
    let grants = own.flatMap(\.grants).filter { $0.verbs.contains(verb) }
    guard !grants.isEmpty else { return .denied(.noGrant) }
    if let last = grants.filter({ $0.from <= date && date <= $0.until }).map(\.until).max() { return .permitted(until: last) }
    if let next = grants.map(\.from).filter({ $0 > date }).min() { return .denied(.notYet(from: next)) }
    return .denied(.expired(grants.map(\.until).max() ?? date))
  }
}

/// The answer of `People.decide`.
public enum Decision: Sendable, Equatable {
  /// Why a verb is denied.
  public enum Reason: Sendable, Equatable {
    case unknownAccount, noGrant
    case notYet(from: BusinessDate)
    /// The last day of the last grant.
    case expired(BusinessDate)
  }

  /// The last day of the longest live grant.
  case permitted(until: BusinessDate)
  case denied(Reason)

  /// True for `permitted`.
  public var isPermitted: Bool { if case .permitted = self { true } else { false } }

  /// Throws what `denied` means for a command: TRU-501, exit 77.
  public func require(_ verb: Verb, account: String) throws(TrustError) {
    guard case .denied(let reason) = self else { return }
    let why = switch reason {
    case .unknownAccount: "people.yaml does not know it"
    case .noGrant: "no grant names it"
    case .notYet(let date): "its grant begins on \(date)"
    case .expired(let date): "its grant ended on \(date)"
    }
    throw TrustError("TRU-501", "account \(account) may not \(verb.rawValue): \(why)", hint: "Ask for a grant in people.yaml, with dates.", exit: .notPermitted)
  }
}
