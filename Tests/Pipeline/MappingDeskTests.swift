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

  @Test(arguments: [("pid-patient@1", SourceFormat.hl7v2), ("cda-problem@1", .cda), ("fhir-procedure@1", .fhir)])
  func anOverlayOfAFileIsReadAsWhatItStandsOver(_ base: String, _ format: SourceFormat) throws {
    let desk = try MappingDesk(try overlay(base), folder: shipped, zone: "America/Chicago")
    #expect(desk.format == format)
    #expect(desk.names.last == "own@1")
    #expect(try desk.plan().mappings.contains { $0.id == "own" })
  }
}
