public import Core

/// One act, as the audit log keeps it: closed types only, so that nothing from a message can get in (NIST 800-53 AU-3(3)).
public struct AuditEntry: Sendable, Equatable {
  /// What was acted on.
  public enum Subject: Sendable, Equatable {
    case site
    case feed(PlainName)
    case consumer(PlainName)
    case account(PlainName)
    case mapping(PlainName)
    case drop(ObjectID)
    case extract(ObjectID)
    case row(ObjectID)
  }

  /// How it ended.
  public enum Outcome: Sendable, Equatable {
    case done
    /// The verb was not permitted.
    case refused
    case ended(ExitCode)
  }

  /// What is counted.
  public enum Count: String, Sendable, CaseIterable {
    case drops, duplicates, resubmitted, arriving, messages, rows, held, rejected, breaks, exceptions, files, bytes, sent, withheld, entries, epoch, pins
  }

  /// Digests of files that hold no values from messages.
  public enum Digest: String, Sendable, CaseIterable {
    case statement, manifest, mapping, specification, agreement, canonical, checkpoint, diff, replay, undo, identity, promotion, pins
  }

  /// Microseconds since the epoch, UTC. Order in the log counts, not the clock.
  public var instant: Int
  /// The operating system account.
  public var actor: PlainName
  /// What was done.
  public var verb: Verb
  /// To what.
  public var subject: Subject
  /// The business date that it was done for.
  public var night: BusinessDate?
  /// The run that it was part of.
  public var run: ObjectID?
  /// What values were seen for, where the act reveals some.
  public var purpose: PlainName?
  /// Who answers for it and why, where an act needs both: names and tickets, never a text.
  public var person: PlainName?
  public var reason: PlainName?
  /// How it ended.
  public var outcome: Outcome
  /// How many, by kind.
  public var counts: [Count: Int] = [:]
  /// Thirty-two bytes each.
  public var digests: [Digest: [UInt8]] = [:]

  public init(instant: Int, actor: PlainName, verb: Verb, subject: Subject, outcome: Outcome) {
    self.instant = instant
    self.actor = actor
    self.verb = verb
    self.subject = subject
    self.outcome = outcome
  }

  /// The leaf: canonical JSON on one line.
  var leaf: [UInt8] {
    var members: [String: JSONValue] = [
      "v": 1, "at": .string(ClinicalTime.text(instant: instant)), "actor": .string(actor.text), "verb": .string(verb.rawValue),
      "subject": subject.json, "outcome": .string(outcome.name),
    ]
    if let night { members["night"] = .string(night.description) }
    if let purpose { members["purpose"] = .string(purpose.text) }
    if let person { members["person"] = .string(person.text) }
    if let reason { members["reason"] = .string(reason.text) }
    if let run { members["run"] = .string(run.hex) }
    if !counts.isEmpty { members["counts"] = .object(Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, JSONValue.integer($0.value)) })) }
    if !digests.isEmpty { members["digests"] = .object(Dictionary(uniqueKeysWithValues: digests.map { ($0.key.rawValue, JSONValue.string(Hex.text($0.value))) })) }
    return JSONValue.object(members).canonical
  }
}

extension AuditEntry.Subject {
  var json: JSONValue {
    switch self {
    case .site: ["kind": "site"]
    case .feed(let name): ["kind": "feed", "name": .string(name.text)]
    case .consumer(let name): ["kind": "consumer", "name": .string(name.text)]
    case .account(let name): ["kind": "account", "name": .string(name.text)]
    case .mapping(let name): ["kind": "mapping", "name": .string(name.text)]
    case .drop(let id): ["kind": "drop", "id": .string(id.hex)]
    case .extract(let id): ["kind": "extract", "id": .string(id.hex)]
    case .row(let id): ["kind": "row", "id": .string(id.hex)]
    }
  }
}

extension AuditEntry.Outcome {
  /// As the entry writes it: `done`, `refused`, `ended-3`.
  public var name: String {
    switch self {
    case .done: "done"
    case .refused: "refused"
    case .ended(let code): "ended-" + String(code.rawValue)
    }
  }
}
