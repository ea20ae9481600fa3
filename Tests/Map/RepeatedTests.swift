import Core
import Map
import Testing

@Suite("Repeated keys")
struct RepeatedKeyTests {
  @Test("Rows of one key and different content are all held, none is chosen")
  func repeated() throws {
    let line = "OBX|1|TX|X^Y^L||"
    let message = try Mapped.result("\(line)one\r\(line)two\r\(line)three\rOBX|2|TX|X^Y^L||other\r")
    #expect(message.held == ["KEY-REPEATED OBX within OBR 1", "KEY-REPEATED OBX within OBR 2", "KEY-REPEATED OBX within OBR 3"])
    #expect(message.values("observation", "value") == ["other"])
    #expect(message.values("patient", "identifier") == ["P1@NORTH"])
  }

  @Test("What was found is mapped, held or skipped, also where keys repeat")
  func tally() throws {
    let line = "OBX|1|TX|X^Y^L||"
    let message = try Mapped.result("\(line)one\r\(line)one\r\(line)two\r\(line)one\r")
    #expect(message.held.count == 2)
    #expect(message.message.skipped.filter { $0.rule == "repeated" }.map(\.count) == [2])
    #expect(message.values("observation", "value") == [])
  }

  @Test("A key that stands again at another event time is another statement")
  func otherTime() throws {
    let order = { (time: String) in "OBR|1||F1^LAB" + String(repeating: "|", count: 19) + time + "\rOBX|1|TX|X^Y^L||\(time)\r" }
    let message = try Mapped.result(order("2026030108") + order("2026030109") + order("2026030109") + "OBX|1|TX|X^Y^L||late\r", order: "")
    #expect(message.values("observation", "value") == ["2026030108"])
    #expect(message.held.count == 2)
  }
}
