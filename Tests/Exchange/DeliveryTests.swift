import Core
import Glibc
import Testing
import Trust

@testable import Exchange

@Suite struct DeliveryTests {
  let bench: Workbench
  let consumer: PlainName

  init() throws {
    bench = try Workbench()
    consumer = try #require(PlainName("billing"))
  }

  private var place: String { bench.path + "/drops" }

  private func file(_ name: String, _ content: String) throws -> DeliveryFile { try DeliveryFile(name: try #require(PlainName(name)), bytes: Array(content.utf8)) }

  private func parcel(_ content: String = "a,b\r\n") throws -> HandoverParcel {
    HandoverParcel(files: [try file("charges.csv", content), try file("manifest.json", "{}"), try file("manifest.json.sig", "s"), try file("charges.csv.done", "")])
  }

  @discardableResult
  private func deliver(_ parcel: HandoverParcel, into folder: String? = nil) throws -> HandoverOutcome {
    var parcel = parcel
    return try Delivery(toFolder: folder ?? place, consumer: consumer).deliver(&parcel)
  }

  @Test func filesArriveWholeAndInOrder() throws {
    var named: [String] = []
    var parcel = try parcel()
    parcel.record = { name, step in if step == .named { named.append(name.text) } }
    #expect(try deliver(parcel) == .delivered)
    #expect(named == ["charges.csv", "manifest.json", "manifest.json.sig", "charges.csv.done"])
    #expect(try DurableFile.names(in: place) == named.sorted())
    #expect(bench.bytes("drops/charges.csv") == Array("a,b\r\n".utf8))
  }

  @Test func aSecondDeliveryChangesNothing() throws {
    try deliver(try parcel())
    #expect(try deliver(try parcel()) == .alreadyDelivered)
  }

  @Test func aHalfDeliveryIsCompleted() throws {
    try deliver(try parcel())
    unlink(place + "/manifest.json.sig")
    bench.drop("half", "manifest.json.sig.part")
    #expect(try deliver(try parcel()) == .delivered)
    #expect(try DurableFile.names(in: place).count == 4)
  }

  @Test func aTemporaryNameBesideAFileThatHasItsOwnGoes() throws {
    try deliver(try parcel())
    link(place + "/manifest.json", place + "/manifest.json.part")
    #expect(try deliver(try parcel()) == .alreadyDelivered)
    #expect(try DurableFile.names(in: place).count == 4)
  }

  @Test(arguments: HandoverStep.allCases) func aRunThatMayNotGoOnLeavesNoTemporaryFile(step: HandoverStep) throws {
    var parcel = try parcel()
    parcel.record = { _, reached in if reached == step { throw ExchangeError(399, "not ours any more", hint: "", exit: .locked) } }
    #expect(code { try deliver(parcel) } == "EXC-399")
    #expect(try DurableFile.names(in: place).allSatisfy { !$0.hasSuffix(".part") })
  }

  /// A run that was killed when it was about to give the first file its name, and what it left under the temporary one; the next run ends at its n-th note.
  private func interrupted(_ left: String, at note: Int, _ exit: ExitCode) throws -> HandoverParcel {
    var parcel = try parcel(), steps = [parcel.files[0].name: HandoverStep.naming], count = 0
    parcel.steps = steps
    bench.drop(left, "charges.csv.part")
    parcel.record = { name, step in
      count += 1
      if count == note { throw ExchangeError(399, "not now", hint: "", exit: exit) }
      steps[name] = step
    }
    #expect(code { try deliver(parcel) } == "EXC-399")
    (parcel.steps, parcel.record) = (steps, { _, _ in })
    return parcel
  }

  @Test(arguments: [("a,b\r\n", 1, ExitCode.locked), ("half", 1, .inputOutput), ("half", 2, .inputOutput)])
  func aFileThatNeverGotItsNameIsNotTakenForOneThatTheConsumerTook(left: String, note: Int, exit: ExitCode) throws {
    let parcel = try interrupted(left, at: note, exit)
    #expect(try deliver(parcel) == .delivered)
    #expect(bench.bytes("drops/charges.csv") == Array("a,b\r\n".utf8))
  }

  @Test func aFileThatAnotherRunNamedMeanwhileLeavesNoTemporaryOne() throws {
    var parcel = try parcel()
    parcel.record = { name, step in if step == .naming { bench.drop("x", name.text) } }
    #expect(code { try deliver(parcel) } == "EXC-302")
    #expect(try DurableFile.names(in: place) == ["charges.csv"])
  }

  @Test func otherBytesAreNeverOverwrittenAndNothingIsBegunBesideThem() throws {
    bench.drop("x", "manifest.json.sig")
    #expect(code { try deliver(try parcel()) } == "EXC-302")
    #expect(try DurableFile.names(in: place) == ["manifest.json.sig"])
  }

  @Test(arguments: ["a,c\r\n", "a,b\r\nmore"]) func whatStandsThereIsReadAndNotBelieved(there: String) throws {
    bench.drop(there, "charges.csv")
    #expect(code { try deliver(try parcel()) } == "EXC-302")
    #expect(bench.bytes("drops/charges.csv") == Array(there.utf8))
  }

  @Test func aLinkInThePlaceOfAFileIsNoFile() throws {
    bench.drop("a,b\r\n", "elsewhere")
    symlink(place + "/elsewhere", place + "/charges.csv")
    #expect(code { try deliver(try parcel()) } == "EXC-302")
  }

  @Test func bytesThatAreNotAnnouncedAreNotDelivered() throws {
    let announced = try file("charges.csv", "a,b\r\n")
    let wrong = DeliveryFile(name: announced.name, totals: SealedFileTotals(sha256: announced.sha256, byteCount: 3)) { try $0(Array("bad".utf8)) }
    #expect(code { try deliver(HandoverParcel(files: [wrong])) } == "EXC-303")
    #expect(try DurableFile.names(in: place).isEmpty)
  }

  @Test func aMissingFolderIsThePeersFault() throws {
    #expect(code { try deliver(try parcel(), into: bench.path + "/nowhere") } == "EXC-301")
  }

  @Test(arguments: [HandoverProof.content, .size]) func whatArrivesOtherwiseIsTakenBack(proof: HandoverProof) throws {
    let connector = SpoiltConnector(FolderConnector(own: place)) { $0.dropLast() }
    var parcel = try parcel()
    parcel.proof = proof
    #expect(code { _ = try Delivery(connector, consumer: consumer, patience: SessionPatience(), clock: bench.clock.intake).deliver(&parcel) } == "EXC-305")
    #expect(try DurableFile.names(in: place).isEmpty)
  }

  @Test func bytesThatOnlyLookAlikeAreSeenByReadingThemBack() throws {
    let connector = SpoiltConnector(FolderConnector(own: place)) { bytes in bytes.map { $0 ^ 1 }[...] }
    var parcel = try parcel()
    #expect(code { _ = try Delivery(connector, consumer: consumer, patience: SessionPatience(), clock: bench.clock.intake).deliver(&parcel) } == "EXC-305")
  }
}

/// A session that is cut at any call, a run that is killed at any call or note, and a consumer that takes its files as soon as they have their names.
@Suite struct DeliveryCutTests {
  let bench: Workbench
  let consumer: PlainName
  private static let contents = ["charges.csv": "a,b\r\n", "manifest.json": "{}", "charges.csv.done": ""]
  private static let order = ["charges.csv", "manifest.json", "charges.csv.done"]

  init() throws {
    bench = try Workbench()
    consumer = try #require(PlainName("billing"))
  }

  /// What outlives a run: the notes. And what the consumer has taken, in its order.
  private final class World {
    var steps: [PlainName: HandoverStep] = [:]
    var taken: [String] = []
  }

  private func attempt(_ world: World, _ cut: Cut, patience attempts: Int) throws -> HandoverOutcome {
    var patience = SessionPatience()
    patience.attempts = attempts
    let files = try Self.order.map { try DeliveryFile(name: try #require(PlainName($0)), bytes: Array(Self.contents[$0, default: ""].utf8)) }
    var parcel = HandoverParcel(files: files, steps: world.steps) { name, step in
      try cut.point { world.steps[name] = step }
    }
    let connector = CutConnector(FolderConnector(own: bench.path + "/drops"), cut)
    return try Delivery(connector, consumer: consumer, patience: patience, clock: bench.clock.intake).deliver(&parcel)
  }

  /// The consumer takes what has its name, and looks at each file's bytes.
  private func take(_ world: World) throws {
    for name in try DurableFile.names(in: bench.path + "/drops") where !name.hasSuffix(".part") {
      #expect(String(decoding: bench.bytes("drops/" + name), as: UTF8.self) == Self.contents[name])
      world.taken.append(name)
      unlink(bench.path + "/drops/" + name)
    }
  }

  /// How many points there are in a delivery that nothing happens to.
  private func points() throws -> Int {
    let cut = Cut(at: .max, after: false)
    _ = try attempt(World(), cut, patience: 1)
    try take(World())
    return cut.count
  }

  @Test(arguments: [false, true], [false, true]) func aCutAtAnyCallHandsEachFileOverOnce(after: Bool, takesAtOnce: Bool) throws {
    for point in 1...(try points()) {
      let world = World(), cut = Cut(at: point, after: after)
      cut.onMove = takesAtOnce ? { try? take(world) } : nil
      _ = try attempt(world, cut, patience: 3)
      try take(world)
      #expect(world.taken == (takesAtOnce ? Self.order : Self.order.sorted()), "cut \(after ? "after" : "before") call \(point)")
      #expect(try DurableFile.names(in: bench.path + "/drops").isEmpty)
    }
  }

  @Test(arguments: [false, true], [false, true]) func aKillAtAnyPointIsFollowedByARunThatHandsOverTheRest(after: Bool, takesAtOnce: Bool) throws {
    for point in 1...(try points()) {
      let world = World(), cut = Cut(at: point, after: after)
      cut.onMove = takesAtOnce ? { try? take(world) } : nil
      // The killed run: no second session, and notes that did not last did not happen.
      _ = try? attempt(world, cut, patience: 1)
      let next = Cut(at: .max, after: false)
      next.onMove = cut.onMove
      _ = try attempt(world, next, patience: 1)
      try take(world)
      #expect(world.taken == (takesAtOnce ? Self.order : Self.order.sorted()), "killed \(after ? "after" : "before") point \(point)")
      #expect(try DurableFile.names(in: bench.path + "/drops").isEmpty)
    }
  }
}

/// What a session asked for before it was cut is done when the next one is about to give a file its name.
extension DeliveryCutTests {
  private var part: String { bench.path + "/drops/charges.csv.part" }

  @Test func aRemovalThatComesLateIsNotTakenForAConsumerThatTookTheFile() throws {
    let world = World(), cut = Cut(at: .max, after: false)
    cut.beforeMove = { unlink(part) }
    #expect(code { _ = try attempt(world, cut, patience: 1) } == "EXC-305")
    _ = try attempt(world, Cut(at: .max, after: false), patience: 1)
    try take(world)
    #expect(world.taken == Self.order.sorted())
  }

  @Test(arguments: [false, true]) func aRenameThatComesLateIsNotDoneTwice(takesAtOnce: Bool) throws {
    let world = World(), cut = Cut(at: .max, after: false), data = try #require(PlainName("charges.csv"))
    world.steps[data] = .naming
    bench.drop("a,b\r\n", "charges.csv.part")
    cut.beforeMove = {
      if rename(part, String(part.dropLast(5))) == 0, takesAtOnce { try? take(world) }
    }
    _ = try attempt(world, cut, patience: 1)
    try take(world)
    #expect(world.taken.sorted() == Self.order.sorted())
  }
}

/// Something that happens at the n-th call or note, counted through all sessions.
private final class Cut: @unchecked Sendable {
  private let target: Int
  private let after: Bool
  private(set) var count = 0
  var beforeMove: (() -> Void)?
  var onMove: (() -> Void)?

  init(at target: Int, after: Bool) { (self.target, self.after) = (target, after) }

  func point<Result>(_ body: () throws -> Result) throws -> Result {
    count += 1
    if count == target, !after { throw TransportFault.cut }
    let result = try body()
    if count == target, after { throw TransportFault.cut }
    return result
  }

  func call<Result>(_ body: () throws(TransportFault) -> Result) throws(TransportFault) -> Result {
    do { return try point(body) } catch let fault as TransportFault { throw fault } catch { throw .failed(0) }
  }
}

private struct CutConnector: TransportConnector {
  let inner: any TransportConnector
  let cut: Cut
  init(_ inner: any TransportConnector, _ cut: Cut) { (self.inner, self.cut) = (inner, cut) }
  func connect(within nanoseconds: Int) throws(TransportFault) -> any Transport { CutTransport(try cut.call { () throws(TransportFault) in try inner.connect(within: nanoseconds) }, cut) }
}

private final class CutTransport: Transport {
  private let inner: any Transport
  private let cut: Cut
  init(_ inner: any Transport, _ cut: Cut) { (self.inner, self.cut) = (inner, cut) }

  func list(_ folder: PartnerPath, _ count: inout ListingCount) throws(TransportFault) -> [TransportEntry] { try cut.call { () throws(TransportFault) in try inner.list(folder, &count) } }
  func status(of path: PartnerPath) throws(TransportFault) -> TransportStatus? { try cut.call { () throws(TransportFault) in try inner.status(of: path) } }
  func open(_ path: PartnerPath, within nanoseconds: Int) throws(TransportFault) -> any TransportReader { try cut.call { () throws(TransportFault) in try inner.open(path, within: nanoseconds) } }
  func create(_ path: PartnerPath) throws(TransportFault) -> any TransportWriter {
    CutWriter(try cut.call { () throws(TransportFault) in try inner.create(path) }, cut)
  }
  func move(_ path: PartnerPath, to new: PartnerPath) throws(TransportFault) {
    try cut.call { () throws(TransportFault) in
      cut.beforeMove?()
      try inner.move(path, to: new)
      cut.onMove?()
    }
  }
  func remove(_ path: PartnerPath) throws(TransportFault) { try cut.call { () throws(TransportFault) in try inner.remove(path) } }
}

private final class CutWriter: TransportWriter {
  private let inner: any TransportWriter
  private let cut: Cut
  init(_ inner: any TransportWriter, _ cut: Cut) { (self.inner, self.cut) = (inner, cut) }
  func write(_ bytes: [UInt8]) throws(TransportFault) { try cut.call { () throws(TransportFault) in try inner.write(bytes) } }
  func finish() throws(TransportFault) -> FileStamp { try cut.call { () throws(TransportFault) in try inner.finish() } }
}

/// A side that keeps something else than it is given.
private struct SpoiltConnector: TransportConnector {
  let inner: FolderConnector
  let spoil: @Sendable ([UInt8]) -> ArraySlice<UInt8>
  init(_ inner: FolderConnector, spoil: @escaping @Sendable ([UInt8]) -> ArraySlice<UInt8>) { (self.inner, self.spoil) = (inner, spoil) }
  func connect(within nanoseconds: Int) throws(TransportFault) -> any Transport { SpoiltTransport(try inner.connect(within: nanoseconds), spoil) }
}

private final class SpoiltTransport: Transport {
  private let inner: any Transport
  private let spoil: ([UInt8]) -> ArraySlice<UInt8>
  init(_ inner: any Transport, _ spoil: @escaping ([UInt8]) -> ArraySlice<UInt8>) { (self.inner, self.spoil) = (inner, spoil) }

  func list(_ folder: PartnerPath, _ count: inout ListingCount) throws(TransportFault) -> [TransportEntry] { try inner.list(folder, &count) }
  func status(of path: PartnerPath) throws(TransportFault) -> TransportStatus? { try inner.status(of: path) }
  func open(_ path: PartnerPath, within nanoseconds: Int) throws(TransportFault) -> any TransportReader { try inner.open(path, within: nanoseconds) }
  func create(_ path: PartnerPath) throws(TransportFault) -> any TransportWriter { SpoiltWriter(try inner.create(path), spoil) }
  func move(_ path: PartnerPath, to new: PartnerPath) throws(TransportFault) { try inner.move(path, to: new) }
  func remove(_ path: PartnerPath) throws(TransportFault) { try inner.remove(path) }
}

private final class SpoiltWriter: TransportWriter {
  private let inner: any TransportWriter
  private let spoil: ([UInt8]) -> ArraySlice<UInt8>
  init(_ inner: any TransportWriter, _ spoil: @escaping ([UInt8]) -> ArraySlice<UInt8>) { (self.inner, self.spoil) = (inner, spoil) }
  func write(_ bytes: [UInt8]) throws(TransportFault) { try inner.write(Array(spoil(bytes))) }
  func finish() throws(TransportFault) -> FileStamp { try inner.finish() }
}
