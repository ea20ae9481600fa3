public import Core
import Extract

/// A consumer and its agreement as files, for tests: change a line and read again.
enum Paper {
  static let consumer: [(String, OutlineNode.Content)] = [
    ("consumer", "billing"), ("owner", "billing@clinic.example"), ("purpose", "payment"), ("agreement", "billing-baa"),
    ("specification", .mapping(entries(specification))), ("envelope", "none"),
    ("delivery", .mapping(entries([("folder", "delivery/billing"), ("name", "{consumer}-{night}.csv")]))),
  ]

  static let specification: [(String, OutlineNode.Content)] = [
    ("id", "billing-charges"), ("version", "1"), ("entity", "charge"), ("fields", .sequence([field("account"), field("transaction"), field("service"), field("amount")])),
    ("require", .sequence([node(.mapping(entries([("field", "account"), ("reason", "ACCOUNT-MISSING")])))])),
    ("totals", .mapping(entries([("sum", "amount")]))), ("order", "service"),
  ]

  static let agreement: [(String, OutlineNode.Content)] = [
    ("agreement", "billing-baa"), ("kind", "BAA"), ("party", "Example Billing"), ("purpose", "payment"),
    ("classes", .sequence([node("financial"), node("operational")])), ("envelope_none", "permitted"), ("from", "2026-01-01"), ("until", "2026-12-31"),
    ("owner", "privacy@clinic.example"), ("review", "2026-12-01"),
  ]

  static func node(_ content: OutlineNode.Content) -> OutlineNode { OutlineNode(content, file: "billing.yaml", line: 7, column: 3) }

  static func entries(_ pairs: [(String, OutlineNode.Content)]) -> [OutlineNode.Entry] {
    pairs.map { OutlineNode.Entry(key: $0.0, keyLine: 5, keyColumn: 1, value: node($0.1)) }
  }

  static func field(_ name: String, justification: String? = nil) -> OutlineNode {
    node(.mapping(entries([("name", .scalar(name)), ("purpose", "to bill")] + (justification.map { [("justification", .scalar($0))] } ?? []))))
  }

  /// The pairs with one replaced, added, or (nil) taken away.
  static func changed(_ pairs: [(String, OutlineNode.Content)], _ key: String, _ value: OutlineNode.Content?) -> OutlineNode {
    node(.mapping(entries(pairs.filter { $0.0 != key } + (value.map { [(key, $0)] } ?? []))))
  }

  static func billing(fields: [OutlineNode]? = nil, order: String = "service") throws -> ConsumerFile {
    var pairs = specification.filter { $0.0 != "order" } + [("order", .scalar(order))]
    if let fields { pairs = pairs.filter { $0.0 != "fields" } + [("fields", .sequence(fields))] }
    return try ConsumerFile.read(changed(consumer, "specification", .mapping(entries(pairs))))
  }

  static func baa(until: String = "2026-12-31") throws -> AgreementFile { try AgreementFile.read(changed(agreement, "until", .scalar(until))) }

  static let dictionary = CanonicalDictionary(
    version: 1,
    entities: [
      CanonicalEntity(
        name: "patient", fhir: "Patient",
        fields: [
          CanonicalField(name: "identifier", kind: .identifier, dataClass: .identifier, isKey: true),
          CanonicalField(name: "family", kind: .text, dataClass: .identifier),
        ]),
      CanonicalEntity(
        name: "charge", fhir: "ChargeItem",
        fields: [
          CanonicalField(name: "transaction", kind: .identifier, dataClass: .financial, isKey: true),
          CanonicalField(name: "account", kind: .identifier, dataClass: .financial),
          CanonicalField(name: "patient", kind: .reference(entity: "patient"), dataClass: .identifier),
          CanonicalField(name: "service", kind: .date, dataClass: .financial),
          CanonicalField(name: "amount", kind: .money(currency: "USD"), dataClass: .financial),
          CanonicalField(name: "diagnosis", kind: .code, dataClass: .clinical),
        ]),
      CanonicalEntity(
        name: "encounter", fhir: "Encounter",
        fields: [
          CanonicalField(name: "visit", kind: .identifier, dataClass: .identifier, isKey: true),
          CanonicalField(name: "charges", kind: .money(currency: "USD"), dataClass: .financial),
        ]),
    ], digest: String(repeating: "d", count: 64))
}

extension OutlineNode.Content: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) { self = .scalar(value) }
}
