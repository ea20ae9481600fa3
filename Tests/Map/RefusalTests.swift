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
      ("PID-29  ", "PID-2[x]", "MAP-133"), ("PID-29  ", "PID-0", "MAP-133"),
      ("| time | or absent", "| ucum", "MAP-139"), ("| upper | code", "| shout | code", "MAP-136"), ("sex@1", "sex@9", "MAP-140"),
      ("code sex@1", "code sex", "MAP-140"),
      ("zone:       feed", "zone:       UTC", "MAP-143"), ("key:  [identifier]", "key:  [family]", "MAP-148"),
      ("| id else sender | required", "| required", "MAP-139"),
      ("| id else sender | required", "| id", "MAP-137"), ("each: PID\n", "each: PID unless PV1\n", "MAP-142"),
      ("subject: true", "subject: maybe", "MAP-142"), ("subject: true", "absent: perhaps", "MAP-142"),
      ("  events: {A29: withdraw}", "  events: {A98: cancel}", "MAP-153"), ("PID-5.2\n", "PID-5.2 or PID-5.2\n", "MAP-132"),
      ("PID-19: the social", "PID-29: the social", "MAP-147"),
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

/// Every refusal says where, and what would be legal there.
@Suite("Refusals name place and alternatives")
struct RefusalTextTests {
  private static let results = OwnMapping.results("")

  private static func message(_ old: String, _ new: String, _ path: String) throws -> ConfigurationError? {
    let text = String(decoding: try #require(Fixture.shipped[path]), as: UTF8.self)
    let at = try #require(text.firstRange(of: old, from: text.startIndex))
    do {
      let isDocument = path.hasPrefix("ccda")
      let library = Fixture.library([path: text[..<at.lowerBound] + new + text[at.upperBound...]])
      _ = try Fixture.plan([isDocument ? "ccda-standard" : "hl7v2-standard"], isDocument ? .cda : .hl7v2, library)
      return nil
    } catch { return error as? ConfigurationError }
  }

  @Test(
    "In a mapping of HL7 v2",
    arguments: [
      ("mapping: pid", "mapping: pad", "MAP-142"), ("version: 1", "version: 2", "MAP-142"), ("reads:      {hl7v2", "raeds:      {hl7v2", "MAP-142"),
      ("{hl7v2: [ADT", "{hl7v2: [], xx: [ADT", "MAP-145"), ("{hl7v2: [ADT^A01", "{hl7v2: [ADT^A001", "MAP-145"), ("zone:       feed\n", "", "MAP-142"),
      ("EVN-2 or MSH-7", "EVN-2 | date", "MAP-142"), ("NK1:    no consumer uses next of kin", "NK1: ''", "MAP-147"), ("ignore:\n", "ignore: none\nx:\n", "MAP-142"),
      ("subject: true", "subject: yes", "MAP-142"), ("subject: true", "section: any", "MAP-142"), ("subject: true", "null_flavor: {others: hold}", "MAP-149"),
      ("subject: true", "negation: skip", "MAP-149"), ("subject: true", "repeated: entry", "MAP-149"), ("subject: true", "hold: {PID-8: F}", "MAP-149"),
      ("subject: true", "hold: all", "MAP-149"), ("subject: true", "hold: {PID-8: {F: NO-SUCH}}", "MAP-149"), ("each: PID\n", "each: PIX\n", "MAP-133"),
      ("PID-13[first] or PID-40[2=PRN] | phone", "PID-13.1 or", "MAP-133"), ("PID-13[first] or PID-40[2=PRN] | phone", "PID-13.1 | | trim", "MAP-131"), ("PID-13[first] or PID-40[2=PRN] | phone", "[PID-13]", "MAP-131"),
      ("PID-13[first] or PID-40[2=PRN] | phone", "PID-13[*]", "MAP-135"), ("PID-13[first] or PID-40[2=PRN] | phone", "PID-13[*] | join x", "MAP-135"), ("PID-13[first] or PID-40[2=PRN] | phone", "PID-13 | typed", "MAP-135"),
      ("PID-13[first] or PID-40[2=PRN] | phone", "PID-13 | sign by sum", "MAP-136"), ("PID-13[first] or PID-40[2=PRN] | phone", "PID-13 | unmapped pass", "MAP-136"),
      ("PID-13[first] or PID-40[2=PRN] | phone", "PID-13 | code sex@1 | unmapped maybe", "MAP-136"), ("PID-13[first] or PID-40[2=PRN] | phone", "PID-13 | beside zip", "MAP-136"),
      ("PID-13[first] or PID-40[2=PRN] | phone", "ref nobody", "MAP-138"), ("PID-13[first] or PID-40[2=PRN] | phone", "PID-13 | narrative", "MAP-136"), ("beside street\n    city", "beside city\n    city", "none"),
      ("PID-11[7=H].3 or PID-11[1].3   |", "PID-11[7=H].3 |", "MAP-136"), ("id else sender | required", "id or MSH-4.1 | required", "MAP-135"),
      ("id else sender | required", "id else MSH-4.1 MSH-3.1 | required", "MAP-135"), ("PID-3[5=MR] or", "PID-3[5=MR].1 or", "MAP-135"),
      ("examples:\n", "examples: none\nx:\n", "MAP-142"), ("PID-19: the social", "PIX-19: the social", "MAP-147"), ("PID-19: the social", "number: the social", "MAP-147"),
    ])
  func segments(old: String, new: String, code: String) throws {
    guard code != "none" else { return }
    let error = try #require(try Self.message(old, new, "hl7v2/pid-patient/1.yaml"))
    #expect(error.code == code && !(error.hint.isEmpty && !error.summary.contains("is missing")))
    #expect(error.line > 0 && error.column > 0 && error.summary.hasPrefix("Mappings/hl7v2/pid-patient/1.yaml:\(error.line):\(error.column): "))
  }

  @Test(
    "In a mapping of documents",
    arguments: [
      ("null_flavor: {entry: skip, others: absent}", "null_flavor: {entry: never, others: absent}", "MAP-149"), ("others: absent", "other: absent", "MAP-149"),
      ("negation: value", "negation: maybe", "MAP-149"), ("repeated: entry", "repeated: twice", "MAP-149"), ("section: any", "section: h:section", "MAP-142"),
      ("section: any", "section: //h:section/h:code", "MAP-142"), ("| id else entry", "| id else MSH-4", "MAP-135"), ("repeated: entry", "hold: {a: {b: c}}", "MAP-149"),
      ("./@negationInd |", "./h:code/@code |", "MAP-149"), ("{cda: any}", "{cda: []}", "MAP-145"), ("negation: value", "events: {A01: cancel}", "MAP-153"),
      ("when: {h:templateId/ancestor::*/h:subject/h:relatedSubject/@classCode: [(absent)]}", "when: {h:text: [x]}", "MAP-152"),
    ])
  func documents(old: String, new: String, code: String) throws {
    let error = try #require(try Self.message(old, new, "ccda/cda-problem/1.yaml"))
    #expect(error.code == code && !error.hint.isEmpty)
    #expect(error.line > 0 && error.column > 0)
  }

  @Test(
    "In sets and code sets",
    arguments: [
      ("sets/hl7v2-standard/1.yaml", "set: hl7", "set: hl8", "MAP-160"), ("sets/hl7v2-standard/1.yaml", "mappings: [", "mappings: []\nx: [", "MAP-160"),
      ("sets/hl7v2-standard/1.yaml", "{ORU: ORU^R01,", "{ORU: R01,", "MAP-160"), ("sets/hl7v2-standard/1.yaml", "alias: {ORU", "alias: ORU\nx: {ORU", "MAP-160"),
      ("sets/hl7v2-standard/1.yaml", "ACK^*", "A*K", "MAP-160"), ("sets/hl7v2-standard/1.yaml", "no_rows:", "held: {CANCEL: [ADT^A11]}\nno_rows:", "MAP-149"),
      ("codes/sex/1.csv", "source,", "from,", "MAP-150"), ("codes/sex/1.csv", "equivalent", "same", "MAP-150"), ("codes/sex/1.csv", "F,female", "F,", "MAP-150"),
      ("codes/sex/1.csv", "F,female", "M,female", "MAP-151"), ("codes/sex/1.csv", "F,female", "\"F,female", "MAP-150"),
    ])
  func others(path: String, old: String, new: String, code: String) throws {
    let error = try #require(try Self.message(old, new, path))
    #expect(error.code == code && !error.hint.isEmpty && error.file == "Mappings/" + path)
    #expect(error.line > 0 && error.column > 0)
  }

  @Test("A chain beside another one is as long as that")
  func beside() throws {
    let error = try #require(OwnMapping.results("", set: "unit: OBX-6.1 or OBX-3.1\nrange: OBX-6.2 | beside unit").refusal())
    #expect(error.code == "MAP-136" && error.hint == "Give both lines as many paths: that of 'unit' has 2.")
  }
}

@Suite("Refusals of lines that would say something else than they seem to")
struct MisleadingLineTests {
  /// The code of what refuses a line of `patient`.
  private func refused(_ line: String) throws -> String {
    let own = OwnMapping(
      blocks: """
        patient:
          each: PID
          key: [identifier]
          set:
            identifier: PID-3 | id else MSH-4.1 | required
            \(line)
        """)
    do {
      _ = try own.plan()
      return "none"
    } catch let error as ConfigurationError { return error.code }
  }

  @Test("A quote that stays open is refused, however it came about", arguments: [#"given: PID-5[*].2 | join " # " | required"#, #"family: PID-9 | default "X | required"#, "family: PID-9 | default 'U'"])
  func openQuote(line: String) throws { #expect(try refused(line) == "MAP-131") }

  @Test("A quote that is closed is not", arguments: [#"given: 'PID-5[*].2 | join " # "'"#, #"family: PID-9 | default "X | Y""#])
  func closedQuote(line: String) throws { #expect(try refused(line) == "none") }

  @Test("A constant is what its field holds", arguments: [
    ("birth_date: PID-7 | date | default unknown", "MAP-139"), ("birth_date: PID-7 | date | default 19700101", "none"),
    ("deceased: PID-29 | time | or absent | default 202613", "MAP-139"), ("deceased: PID-29 | time | default 20260101080000", "MAP-139"),
    ("birth_order: PID-25 | integer | default 1.5", "MAP-139"), (#"family: PID-9 | default """#, "MAP-139"),
  ])
  func constant(line: String, code: String) throws { #expect(try refused(line) == code) }

  @Test("What a line says once it says once", arguments: ["family: PID-9 | default A | default B", "family: PID-5[*] | join \" \" | join \"-\""])
  func twice(line: String) throws { #expect(try refused(line) == "MAP-136") }

  @Test("A picture in which nobody sees where a part ends is refused", arguments: [("YYYYMD", "MAP-136"), ("D.M.YYYY", "none"), ("MDYYYY", "MAP-136"), ("YYYY-M-D", "none"), ("YYYYMMDD", "none"), ("M1DDYYYY", "MAP-136")])
  func picture(picture: String, code: String) throws { #expect(try refused("birth_date: PID-7 | date \"\(picture)\"") == code) }
}

@Suite("Signs of amounts")
struct SignTests {
  /// The code of what refuses a mapping of charges whose line `kind` is this.
  private func refused(_ kind: String) throws -> String {
    let text = String(decoding: try #require(Fixture.shipped["hl7v2/dft-charge/1.yaml"]), as: UTF8.self)
    let line = try #require(text.split(separator: "\n").first { $0.contains("kind:        FT1-6") })
    let library = Fixture.library(["hl7v2/dft-charge/1.yaml": text.replacing(line, with: "    kind:        FT1-6 \(kind)")])
    do {
      _ = try Fixture.plan(["hl7v2-standard"], .hl7v2, library)
      return "none"
    } catch let error as ConfigurationError { return error.code }
  }

  @Test("A sign is taken only from a code set that knows credits and holds what it does not know", arguments: [
    ("| upper | code charge-kind@1 | unmapped hold | required", "none"), ("| code charge-kind@1 | upper", "MAP-136"), ("", "MAP-136"),
    ("| code charge-kind@1 | unmapped pass", "MAP-136"), ("| code charge-kind@1 | unmapped default Credit", "MAP-136"), ("| code sex@1", "MAP-136"),
  ])
  func signs(kind: String, code: String) throws { #expect(try refused(kind) == code) }
}

@Suite("Code sets as files")
struct CodeSetFileTests {
  private static let header = "source,target,relationship,since,until,approver\n"

  /// What a set with this text makes of a value in PID-8; the code of what refuses it.
  private func sex(_ text: String, of value: String) throws -> String {
    let library = Fixture.library(["codes/sex/1.csv": text])
    do {
      return try Mapped("MSH|^~\\&|A|NORTH|||20260301||ADT^A01|1\rPID|1||P1|||||\(value)\r", ["pid-patient@1"], .hl7v2, library).cell("patient", "sex")
    } catch let error as ConfigurationError { return error.code }
  }

  @Test("A doubled quote is a quote, and one in the middle of a cell is refused", arguments: [
    (#""5""",five,equivalent,,,me"#, "five"), (#"5"",five,equivalent,,,me"#, "MAP-150"), (#""5"b",x,equivalent,,,me"#, "MAP-150"), (#"5,x,equivalent,,,me"#, #"5""#),
  ])
  func quotes(line: String, expected: String) throws { #expect(try sex(Self.header + line, of: #"5""#) == expected) }

  @Test("A table that a spreadsheet saved is read")
  func saved() throws { #expect(try sex("\u{FEFF}" + (Self.header + "F,female,equivalent,,,me\n").replacing("\n", with: "\r\n"), of: "F") == "female") }

  @Test("Blanks at the ends and dates the wrong way round are refused", arguments: ["F ,female,equivalent,,,me", "F, female,equivalent,,,me", "F,female,equivalent,2026-02-01,2026-01-01,me"])
  func refused(line: String) throws { #expect(try sex(Self.header + line, of: "F") == "MAP-150") }
}
