import Core
import Map
import Testing

/// A mapping of a test's own, `own@1`, and what it makes of one message.
struct OwnMapping {
  var format = SourceFormat.hl7v2
  var reads = "{hl7v2: [ORU^R01]}"
  /// Lines of the head, at its margin.
  var head = ""
  /// Entity blocks, at the margin of the file.
  var blocks: String

  /// Observations of `OBX`, keyed by OBX-4, with the patient's own block before.
  static func results(_ block: String, reads: String = "{hl7v2: [ORU^R01]}", head: String = "", set: String = "") -> OwnMapping {
    OwnMapping(
      reads: reads, head: head,
      blocks: """
        patient:
          each: PID
          key: [identifier]
          set:
            identifier: PID-3 | id else MSH-4.1 | required
        observation:
          each: OBX
          key: [order, code, sub, patient, code_system]
        \(block.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n"))
          set:
            order: OBX-21 | id else MSH-4.1 | default "-"
            code: OBX-3.1 | required
            sub: OBX-4 or OBX-1 | default "-"
            patient: ref patient | required
            code_system: OBX-3.3 | default "-"
            status: OBX-11
            value: OBX-5[*] | typed OBX-2
        \(set.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n"))
        """)
  }

  var text: String {
    """
    mapping: own
    version: 1
    reads: \(reads)
    zone: feed
    event_time: \(format == .cda ? "/h:ClinicalDocument/h:effectiveTime/@value" : "MSH-7")
    owner: test
    why: test
    \(head)
    \(blocks)
    examples:
      - name: none
        given: MSH
        expect: {}
    """
  }

  var library: MappingLibrary { Fixture.library([(format == .cda ? "ccda" : "hl7v2") + "/own/1.yaml": text]) }

  func plan() throws -> MapPlan { try Fixture.plan(["own@1"], format, library) }

  /// Of segments behind an MSH of the type; the patient is P1.
  func map(_ segments: String, type: String = "ORU^R01") throws -> Mapped {
    try Mapped("MSH|^~\\&|A|NORTH|||20260301||\(type)|1\rPID|1||P1\r" + segments, ["own@1"], format, library)
  }

  /// The error of a mapping that is refused.
  func refusal() -> ConfigurationError? {
    do {
      _ = try plan()
      return nil
    } catch { return error as? ConfigurationError }
  }
}
