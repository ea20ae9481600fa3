@testable import Pipeline
import Support
import Testing

@Suite struct ProgramVersionTests {
  private let record = "0b1c2d-dirty\nabcd  compline\nef01  compline-pull\n"

  @Test func `the commit is named for exactly the executable that was built from it`() {
    #expect(ProgramVersion.commit(in: record, of: "compline-pull", digest: "ef01") == "0b1c2d-dirty")
  }

  @Test(arguments: [("compline-pull", "abcd"), ("compline", "0000"), ("compline-nightly", "abcd")]) func `no commit is named for another executable`(job: String, digest: String) {
    #expect(ProgramVersion.commit(in: record, of: job, digest: digest) == nil)
  }

  @Test(arguments: ["", "unknown build\nabcd  compline", String(repeating: "a", count: 65) + "\nabcd  compline"]) func `a record of another form names nothing`(record: String) {
    #expect(ProgramVersion.commit(in: record, of: "compline", digest: "abcd") == nil)
  }
}
