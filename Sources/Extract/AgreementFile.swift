public import Core

/// One file of `agreements/`: the paper that lets a party have data.
public struct AgreementFile: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    /// Business associate agreement (45 CFR 164.504(e)).
    case businessAssociate = "BAA"
    /// Data use agreement (45 CFR 164.514(e)(4)).
    case dataUse = "DUA"
    /// Trading-partner agreement (45 CFR 162.915).
    case tradingPartner = "TPA"
  }

  public var agreement: String
  public var kind: Kind
  public var party: String
  public var purpose: DisclosurePurpose
  /// The classes of data that it permits.
  public var classes: Set<DataClass>
  /// True where delivery in clear is permitted.
  public var permitsClearDelivery: Bool
  /// First and last business date, both included.
  public var from: BusinessDate
  public var until: BusinessDate
  public var owner: String
  /// When a person must look at it again.
  public var review: BusinessDate

  /// Reads an agreement file.
  ///
  /// - Throws: `ConfigurationError` EXT-201 (unknown or missing key, wrong shape), EXT-202 (a value outside its closed list or form), with position.
  public static func read(_ node: OutlineNode) throws(ConfigurationError) -> AgreementFile {
    try node.allow(["agreement", "kind", "party", "purpose", "classes", "envelope_none", "from", "until", "owner", "review"], code: "EXT-201")
    let from = try Reading.date("from", of: node, code: "EXT-202"), until = try Reading.date("until", of: node, code: "EXT-202")
    guard from <= until else { throw ConfigurationError("EXT-202", "'until' is before 'from'", at: node["until"] ?? node) }
    return AgreementFile(
      agreement: try Reading.name("agreement", of: node, code: "EXT-201"), kind: try Reading.choice("kind", of: node, Kind.allCases, code: "EXT-202"),
      party: try node.required("party", code: "EXT-201"),
      purpose: try Reading.choice("purpose", of: node, DisclosurePurpose.allCases, code: "EXT-202"), classes: try classes(of: node),
      permitsClearDelivery: try permitsClear(node), from: from, until: until, owner: try node.required("owner", code: "EXT-201"),
      review: try Reading.date("review", of: node, code: "EXT-202"))
  }

  private static func classes(of node: OutlineNode) throws(ConfigurationError) -> Set<DataClass> {
    let names = try node.texts("classes", code: "EXT-201")
    guard !names.isEmpty else { throw ConfigurationError("EXT-201", "the key 'classes' is missing or empty", at: node) }
    var classes: Set<DataClass> = []
    for name in names {
      guard let kind = DataClass(rawValue: name) else {
        let legal = DataClass.allCases.map(\.rawValue).joined(separator: ", ")
        throw ConfigurationError("EXT-202", "unknown class '\(name)'", hint: "Legal classes: \(legal).", at: node["classes"] ?? node)
      }
      classes.insert(kind)
    }
    return classes
  }

  /// Absent means refused: delivery in clear must be written down.
  private static func permitsClear(_ node: OutlineNode) throws(ConfigurationError) -> Bool {
    guard let value = node["envelope_none"] else { return false }
    switch value.text {
    case "permitted": return true
    case "refused": return false
    default: throw ConfigurationError("EXT-202", "'envelope_none' is not one of the values that can be used", hint: "Legal values: permitted, refused.", at: value)
    }
  }
}

/// Whether a consumer may have bytes: asked when the extract is planned and again before it is released. Deny by default.
public enum AgreementGate {
  /// Why not; the raw value is the break code of the statement.
  public enum Refusal: String, Sendable, CaseIterable {
    case missing = "AGREEMENT-MISSING"
    case notYet = "AGREEMENT-NOT-YET"
    case expired = "AGREEMENT-EXPIRED"
    case envelopeNotPermitted = "ENVELOPE-NOT-PERMITTED"
    case suspended = "CONSUMER-SUSPENDED"
  }

  public enum Decision: Sendable, Equatable {
    case permitted
    case refused(Refusal)
  }

  /// The agreement must be the one that the consumer names, for the same purpose, and cover both the business date and the day of delivery.
  public static func decide(
    _ consumer: ConsumerFile, agreement: AgreementFile?, businessDate: BusinessDate, deliveryDate: BusinessDate
  ) -> Decision {
    guard !consumer.isSuspended else { return .refused(.suspended) }
    guard let agreement, agreement.agreement == consumer.agreement, agreement.purpose == consumer.purpose else { return .refused(.missing) }
    guard agreement.from <= min(businessDate, deliveryDate) else { return .refused(.notYet) }
    guard max(businessDate, deliveryDate) <= agreement.until else { return .refused(.expired) }
    guard consumer.envelope != .none || agreement.permitsClearDelivery else { return .refused(.envelopeNotPermitted) }
    return .permitted
  }
}
