import Core
@testable import Store
import Testing

/// What merges, moves and their undoing make of what was said, whatever arrives first.
@Suite struct LinkTests {
  typealias Message = (id: String, rows: [Said])

  static func merge(_ loser: String, into survivor: String?, at instant: Int, as how: String = "merged") -> Said {
    .patient(loser, at: instant, ["replaced_by": survivor, "replaced_as": survivor.map { _ in how }])
  }

  static func visit(_ visit: String, of patient: String, at instant: Int = 100, _ cells: [String: String?] = [:]) -> Said {
    Said(entity: "encounter", at: instant, cells: cells.merging(["visit": visit, "patient": patient]) { $1 })
  }

  static func result(_ code: String, of patient: String, at instant: Int = 100, _ cells: [String: String?] = [:]) -> Said {
    Said(entity: "observation", at: instant, cells: cells.merging(["code": code, "patient": patient]) { $1 })
  }

  /// The current rows, each as its fields that have a value, `name=text`; a key reads as its parts with `/` between.
  static func rows(_ store: SiteStore, _ entity: String) throws -> [String] {
    var rows: [String] = []
    let fields = store.dictionary[entity]?.fields ?? []
    try store.forEachRow(entity: entity, history: false) { row in
      let cells = row.current?.cells ?? []
      rows.append(zip(fields, cells).compactMap { field, cell in cell.bytes.map { "\(field.name)=\(field.isReference ? text($0) : String(decoding: $0, as: UTF8.self))" } }.joined(separator: " "))
    }
    return rows.sorted()
  }

  static func text(_ key: [UInt8]) -> String {
    (RowKey.parts(key) ?? []).enumerated().map { $0 == 0 ? String(decoding: $1, as: UTF8.self) : text($1) }.joined(separator: "/")
  }

  /// Loads the messages, a drop each, in the order given and in the opposite one; both must end the same.
  static func both(_ messages: [Message], kind: StoreKind = .sqlite, _ check: (SiteStore) throws -> Void) throws {
    var digests: Set<String> = []
    for order in [messages, messages.reversed()] {
      let store = try StoreSite(kind).open()
      for message in order { try store.load(message.id, [MappedMessage(message.id, message.rows)]) }
      try check(store)
      digests.insert(try store.digest())
    }
    #expect(digests.count == 1)
  }

  @Test("What was said of a number that was merged counts for the survivor, before and after", arguments: StoreKind.allCases)
  func merged(kind: StoreKind) throws {
    let messages: [Message] = [
      ("1", [.patient("T1", at: 100)]), ("2", [.patient("T2", at: 100), Self.visit("V2", of: "T2"), .charge("X2", ["patient": "T2", "amount": "1.00"])]),
      ("3", [Self.merge("T2", into: "T1", at: 200)]), ("4", [Self.result("R1", of: "T2", at: 300, ["encounter": "V2/T2", "value": "5"])]),
    ]
    try Self.both(messages, kind: kind) { store in
      try #expect(Self.rows(store, "encounter") == ["visit=V2 patient=T1"])
      try #expect(Self.rows(store, "observation") == ["code=R1 patient=T1 encounter=V2/T1 value=5"])
      try #expect(Self.rows(store, "charge") == ["transaction=X2 patient=T1 amount=1.00"])
    }
  }

  @Test("The merged record stays as it was, and a late message on its number goes to the survivor", arguments: StoreKind.allCases)
  func late(kind: StoreKind) throws {
    let messages: [Message] = [
      ("1", [.patient("T1", at: 100, ["family": "ALPHA"])]), ("2", [.patient("T2", at: 110, ["family": "BRAVO"])]), ("3", [Self.merge("T2", into: "T1", at: 200)]),
      ("4", [.patient("T2", at: 300, ["phone": "555-0100"])]),
    ]
    try Self.both(messages, kind: kind) { store in
      try #expect(Self.rows(store, "patient") == ["identifier=T1 family=ALPHA phone=555-0100", "identifier=T2 family=BRAVO replaced_by=T1 replaced_as=merged"])
    }
  }

  @Test("A changed number takes all that was said of the record with it") func renumbered() throws {
    let messages: [Message] = [
      ("1", [.patient("T2", at: 100, ["family": "BRAVO"])]), ("2", [Self.merge("T2", into: "T1", at: 200, as: "renumbered")]), ("3", [.patient("T1", at: 300, ["phone": "555-0100"])]),
    ]
    try Self.both(messages) { store in
      try #expect(Self.rows(store, "patient") == ["identifier=T1 family=BRAVO phone=555-0100", "identifier=T2 replaced_by=T1 replaced_as=renumbered"])
    }
  }

  @Test("A chain of merges ends at its last survivor") func chain() throws {
    let messages: [Message] = [
      ("1", [Self.visit("V3", of: "T3")]), ("2", [Self.merge("T3", into: "T2", at: 200)]), ("3", [Self.merge("T2", into: "T1", at: 300)]), ("4", [Self.visit("V2", of: "T2")]),
    ]
    try Self.both(messages) { store in try #expect(Self.rows(store, "encounter") == ["visit=V2 patient=T1", "visit=V3 patient=T1"]) }
  }

  @Test("A merge the other way round stands for the older one, and of merges in a circle the oldest does not hold") func loop() throws {
    let messages: [Message] = [
      ("1", [Self.visit("V1", of: "T1"), Self.visit("V2", of: "T2")]), ("2", [Self.merge("T1", into: "T2", at: 200)]), ("3", [Self.merge("T2", into: "T1", at: 300)]),
    ]
    try Self.both(messages) { store in try #expect(Self.rows(store, "encounter") == ["visit=V1 patient=T1", "visit=V2 patient=T1"]) }
    let circle: [Message] = messages + [("4", [Self.merge("T1", into: "T3", at: 400)]), ("5", [Self.merge("T3", into: "T2", at: 500)])]
    try Self.both(circle) { store in try #expect(Self.rows(store, "encounter") == ["visit=V1 patient=T2", "visit=V2 patient=T2"]) }
  }

  @Test("Merges of one time that contradict each other have no effect") func contradiction() throws {
    let messages: [Message] = [("1", [Self.visit("V1", of: "T1")]), ("2", [Self.merge("T1", into: "T2", at: 200)]), ("3", [Self.merge("T2", into: "T1", at: 200)])]
    try Self.both(messages) { store in try #expect(Self.rows(store, "encounter") == ["visit=V1 patient=T1"]) }
  }

  @Test("A record merged into itself is held") func itself() throws {
    let store = try StoreSite().open()
    try store.load("a", [MappedMessage("1", [Self.merge("T1", into: "T1", at: 200)])])
    #expect(try store.exceptions(night: StoreSite.night).map(\.code) == [.mergeHeld])
  }

  @Test("An undone merge gives every statement back, those that both had said too", arguments: StoreKind.allCases)
  func undone(kind: StoreKind) throws {
    let said: [Message] = [
      ("1", [.patient("T1", at: 100), Self.visit("V1", of: "T1", ["status": "open"])]), ("2", [.patient("T2", at: 100, ["family": "BRAVO"]), Self.visit("V1", of: "T2", ["status": "open"])]),
      ("3", [.patient("T2", at: 300, ["phone": "555-0100"]), .charge("X2", ["patient": "T2"])]),
    ]
    let merged = said + [("4", [Self.merge("T2", into: "T1", at: 200)])]
    try Self.both(merged, kind: kind) { store in try #expect(Self.rows(store, "encounter") == ["visit=V1 patient=T1 status=open"]) }
    try Self.both(merged + [("5", [Self.merge("T2", into: nil, at: 400)])], kind: kind) { store in
      try #expect(Self.rows(store, "encounter") == ["visit=V1 patient=T1 status=open", "visit=V1 patient=T2 status=open"])
      try #expect(Self.rows(store, "patient") == ["identifier=T1", "identifier=T2 family=BRAVO phone=555-0100"])
      try #expect(Self.rows(store, "charge") == ["transaction=X2 patient=T2"])
    }
  }

  @Test("A visit that moves takes what was said of it to the other patient, and leaves the rest") func moved() throws {
    let messages: [Message] = [
      ("1", [Self.visit("V1", of: "T2", ["status": "open"]), Self.visit("V2", of: "T2")]), ("2", [Self.result("R1", of: "T2", ["encounter": "V1/T2"]), Self.result("R2", of: "T2", ["encounter": "V2/T2"])]),
      ("3", [Self.visit("V1", of: "T2", at: 200, ["replaced_by": "V1/T1", "replaced_as": "renumbered"])]),
    ]
    try Self.both(messages) { store in
      try #expect(Self.rows(store, "observation") == ["code=R1 patient=T1 encounter=V1/T1", "code=R2 patient=T2 encounter=V2/T2"])
      try #expect(Self.rows(store, "encounter") == ["visit=V1 patient=T1 status=open", "visit=V1 patient=T2 replaced_by=V1/T1 replaced_as=renumbered", "visit=V2 patient=T2"])
    }
  }

  @Test("A row that goes to the survivor whole keeps its ref") func ref() throws {
    let store = try StoreSite().open()
    try store.load("a", [MappedMessage("1", [Self.visit("V1", of: "T2")])])
    let ref = try store.ref(of: "encounter", key: Said.key("V1/T2"))
    try store.load("b", [MappedMessage("2", [Self.merge("T2", into: "T1", at: 200)])])
    #expect(try ref != nil && store.ref(of: "encounter", key: Said.key("V1/T1")) == ref)
  }

  @Test("A merge in the middle of a drop counts for the messages behind it and before it") func inside() throws {
    let store = try StoreSite().open()
    let messages = [[Self.visit("V1", of: "T2")], [Self.merge("T2", into: "T1", at: 200)], [Self.visit("V2", of: "T2")]]
    try store.load("a", messages.enumerated().map { MappedMessage("\($0)", $1) })
    #expect(try Self.rows(store, "encounter") == ["visit=V1 patient=T1", "visit=V2 patient=T1"])
  }

  @Test("Any order of statements, merges, moves and undoings gives one digest", arguments: 0..<40)
  func permutations(seed: Int) throws {
    var random = Seeded(seed)
    func pick(_ names: [String]) -> String { names.randomElement(using: &random) ?? "" }
    let people = ["T1", "T2", "T3"]
    let messages = (0..<14).map { number -> MappedMessage in
      let at = 100 * Int.random(in: 1...4, using: &random), who = pick(people), visit = pick(["V1", "V2"])
      let said: Said =
        switch Int.random(in: 0..<8, using: &random) {
        case 0, 1: Self.merge(who, into: pick(people), at: at, as: pick(["merged", "renumbered"]))
        case 2: Self.merge(who, into: nil, at: at)
        case 3: Self.visit(visit, of: who, at: at, ["replaced_by": pick(["V1", "V2"]) + "/" + pick(people), "replaced_as": pick(["merged", "renumbered"])])
        case 4: Self.visit(visit, of: who, at: at, ["status": pick(["open", "over"])])
        case 5: Self.result("R1", of: who, at: at, ["encounter": visit + "/" + who, "value": pick(["1", "2"])])
        case 6: .patient(who, at: at, ["family": pick(["ALPHA", "BRAVO"])])
        default: .charge("X1", at: at, ["patient": who])
        }
      return MappedMessage("\(number)", [said])
    }
    let digests = try (0..<4).map { turn in
      let store = try StoreSite().open()
      for (number, message) in (turn == 0 ? messages : messages.shuffled(using: &random)).enumerated() { try store.load("drop \(number)", [message]) }
      return try store.digest()
    }
    #expect(Set(digests).count == 1, "seed \(seed)")
  }
}
