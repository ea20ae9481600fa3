public import Core

extension DemoNight {
  /// What the books of this night must say, after both waves; derived from the messages as they are written, not counted by hand.
  ///
  /// - Shape: `night`, `feeds` by name (`declared`, `received`, `dispositions`, `by_type`, `drops_duplicate`, `drops_resubmitted`,
  ///   `drops_arriving`, `drops`), `billing` (`sent`, `sent_cents`, `withheld`, `withheld_cents`), `clinic` (`problems`,
  ///   `medications`, `allergies`, `negated`, `null_flavor`), `breaks`, `exceptions`, `state`, `exit`. Amounts in cents.
  public var truth: JSONValue {
    [
      "night": .string(night.description),
      "feeds": [NorthFeed.name: northTruth, SouthFeed.name: southTruth, ClinicFeed.name: clinicFeedTruth],
      "billing": billingTruth,
      "clinic": clinicTruth,
      "breaks": [
        ["code": "TRAILER-MISMATCH", "feed": .string(SouthFeed.name), "expected": .integer(south.lying.declared), "actual": .integer(south.lying.messages.count)]
      ],
      "exceptions": ["SUBJECT-MISSING": 1, "DROP-RESUBMITTED": 1],
      "state": "open",
      "exit": .integer(Int(ExitCode.waiting.rawValue)),
    ]
  }

  private var northTruth: JSONValue {
    feedTruth(north.batches.flatMap(\.messages), north.batches, duplicateDrops: 1, resubmitted: 0, arriving: 1)
  }

  /// The messages of the first billing batch come again in the second: once loaded, once duplicate, whichever is applied first.
  private var southTruth: JSONValue {
    let again = south.incomplete.messages.map { DemoMessage(type: $0.type, segments: $0.segments, fate: .duplicate) }
    return feedTruth(south.lying.messages + south.complete.messages + again, [south.lying, south.incomplete, south.complete], duplicateDrops: 0, resubmitted: 1, arriving: 0)
  }

  private func feedTruth(_ messages: [DemoMessage], _ batches: [DemoBatch], duplicateDrops: Int, resubmitted: Int, arriving: Int) -> JSONValue {
    [
      "declared": .integer(batches.reduce(0) { $0 + $1.declared }),
      "received": .integer(messages.count),
      "dispositions": dispositions(messages.map(\.fate)),
      "by_type": counts(messages.map(\.type)),
      "drops_duplicate": .integer(duplicateDrops),
      "drops_resubmitted": .integer(resubmitted),
      "drops_arriving": .integer(arriving),
      "drops": .array(batches.map(dropTruth).sorted { ($0["drop"]?.string ?? "") < ($1["drop"]?.string ?? "") }),
    ]
  }

  private func dropTruth(_ batch: DemoBatch) -> JSONValue {
    [
      "drop": .string(Hex.text(SHA256.digest(batch.file.bytes))),
      "messages": .integer(batch.messages.count),
      "by_type": counts(batch.messages.map(\.type)),
      "declared": .integer(batch.declared),
      "agrees": .bool(batch.declared == batch.messages.count),
    ]
  }

  /// Documents have no message type: they count as `other`.
  private static let documentType = "other"

  private var clinicFeedTruth: JSONValue {
    let drops = clinic.documents.map { document -> JSONValue in
      ["drop": .string(Hex.text(SHA256.digest(document.file.bytes))), "messages": 1, "by_type": .object([Self.documentType: 1])]
    }
    let count = clinic.documents.count
    return [
      "declared": .integer(count), "received": .integer(count), "dispositions": dispositions(clinic.documents.map { _ in .loaded }),
      "by_type": .object([Self.documentType: .integer(count)]), "drops_duplicate": 0, "drops_resubmitted": 0, "drops_arriving": 0,
      "drops": .array(drops.sorted { ($0["drop"]?.string ?? "") < ($1["drop"]?.string ?? "") }),
    ]
  }

  private var clinicTruth: JSONValue {
    [
      "problems": .integer(clinic.documents.reduce(0) { $0 + $1.problems.count }),
      "medications": .integer(clinic.documents.reduce(0) { $0 + $1.medications.count }),
      "allergies": .integer(clinic.documents.reduce(0) { $0 + $1.allergies.count }),
      "negated": .integer(clinic.documents.count { $0.deniesAllergy }),
      "null_flavor": .integer(clinic.documents.count { $0.hasUnknownProblem }),
    ]
  }

  /// Billing is due every charge that loads; those without an account are withheld.
  private var billingTruth: JSONValue {
    let messages = north.batches.flatMap(\.messages) + south.lying.messages + south.complete.messages
    let charges = messages.filter { $0.fate == .loaded }.flatMap(\.charges)
    let sent = charges.filter(\.hasAccount), withheld = charges.filter { !$0.hasAccount }
    return [
      "eligible": .integer(charges.count),
      "sent": .integer(sent.count),
      "sent_cents": .integer(sent.reduce(0) { $0 + $1.cents }),
      "withheld": ["ACCOUNT-MISSING": .integer(withheld.count)],
      "withheld_cents": .integer(withheld.reduce(0) { $0 + $1.cents }),
    ]
  }

  private func dispositions(_ fates: [Disposition]) -> JSONValue {
    .object(Dictionary(uniqueKeysWithValues: Disposition.allCases.map { kind in (kind.rawValue, .integer(fates.count { $0 == kind })) }))
  }

  private func counts(_ types: [String]) -> JSONValue {
    .object(Dictionary(types.map { ($0, 1) }, uniquingKeysWith: +).mapValues { .integer($0) })
  }
}
