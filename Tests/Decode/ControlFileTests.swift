import Core
import Decode
import Testing

@Suite struct ControlFileTests {
  @Test(arguments: ["documents,8", "Documents,8", "MESSAGES,8", "documents , 8 ", "documents=8", "\tmessages = 8\t\r\n", "# note\n\ndocuments,8\n", "\u{FEFF}documents,8"])
  func `a control file gives its count`(text: String) {
    #expect(ControlFile.read(Array(text.utf8)) == .success(8))
  }

  @Test(arguments: ["", "documents", "documents,", "documents,-1", "documents,8,9", "pages,8", "documents,8\nmessages,8", "documents,eight", "documents,8 9", "documents,1000000000001"])
  func `what names no one count is no control file`(text: String) {
    #expect(throws: ControlFileFault.self) { try ControlFile.read(Array(text.utf8)).get() }
  }

  @Test func `a count as large as a control file may hold is read`() {
    #expect(ControlFile.read("documents,1000000000000".utf8) == .success(1_000_000_000_000))
  }
}
