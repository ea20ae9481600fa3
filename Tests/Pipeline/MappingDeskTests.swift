import Core
import Map
@testable import Pipeline
import Support
import Testing

/// A mapping or overlay that is run without a site.
@Suite struct MappingDeskTests {
  private let folder = Result { try TemporaryFolder() }
  private let shipped = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Mappings"

  private func overlay(_ base: String) throws -> String {
    let text = "mapping: own\nversion: 1\noverlays: \(base)\nowner: test\nwhy: test\n"
    return try folder.get().write(text, to: "own.yaml")
  }

  @Test func aRowSaysWhatItDoesWhereItDoesSomething() throws {
    let library = MappingLibrary(files: try MappingFolder.collect(shipped))
    let plan = try MapPlan.build(library, mappings: ["pid-patient@1", "pv1-encounter@1"], format: .hl7v2, zone: .utc)
    var evaluator = MapEvaluator(plan: plan, businessDate: BusinessDate(daysSinceEpoch: 20_513))
    let text = "MSH|^~\\&|A|NORTH|||20260301||ADT^A23|1\rEVN|A23|20260301\rPID|1||T1\rPV1|1|I|||||||||||||||||V1^^^NORTH\r"
    let message = try #require(try ExampleDecoder.decode(Array(text.utf8), plan, &evaluator, format: .hl7v2).first)
    let report = DeskReport(plan: plan, rules: try CoverageRules(plan, library), message: message, tally: FeedTally()).text
    #expect(report.contains("by pv1-encounter@1, does withdraw") && report.contains("by pid-patient@1\n"))
  }

  @Test(arguments: [("pid-patient@1", SourceFormat.hl7v2), ("cda-problem@1", .cda), ("fhir-procedure@1", .fhir)])
  func anOverlayOfAFileIsReadAsWhatItStandsOver(_ base: String, _ format: SourceFormat) throws {
    let desk = try MappingDesk(try overlay(base), folder: shipped, zone: "America/Chicago")
    #expect(desk.format == format)
    #expect(desk.names.last == "own@1")
    #expect(try desk.plan().mappings.contains { $0.id == "own" })
  }
}
