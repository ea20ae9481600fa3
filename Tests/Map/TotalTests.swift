import Core
import Decode
import Map
import Testing

@Suite("Totals")
struct TotalTests {
  private static func library(_ totals: String) throws -> MappingLibrary {
    let text = String(decoding: try #require(Fixture.shipped["hl7v2/dft-charge/1.yaml"]), as: UTF8.self)
    // The charges of this sender may be below nothing.
    let own = text.replacing("    FT1-11: {(negative): CREDIT-HELD}\n", with: "")
    return Fixture.library(["hl7v2/dft-charge/1.yaml": own.replacing("  BTS-1: count messages\n", with: totals)])
  }

  private static func message(_ charges: String, id: Int) -> String {
    "MSH|^~\\&|A|NORTH|||20260301||DFT^P03|\(id)\rPID|1||P1\r" + charges
  }

  private static func charge(_ id: String, _ kind: String, _ amount: String) -> String { "FT1|1|\(id)||20260301||\(kind)|C1|||1|\(amount)\r" }

  /// What the sums of a file's batches say: `declared counted agrees`.
  private func sums(_ file: String, totals: String = "  BTS-3: sum amount\n") throws -> [String] {
    let plan = try Fixture.plan(["hl7v2-standard"], .hl7v2, try Self.library(totals))
    let decoder = DropDecoder(DecodeSettings(format: .hl7v2, names: plan.arenaNames))
    var evaluator = MapEvaluator(plan: plan, businessDate: Fixture.night), sums = BatchSums(plan: plan), found: [BatchTotal] = []
    func take(_ event: DecodeEvent, _ record: SourceRecord) {
      switch event {
      case .begin(let head): evaluator.begin(head)
      case .record: evaluator.record(record)
      case .end(let tail): sums.add(evaluator.end(tail))
      case .batch(let total): found += sums.settle(total).map { [$0] } ?? []
      case .finding, .attachment, .attachmentBytes, .attachmentEnd: break
      }
    }
    decoder.push(Array(file.utf8), take)
    _ = decoder.finish(take)
    return found.map { "\($0.declared ?? 0) \($0.counted) \($0.agrees.map(String.init) ?? "not measured")" }
  }

  private static let two = message(charge("1", "CG", "10.00") + charge("2", "CG", "2.50"), id: 1) + message(charge("3", "CG", "-1"), id: 2)

  @Test("BTS-3: the sum of a batch's amounts agrees or lies, to the cent", arguments: [("11.50", "1150 1150 true"), ("11.51", "1151 1150 false"), ("11.5", "1150 1150 true")])
  func declared(sum: String, want: String) throws { #expect(try sums("BHS|^~\\&|A\r\(Self.two)BTS|2||\(sum)\r") == [want]) }

  @Test("BTS-3: each batch has its own sum")
  func batches() throws {
    let one = "BHS|^~\\&|A\r" + Self.message(Self.charge("1", "CG", "1"), id: 1) + "BTS|1||1\r"
    let other = "BHS|^~\\&|A\r" + Self.message(Self.charge("2", "CG", "2"), id: 2) + "BTS|1||3\r"
    #expect(try sums("FHS|^~\\&|A\r\(one)\(other)FTS|2\r") == ["100 100 true", "300 200 false"])
  }

  @Test("BTS-3: what was held has money that nobody counted, so the sum is not measured", arguments: [charge("4", "CD", "1"), charge("4", "CG", "one")])
  func held(charge: String) throws {
    #expect(try sums("BHS|^~\\&|A\r\(Self.two)\(Self.message(charge, id: 3))BTS|3||11.50\r") == ["1150 1150 not measured"])
  }

  @Test("BTS-3: without a header, a declared sum, a number or a mapping that asks there is nothing to compare")
  func nothing() throws {
    #expect(try sums("\(Self.two)BTS|2||11.50\r") == ["1150 1150 not measured"])
    #expect(try sums("BHS|^~\\&|A\r\(Self.two)BTS|2\r") == [])
    #expect(try sums("BHS|^~\\&|A\r\(Self.two)BTS|2||much\r") == [])
    #expect(try sums("BHS|^~\\&|A\r\(Self.two)BTS|2||11.50\r", totals: "  BTS-1: count messages\n") == [])
  }

  @Test(
    "A total that is none is refused with the legal ones",
    arguments: ["BTS-2: count messages", "BTS-1: sum amount", "BTS-3: sum quantity", "BTS-3: sum price", "BTS-3: count messages", "BTS-1: count"])
  func refused(line: String) throws {
    let library = try Self.library("  \(line)\n")
    let error = #expect(throws: ConfigurationError.self) { try Fixture.plan(["hl7v2-standard"], .hl7v2, library) }
    #expect(error?.code == "MAP-146" && error?.hint.hasPrefix("Legal: 'BTS-1: count messages'") == true && (error?.line ?? 0) > 0)
  }
}
