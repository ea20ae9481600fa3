import Core
@testable import Pipeline
import Support
import Testing

/// `owns` of a feed and `assigners` of a site, as files say them.
@Suite struct FieldOwnerFileTests {
  static let dictionary = CanonicalDictionary(
    version: 1,
    entities: [
      CanonicalEntity(
        name: "patient", fhir: "Patient",
        fields: [
          CanonicalField(name: "identifier", kind: .identifier, dataClass: .identifier, isKey: true), CanonicalField(name: "phone", kind: .text, dataClass: .contact),
          CanonicalField(name: "replaced_by", kind: .reference(entity: "patient"), dataClass: .identifier),
        ])
    ], digest: "")

  private func feed(_ name: String, _ owns: String) throws -> FeedFile {
    let folder = try TemporaryFolder()
    let text = """
      feed: \(name)
      owner: interfaces@example.invalid
      from: {drop: drops/\(name)}
      format: hl7v2
      mappings: [hl7v2-standard]
      zone: America/Chicago
      arrival: {by: "02:00", complete: settle}
      \(owns)
      """
    return try FeedFile.read(Array(text.utf8), file: "feeds/\(name).yaml", ground: SiteGround(folder: try SiteFolder(folder.path), keys: folder.path + ".keys"))
  }

  private func refusal(_ feeds: [FeedFile]) -> ConfigurationError? {
    do {
      try Site.checkOwners(feeds, Self.dictionary)
      return nil
    } catch { return error }
  }

  @Test("A feed may own fields that one other feed does not own") func owned() throws {
    let desk = try feed("desk", "owns: {patient: [phone]}"), lab = try feed("lab", ""), second = try feed("lab", "owns: {patient: phone}")
    #expect(desk.owns.map(\.field) == ["phone"])
    #expect(refusal([desk, lab]) == nil)
    #expect(refusal([desk, second])?.code == "CFG-228")
  }

  @Test("Keys, links and what is no field cannot be owned", arguments: ["patient: [identifier]", "patient: [replaced_by]", "patient: [fax]", "person: [phone]"])
  func refused(owns: String) throws {
    let error = refusal([try feed("desk", "owns: {\(owns)}")])
    #expect(error?.code == "CFG-227" && error?.line == 8)
  }

  @Test("An assigner's numbers end as a scheme of ours says, or the file is refused") func assigners() throws {
    let folder = try TemporaryFolder(), site = try SiteFolder(folder.path)
    let text = { (scheme: String) in Array("site: s\nzone: America/Chicago\nmappings: m\nassigners: {NORTH: {check_digit: \(scheme)}}\n".utf8) }
    #expect(try SiteConfiguration.read(text("m11"), folder: site).checkDigits == [Array("NORTH".utf8): .m11])
    #expect(throws: ConfigurationError.self) { try SiteConfiguration.read(text("m12"), folder: site) }
  }
}
