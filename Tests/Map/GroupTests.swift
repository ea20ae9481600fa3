import Core
import Map
import Testing

/// `each X within Y` by position, in the groups of ORU, OML, DFT and VXU: a mapping of the test's own gives one provider row for each X,
/// whose number is X's first field and whose organization is Y's.
@Suite("Segment groups")
struct GroupTests {
  private static func mapping(_ each: String, _ type: String) -> String {
    let words = each.split(separator: " ")
    let child = words[0], parent = words[words.count - 1]
    return """
      mapping: own-group
      version: 1
      reads: {hl7v2: [\(type)]}
      zone: feed
      event_time: MSH-7
      owner: test
      why: test
      provider:
        each: \(each)
        key: [identifier]
        set:
          identifier: \(child)-1 | id else MSH-4.1 | required
          organization: \(parent)-1
          role: PV1-2
      examples:
        - name: none
          given: MSH
          expect: {}
      """
  }

  /// `child<parent` of each row, then what is held.
  private func rows(_ each: String, _ type: String, _ segments: String) throws -> [String] {
    let library = Fixture.library(["hl7v2/own-group/1.yaml": Self.mapping(each, type)])
    let text = "MSH|^~\\&|A|NORTH|||20260301||\(type)|1\r" + segments.split(separator: " ").map { $0 + "\r" }.joined()
    let message = try Mapped(text, ["own-group"], .hl7v2, library)
    return zip(message.values("provider", "identifier"), message.values("provider", "organization")).map { "\($0.prefix { $0 != "@" })<\($1)" } + message.held
  }

  @Test(
    "A result belongs to the request before it in its order",
    arguments: [
      ("ORU^R01", "PID ORC|1 OBR|a OBX|1 OBX|2 OBR|b OBX|3", ["1<a", "2<a", "3<b"]),
      ("ORU^R01", "PID OBX|1 OBR|a OBX|2", ["2<a", "ORPHAN-SEGMENT OBX within OBR 1"]),
      ("ORU^R01", "PID ORC|1 OBR|a OBX|1 ORC|2 OBX|2", ["1<a", "ORPHAN-SEGMENT OBX within OBR 2"]),
      ("ORU^R01", "PID OBR|a OBX|1 PID OBX|2", ["1<a", "ORPHAN-SEGMENT OBX within OBR 2"]),
      ("OML^O21", "PID ORC|1 OBR|a NTE|n OBX|1 SPM|s OBX|2 ORC|2 OBR|b OBX|3", ["1<a", "2<a", "3<b"]),
    ])
  func results(type: String, segments: String, want: [String]) throws { #expect(try rows("OBX within OBR", type, segments) == want) }

  @Test(
    "Where ORC and SPM stand in a type of message says what ends an order",
    arguments: [
      (
        "OUL^R22", "PID OBX|0 SPM|s OBX|1 OBR|a ORC|1 OBX|2 SPM|t OBX|3 OBR|b OBX|4",
        ["2<a", "4<b", "ORPHAN-SEGMENT OBX within OBR 1", "ORPHAN-SEGMENT OBX within OBR 2", "ORPHAN-SEGMENT OBX within OBR 4"]
      ),
      ("OUL^R24", "PID OBR|a ORC|1 OBX|1 SPM|s OBX|2 OBR|b OBX|3", ["1<a", "2<a", "3<b"]),
      ("OUL^R21", "PID SAC|x ORC|1 OBR|a OBX|1 ORC|2 OBX|2", ["1<a", "ORPHAN-SEGMENT OBX within OBR 2"]),
      (
        "OML^O33", "PID SPM|s OBX|0 ORC|1 OBR|a OBX|1 SPM|t OBX|2 ORC|2 OBR|b OBX|3",
        ["1<a", "3<b", "ORPHAN-SEGMENT OBX within OBR 1", "ORPHAN-SEGMENT OBX within OBR 3"]
      ),
    ])
  func specimenFirst(type: String, segments: String, want: [String]) throws { #expect(try rows("OBX within OBR", type, segments) == want) }

  @Test(
    "What stands outside of a group is what has no parent there",
    arguments: [
      ("OUL^R22", "PID OBX|0 SPM|s OBX|1 OBR|a ORC|1 OBX|2 SPM|t OBX|3 OBR|b OBX|4", ["0<(absent)", "1<(absent)", "3<(absent)"]),
      ("DFT^P03", "PID OBX|0 OBX|1 ORC|1 OBR|a OBX|2 ORC|2 OBX|3 PID OBX|4", ["0<(absent)", "1<(absent)", "3<(absent)", "4<(absent)"]),
    ])
  func outside(type: String, segments: String, want: [String]) throws { #expect(try rows("OBX outside OBR", type, segments) == want) }

  @Test("What one mapping reads outside of a group, another one does not hold as an orphan of it")
  func outsideAndWithin() throws {
    let text = "MSH|^~\\&|A|NORTH|||20260301||OUL^R22|1\rPID|1||P1\rSPM|1|S1\rOBX|1|ST|X||a\rOBR|1||F1\rOBX|1|ST|X||b\r"
    #expect(try Mapped(text).values("observation", "value").sorted() == ["a", "b"])
    #expect(try Mapped(text).held == [])
    #expect(try Mapped(text, ["pid-patient@1", "obr-observation@1"]).held == ["ORPHAN-SEGMENT OBX within OBR 1"])
  }

  @Test(
    "A note belongs to what stands right before it",
    arguments: [
      ("NTE within OBX", "PID OBR|a OBX|1 NTE|n NTE|m OBR|b NTE|o OBX|2 NTE|p", ["n<1", "m<1", "p<2", "ORPHAN-SEGMENT NTE within OBX 3"]),
      ("NTE within OBR", "PID ORC|1 NTE|l OBR|a NTE|n OBX|1 NTE|m", ["n<a", "ORPHAN-SEGMENT NTE within OBR 1", "ORPHAN-SEGMENT NTE within OBR 3"]),
    ])
  func notes(each: String, segments: String, want: [String]) throws { #expect(try rows(each, "ORU^R01", segments) == want) }

  @Test(
    "A specimen belongs to the request before it, and its results to the specimen",
    arguments: [
      ("SPM within OBR", "PID ORC|1 OBR|a SPM|s ORC|2 SPM|t OBR|b SPM|u", ["s<a", "u<b", "ORPHAN-SEGMENT SPM within OBR 2"]),
      ("OBX within SPM", "PID ORC|1 OBR|a OBX|1 SPM|s OBX|2 OBR|b OBX|3", ["2<s", "ORPHAN-SEGMENT OBX within SPM 1", "ORPHAN-SEGMENT OBX within SPM 3"]),
    ])
  func specimens(each: String, segments: String, want: [String]) throws { #expect(try rows(each, "OML^O21", segments) == want) }

  @Test(
    "Procedures and diagnoses belong to the charge before them, plan details to the plan",
    arguments: [
      ("PR1 within FT1", "PID PR1|0 FT1|a PR1|1 PR1|2 FT1|b PR1|3", ["1<a", "2<a", "3<b", "ORPHAN-SEGMENT PR1 within FT1 1"]),
      ("DG1 within FT1", "PID DG1|0 FT1|a PR1|x DG1|1 FT1|b DG1|2", ["1<a", "2<b", "ORPHAN-SEGMENT DG1 within FT1 1"]),
      ("IN2 within IN1", "PID IN2|0 IN1|a IN2|1 IN1|b IN2|2", ["1<a", "2<b", "ORPHAN-SEGMENT IN2 within IN1 1"]),
    ])
  func charges(each: String, segments: String, want: [String]) throws { #expect(try rows(each, "DFT^P03", segments) == want) }

  @Test(
    "A vaccination belongs to its order; route and results belong to the vaccination",
    arguments: [
      ("RXA within ORC", "PID RXA|0 ORC|a RXA|1 ORC|b RXA|2", ["1<a", "2<b", "ORPHAN-SEGMENT RXA within ORC 1"]),
      ("RXR within RXA", "PID ORC|1 RXA|a RXR|1 ORC|2 RXR|2 RXA|b RXR|3", ["1<a", "3<b", "ORPHAN-SEGMENT RXR within RXA 2"]),
      ("OBX within RXA", "PID OBX|0 ORC|1 RXA|a RXR|x OBX|1 ORC|2 OBX|2", ["1<a", "ORPHAN-SEGMENT OBX within RXA 1", "ORPHAN-SEGMENT OBX within RXA 3"]),
    ])
  func vaccinations(each: String, segments: String, want: [String]) throws { #expect(try rows(each, "VXU^V04", segments) == want) }

  @Test("The visit of a result is that of its patient, never of the one before") func visits() throws {
    let library = Fixture.library(["hl7v2/own-group/1.yaml": Self.mapping("OBX within OBR", "ORU^R01")])
    let text = "MSH|^~\\&|A|NORTH|||20260301||ORU^R01|1\rPID\rPV1|1|I\rOBR|a\rOBX|1\rPID\rOBR|b\rOBX|2\rPV1|2|O\rOBR|c\rOBX|3\r"
    let message = try Mapped(text, ["own-group"], .hl7v2, library)
    #expect(message.values("provider", "role") == ["I", "(absent)", "O"])
  }
}
