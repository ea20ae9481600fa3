import Core
import Map
import Testing

@Suite("Refusals")
struct RefusalTests {
  /// The error of the shipped pid-patient with one text exchanged.
  private func error(_ old: String, _ new: String, path: String = "hl7v2/pid-patient/1.yaml", format: SourceFormat = .hl7v2) throws
    -> ConfigurationError?
  {
    let text = String(decoding: try #require(Fixture.shipped[path]), as: UTF8.self)
    let at = try #require(text.firstRange(of: old, from: text.startIndex))
    let library = Fixture.library([path: text[..<at.lowerBound] + new + text[at.upperBound...]])
    do {
      _ = try Fixture.plan([format == .hl7v2 ? "hl7v2-standard" : "ccda-standard"], format, library)
      return nil
    } catch let error as ConfigurationError { return error }
  }

  @Test(
    "What the language does not know is refused with its place",
    arguments: [
      ("middle:     PID-5.3", "midle:      PID-5.3", "MAP-130"), ("PID-29  ", "PIX-29  ", "MAP-133"), ("PID-29  ", "PID-99  ", "MAP-133"),
      ("PID-29  ", "PID-2[x]", "MAP-133"),
      ("| time | or absent", "| ucum", "MAP-136"), ("| upper | code", "| shout | code", "MAP-136"), ("sex@1", "sex@9", "MAP-140"),
      ("code sex@1", "code sex", "MAP-140"),
      ("zone:       feed", "zone:       UTC", "MAP-143"), ("key:  [identifier]", "key:  [family]", "MAP-148"),
      ("| id else MSH-4.1 or MSH-3.1 | required", "| required", "MAP-139"),
      ("| id else MSH-4.1 or MSH-3.1 | required", "| id", "MAP-137"), ("each: PID\n", "each: PID unless PV1\n", "MAP-142"),
      ("subject: true", "subject: maybe", "MAP-142"), ("subject: true", "absent: perhaps", "MAP-142"),
      ("  subject: true", "  events: {A11: cancel}", "MAP-142"), ("PID-5.2\n", "PID-5.2 or PID-5.2\n", "MAP-132"),
      ("PID-10: race is", "PID-29: race is", "MAP-147"),
      ("ADT^A01,", "ADTA01,", "MAP-145"), ("owner: ", "ownr: ", "MAP-142"), ("PID-29                    | time", "PID-29 | date | time", "none"),
    ])
  func unknown(old: String, new: String, code: String) throws {
    let error = try error(old, new)
    #expect((error?.code ?? "none") == code)
    #expect(error == nil || (error?.file == "Mappings/hl7v2/pid-patient/1.yaml" && (error?.line ?? 0) > 0))
  }

  @Test("A misspelt field is answered with the nearest one")
  func nearest() throws {
    let error = try #require(try error("birth_date: PID-7", "birthdate: PID-7"))
    #expect(error.summary.hasPrefix("Mappings/hl7v2/pid-patient/1.yaml:"))
    #expect(error.hint.hasPrefix("Did you mean 'birth_date'?"))
  }

  @Test("nullFlavor and negationInd must be dealt with", arguments: ["  null_flavor: {entry: skip, others: absent}\n", "  negation: value\n"])
  func silence(line: String) throws { #expect(try error(line, "", path: "ccda/cda-problem/1.yaml", format: .cda)?.code == "MAP-149") }

  @Test("A path outside the XPath subset is refused", arguments: ["h:value//h:low", "h:value[", "value/@code", "h:value[@a=b]", "h:value/@code/h:x"])
  func paths(path: String) throws {
    #expect(try error("h:effectiveTime/h:high/@value ", path + " ", path: "ccda/cda-problem/1.yaml", format: .cda)?.code == "MAP-134")
  }

  @Test("A feed without a zone does not pass")
  func noZone() {
    #expect(throws: ConfigurationError.self) { try MapPlan.build(Fixture.shipped, mappings: ["hl7v2-standard"], format: .hl7v2, zone: nil) }
  }

  @Test("A mapping whose references need another one is refused without it")
  func after() {
    let error = #expect(throws: ConfigurationError.self) { try Fixture.plan(["dft-charge@1"]) }
    #expect(error?.code == "MAP-161")
  }

  @Test("An unknown mapping is answered with the nearest name")
  func unknownMapping() {
    let error = #expect(throws: ConfigurationError.self) { try Fixture.plan(["hl7-standard"]) }
    #expect(error?.hint.hasPrefix("Did you mean 'hl7v2-standard@1'?") == true)
  }

  @Test("A mapping of another format is refused")
  func otherFormat() {
    let error = #expect(throws: ConfigurationError.self) { try Fixture.plan(["ccda-standard"], .hl7v2) }
    #expect(error?.code == "MAP-145")
  }
}

extension String {
  func firstRange(of text: String, from start: Index) -> Range<Index>? {
    var at = start
    while at < endIndex {
      if self[at...].hasPrefix(text) { return at..<index(at, offsetBy: text.count) }
      at = index(after: at)
    }
    return nil
  }
}
