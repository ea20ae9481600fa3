import Core
import Extract
import Testing

@Suite struct ConsumerFileTests {
  @Test func `a consumer file is read whole`() throws {
    let billing = try Paper.billing()
    #expect(billing.consumer == "billing" && billing.purpose == .payment && billing.agreement == "billing-baa")
    #expect(billing.specification.fields.map(\.name) == ["account", "transaction", "service", "amount"])
    #expect(billing.specification.require.map(\.reason) == ["ACCOUNT-MISSING"])
  }

  @Test func `an unknown key is refused with its place and the nearest key`() {
    let error = #expect(throws: ConfigurationError.self) { try ConsumerFile.read(Paper.changed(Paper.consumer, "envelop", "none")) }
    #expect(error?.code == "EXT-101" && error?.line == 5)
    #expect(error?.hint.hasPrefix("Did you mean 'envelope'?") == true)
  }

  @Test(arguments: ["consumer", "owner", "purpose", "agreement", "specification", "envelope", "delivery"]) func `a consumer file is refused without`(key: String) {
    #expect(throws: ConfigurationError.self) { try ConsumerFile.read(Paper.changed(Paper.consumer, key, nil)) }
  }

  @Test(arguments: ["../{night}.csv", ".{night}", "billing.csv", "a b-{night}.csv", "{night}\n"]) func `a delivery name that could leave its folder or collide is refused`(name: String) {
    let delivery = OutlineNode.Content.mapping(Paper.entries([("folder", "d"), ("name", .scalar(name))]))
    #expect(throws: ConfigurationError.self) { try ConsumerFile.read(Paper.changed(Paper.consumer, "delivery", delivery)) }
  }

  private func placed(_ pairs: [(String, OutlineNode.Content)]) throws -> ConsumerFile.Delivery {
    let delivery = OutlineNode.Content.mapping(Paper.entries(pairs + [("name", "billing-{night}.csv")]))
    return try ConsumerFile.read(Paper.changed(Paper.consumer, "delivery", delivery)).delivery
  }

  @Test func `a delivery goes into a folder or to a partner, read back unless the file says otherwise`() throws {
    #expect(try Paper.billing().delivery.place == .folder("delivery/billing") && Paper.billing().delivery.readsBack && Paper.billing().delivery.marker == nil)
    let partner = try placed([("sftp", "clearing"), ("path", "inbound"), ("marker", "{name}.done"), ("verify", "size")])
    #expect(partner.place == .partner("clearing", path: "inbound") && !partner.readsBack)
    #expect(partner.markerName(for: "billing-2026-11-20.csv") == "billing-2026-11-20.csv.done")
  }

  @Test(arguments: [["folder": "a", "sftp": "b", "path": "c"], ["sftp": "b"], ["folder": "a", "path": "c"], ["sftp": "../b", "path": "c"]])
  func `two places, or half of one, are refused`(keys: [String: String]) {
    #expect(throws: ConfigurationError.self) { try placed(keys.map { ($0.key, .scalar($0.value)) }) }
  }

  @Test(arguments: ["{name}", "done", "{name}/../x", ".{name}", "{name}.part", "{name} done"]) func `a marker that is no name of its own is refused`(marker: String) {
    #expect(throws: ConfigurationError.self) { try placed([("folder", "a"), ("marker", .scalar(marker))]) }
  }

  private func receipt(_ within: String, format: String = "json") throws -> ConsumerFile.Receipt? {
    let from = OutlineNode.Content.mapping(Paper.entries([("folder", "receipts/billing")]))
    let node = OutlineNode.Content.mapping(Paper.entries([("within", .scalar(within)), ("format", .scalar(format)), ("from", from)]))
    return try ConsumerFile.read(Paper.changed(Paper.consumer, "receipt", node)).receipt
  }

  @Test(arguments: [("1h", 1), ("24h", 1), ("25h", 2), ("3d", 3)]) func `a receipt is due in whole nights`(within: String, nights: Int) throws {
    #expect(try receipt(within)?.nights == nights)
  }

  @Test func `without a receipt none is expected`() throws {
    #expect(try Paper.billing().receipt == nil)
    #expect(try ConsumerFile.read(Paper.changed(Paper.consumer, "receipt", "none")).receipt == nil)
  }

  @Test(arguments: ["", "24", "0h", "h", "-1d", "2w"]) func `a time that is none is refused`(within: String) {
    #expect(throws: ConfigurationError.self) { try receipt(within) }
  }

  @Test func `a format that nobody reads is refused`() { #expect(throws: ConfigurationError.self) { try receipt("1d", format: "xml") } }

  @Test func `later revisions of a night have a name of their own`() throws {
    let delivery = try Paper.billing().delivery, night = try #require(BusinessDate("2026-11-20"))
    #expect(delivery.fileName(consumer: "billing", night: night, revision: 1) == "billing-2026-11-20.csv")
    #expect(delivery.fileName(consumer: "billing", night: night, revision: 2) == "billing-2026-11-20-r2.csv")
  }

  @Test func `the digest of a specification follows its content`() throws {
    #expect(try Paper.billing().specification.digest == Paper.billing().specification.digest)
    #expect(try Paper.billing().specification.digest != Paper.billing(order: "amount").specification.digest)
  }
}

@Suite struct AgreementFileTests {
  @Test func `delivery in clear is refused unless it is written down`() throws {
    #expect(try AgreementFile.read(Paper.changed(Paper.agreement, "envelope_none", nil)).permitsClearDelivery == false)
    #expect(try Paper.baa().permitsClearDelivery)
  }

  @Test(arguments: ["kind", "party", "purpose", "classes", "from", "until", "owner", "review"]) func `an agreement is refused without`(key: String) {
    #expect(throws: ConfigurationError.self) { try AgreementFile.read(Paper.changed(Paper.agreement, key, nil)) }
  }

  @Test func `an unknown class is refused with the legal ones`() {
    let error = #expect(throws: ConfigurationError.self) { try AgreementFile.read(Paper.changed(Paper.agreement, "classes", "finance")) }
    #expect(error?.hint.contains("financial") == true)
  }

  @Test func `an agreement that ends before it begins is refused`() {
    #expect(throws: ConfigurationError.self) { try Paper.baa(until: "2025-12-31") }
  }
}

@Suite struct AgreementGateTests {
  private func decide(_ night: String, _ delivery: String, _ agreement: AgreementFile?) throws -> AgreementGate.Decision {
    AgreementGate.decide(
      try Paper.billing(), agreement: agreement, businessDate: try #require(BusinessDate(night)), deliveryDate: try #require(BusinessDate(delivery)))
  }

  @Test func `both dates inside are permitted`() throws {
    #expect(try decide("2026-12-30", "2026-12-31", Paper.baa()) == .permitted)
  }

  @Test func `no agreement is a refusal`() throws {
    #expect(try decide("2026-11-20", "2026-11-20", nil) == .refused(.missing))
  }

  @Test func `another agreement than the one named is a refusal`() throws {
    let other = try AgreementFile.read(Paper.changed(Paper.agreement, "agreement", "other-baa"))
    #expect(try decide("2026-11-20", "2026-11-20", other) == .refused(.missing))
  }

  @Test func `an agreement for another purpose is a refusal`() throws {
    let other = try AgreementFile.read(Paper.changed(Paper.agreement, "purpose", "research"))
    #expect(try decide("2026-11-20", "2026-11-20", other) == .refused(.missing))
  }

  @Test func `an agreement that ends between the night and the delivery is a refusal`() throws {
    #expect(try decide("2026-12-31", "2027-01-01", Paper.baa()) == .refused(.expired))
  }

  @Test func `an agreement that begins after the night is a refusal`() throws {
    #expect(try decide("2025-12-31", "2026-01-01", Paper.baa()) == .refused(.notYet))
  }

  @Test func `delivery in clear that the agreement does not permit is a refusal`() throws {
    let strict = try AgreementFile.read(Paper.changed(Paper.agreement, "envelope_none", "refused"))
    #expect(try decide("2026-11-20", "2026-11-20", strict) == .refused(.envelopeNotPermitted))
  }
}

@Suite struct PlanTests {
  private func refusal(_ fields: [OutlineNode]) throws -> ConfigurationError? {
    let billing = try Paper.billing(fields: fields), agreement = try Paper.baa()
    return #expect(throws: ConfigurationError.self) { try ExtractPlan.make(billing, agreement: agreement, dictionary: Paper.dictionary) }
  }

  @Test func `an identifier gives a column for its value and one for its assigner`() throws {
    let plan = try ExtractPlan.make(Paper.billing(), agreement: Paper.baa(), dictionary: Paper.dictionary)
    #expect(plan.header == ["account", "account_assigner", "transaction", "transaction_assigner", "service", "amount"])
  }

  @Test func `a plan names only the classes that it reads`() throws {
    #expect(try ExtractPlan.make(Paper.billing(), agreement: Paper.baa(), dictionary: Paper.dictionary).classes == [.financial])
  }

  @Test func `a misspelt field is refused with its place and the nearest field`() throws {
    let error = try refusal([Paper.field("acount")])
    #expect(error?.code == "EXT-302" && error?.line == 7)
    #expect(error?.hint.hasPrefix("Did you mean 'account'?") == true)
  }

  @Test func `a field of a class that the agreement does not permit is refused`() throws {
    #expect(try refusal([Paper.field("account"), Paper.field("patient")])?.code == "EXT-303")
  }

  @Test func `lines are not ordered by a field of a class that the agreement does not permit`() throws {
    let billing = try Paper.billing(order: "patient"), agreement = try Paper.baa()
    #expect(#expect(throws: ConfigurationError.self) { try ExtractPlan.make(billing, agreement: agreement, dictionary: Paper.dictionary) }?.code == "EXT-303")
  }

  @Test func `a key that the agreement does not permit is neither read nor does it order the lines`() throws {
    let pairs: [(String, OutlineNode.Content)] = [("id", "stays"), ("version", "1"), ("entity", "encounter"), ("fields", .sequence([Paper.field("charges")]))]
    let consumer = try ConsumerFile.read(Paper.changed(Paper.consumer, "specification", .mapping(Paper.entries(pairs))))
    let plan = try ExtractPlan.make(consumer, agreement: try Paper.baa(), dictionary: Paper.dictionary)
    #expect(plan.classes == [.financial] && plan.fields == ["charges"])
  }

  @Test func `a permitted clinical field needs a justification`() throws {
    let agreement = try AgreementFile.read(Paper.changed(Paper.agreement, "classes", .sequence([Paper.node("financial"), Paper.node("clinical")])))
    let all = ["account", "transaction", "service", "amount"].map { Paper.field($0) }
    let bare = try Paper.billing(fields: all + [Paper.field("diagnosis")])
    #expect(#expect(throws: ConfigurationError.self) { try ExtractPlan.make(bare, agreement: agreement, dictionary: Paper.dictionary) }?.code == "EXT-304")
    let stated = try Paper.billing(fields: all + [Paper.field("diagnosis", justification: "claim form")])
    #expect(throws: Never.self) { try ExtractPlan.make(stated, agreement: agreement, dictionary: Paper.dictionary) }
  }

  @Test func `a required field that is not selected is refused`() throws {
    #expect(try refusal([Paper.field("transaction"), Paper.field("amount")])?.code == "EXT-302")
  }
}
