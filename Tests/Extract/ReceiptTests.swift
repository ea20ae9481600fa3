import Core
import Store
import Testing

@testable import Extract

@Suite struct ReceiptTests {
  private static let digest = String(repeating: "0a", count: 32)

  private func read(_ text: String, _ format: ReceiptReader.Format) -> ReceiptStatement? { ReceiptReader.read(Array(text.utf8), format) }

  @Test func `a JSON receipt says what was taken and what was not`() {
    let text = #"{"sha256": "\#(Self.digest.uppercased())", "accepted": 4, "refused": 1, "errors": [{"line": 2, "text": "of whom it may be"}]}"#
    #expect(read(text, .json) == ReceiptStatement(digest: Self.digest, acknowledged: 4, refused: 1))
  }

  @Test func `a CSV receipt may have its columns in any order, and more of them`() {
    let text = "\u{FEFF}file,accepted,sha256,refused\r\n\"billing.csv\",4,\(Self.digest),0\r\n"
    #expect(read(text, .csv) == ReceiptStatement(digest: Self.digest, acknowledged: 4, refused: 0))
  }

  @Test func `who refuses nothing need not say so`() { #expect(read(#"{"sha256": "\#(Self.digest)", "accepted": 4}"#, .json)?.refused == 0) }

  @Test(arguments: [
    "", "[]", "{}", #"{"accepted": 4}"#, #"{"sha256": "0a", "accepted": 4}"#, #"{"sha256": "D", "accepted": -1}"#, #"{"sha256": "D", "accepted": 1.5}"#,
    #"{"sha256": "D", "accepted": "many"}"#, #"{"sha256": "D", "accepted": 99999999999999}"#, #"{"sha256": "D", "accepted": 1, "refused": null}"#,
  ])
  func `what is no receipt is not guessed at`(text: String) {
    #expect(read(text.replacing("\"D\"", with: "\"\(Self.digest)\""), .json) == nil)
  }

  @Test(arguments: ["", "sha256,accepted", "sha256,accepted\nD,1\nD,2", "sha256,accepted\nD", "accepted\n1"])
  func `nor is a table of another shape`(text: String) { #expect(read(text.replacing("D", with: Self.digest), .csv) == nil) }

  @Test func `what is too long is no receipt`() {
    let text = #"{"sha256": "\#(Self.digest)", "accepted": 4, "more": "\#(String(repeating: "x", count: 1 << 20))"}"#
    #expect(read(text, .json) == nil)
  }
}
