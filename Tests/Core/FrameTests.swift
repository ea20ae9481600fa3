import Core
import Support
import Testing

@Suite struct RowKeyTests {
  @Test("Keys with other borders between their parts differ") func unambiguous() {
    #expect(RowKey.encode([Array("ab".utf8), Array("c".utf8)]) != RowKey.encode([Array("a".utf8), Array("bc".utf8)]))
    #expect(RowKey.encode([[1]]) == [0, 0, 0, 1, 1])
  }

  @Test("A key gives its parts back", arguments: SeededGenerator.seeds(20)) func roundTrip(seed: UInt64) {
    var generator = SeededGenerator(seed)
    let parts = (0..<Int.random(in: 0...5, using: &generator)).map { _ in generator.bytes(Int.random(in: 0...300, using: &generator)) }
    #expect(RowKey.parts(RowKey.encode(parts)) == parts)
  }

  @Test("Bytes that are no key have no parts", arguments: [[0], [0, 0, 0], [0, 0, 0, 2, 1], [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0, 1]] as [[UInt8]])
  func refused(bytes: [UInt8]) { #expect(RowKey.parts(bytes) == nil) }
}

@Suite struct RowBufferTests {
  static let entity = CanonicalEntity(
    name: "charge", fhir: "ChargeItem",
    fields: [
      CanonicalField(name: "transaction", kind: .identifier, dataClass: .identifier, isKey: true), CanonicalField(name: "amount", kind: .money(currency: "USD"), dataClass: .financial),
      CanonicalField(name: "note", kind: .text, dataClass: .narrative),
    ])

  static func buffer() -> RowBuffer {
    var rows = RowBuffer()
    rows.beginRow(entity: 4, mapping: 1, path: 2, occurrence: 1, eventInstant: 1_772_374_500_000_000, fallback: false)
    rows.set(field: 0, to: "ZZ1\u{1F}NGEN".utf8)
    rows.set(field: 1, to: "12.30".utf8)
    rows.beginRow(entity: 4, mapping: 1, path: 2, occurrence: 2, eventInstant: -1, fallback: true)
    rows.setNull(field: 2)
    return rows
  }

  @Test("Absent, null and value stay three states") func states() {
    let rows = Self.buffer()
    #expect((0..<3).map { rows.cell(row: 0, field: $0).state } == [.value, .value, .absent])
    #expect((0..<3).map { rows.cell(row: 1, field: $0).state } == [.absent, .absent, .null])
    #expect(rows.value(row: 0, field: 1).elementsEqual("12.30".utf8) && rows.value(row: 1, field: 2).isEmpty)
  }

  @Test("A row has a key when every key field has a value") func keys() {
    #expect(Self.buffer().key(row: 0, entity: Self.entity) == RowKey.encode([Array("ZZ1\u{1F}NGEN".utf8)]))
    #expect(Self.buffer().key(row: 1, entity: Self.entity) == nil)
  }

  @Test("A dropped row leaves its neighbours whole") func drop() {
    var rows = Self.buffer()
    rows.dropLastRow()
    rows.beginRow(entity: 4, mapping: 1, path: 2, occurrence: 3, eventInstant: 0, fallback: false)
    rows.set(field: 0, to: "ZZ3".utf8)
    #expect(rows.rows.count == 2 && rows.cell(row: 1, field: 2).state == .absent)
    #expect(rows.value(row: 0, field: 0).elementsEqual("ZZ1\u{1F}NGEN".utf8) && rows.value(row: 1, field: 0).elementsEqual("ZZ3".utf8))
  }

  @Test("Rows fit a dictionary that has their entities and fields") func fits() {
    func dictionary(_ count: Int, fields: [CanonicalField] = Self.entity.fields) -> CanonicalDictionary {
      CanonicalDictionary(version: 1, entities: (0..<count).map { CanonicalEntity(name: "e\($0)", fhir: "", fields: fields) }, digest: "")
    }
    #expect(Self.buffer().fits(dictionary(5)) && RowBuffer().fits(dictionary(0)))
    #expect(!Self.buffer().fits(dictionary(4)) && !Self.buffer().fits(dictionary(5, fields: [])))
    #expect(!Self.buffer().fits(dictionary(5, fields: Array(Self.entity.fields.prefix(2)))))
  }

  @Test("A row that came over with one field twice does not fit") func fieldTwice() throws {
    var writer = ByteWriter()
    writer.write(Array("AB".utf8))
    writer.write([1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2, 0, 2] as [UInt8])
    var reader = ByteReader(writer.bytes)
    let rows = try RowBuffer(from: &reader)
    #expect(rows.cells.count == 2)
    #expect(!rows.fits(CanonicalDictionary(version: 1, entities: [Self.entity], digest: "")))
  }

  @Test("A table that says more or less than the values hold is refused", arguments: [[3], [1], [2, 9], [0x82, 0x00], [0xFF, 0xFF, 0xFF, 0xFF, 0x7F]] as [[UInt8]])
  func wrongLength(length: [UInt8]) {
    var writer = ByteWriter()
    writer.write(Array("A".utf8))
    writer.write([1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0] + length)
    var reader = ByteReader(writer.bytes)
    #expect(throws: FrameError.self) { try RowBuffer(from: &reader) }
  }

  @Test("A value set again takes the place of the one before, and the values behind it stay whole") func again() {
    var rows = Self.buffer()
    rows.set(field: 0, to: "ZZ9".utf8)
    rows.set(field: 1, to: "7.00".utf8)
    rows.set(field: 0, to: "ZZ10".utf8)
    rows.setNull(field: 0)
    #expect(rows.cell(row: 1, field: 0).state == .null && rows.value(row: 1, field: 1).elementsEqual("7.00".utf8))
    #expect(rows.bytes.elementsEqual("ZZ1\u{1F}NGEN12.307.00".utf8))
  }

  @Test("An empty buffer takes values without a row in silence") func noRow() {
    var rows = RowBuffer()
    rows.set(field: 0, to: [1])
    rows.setNull(field: 0)
    rows.dropLastRow()
    #expect(rows.isEmpty && rows.bytes.isEmpty)
  }
}

@Suite struct MappedMessageTests {
  private static func message(_ verdict: MappedMessage.Verdict) -> MappedMessage {
    var message = MappedMessage()
    (message.ordinal, message.byteOffset, message.byteCount, message.batch) = (3, 1 << 40, 512, -1)
    message.digest = SHA256.digest([1, 2, 3])
    message.controlIdentity = RowKey.encode([[1], [], [2, 3]])
    message.type = "ADT^A01"
    message.verdict = verdict
    message.rows = RowBufferTests.buffer()
    message.heldRows = [.init(entity: 2, finding: finding)]
    message.skipped = [(entity: 1, rule: "no-null-flavor", count: 2)]
    message.findings = [finding, Finding(.escapeUnknown)]
    return message
  }

  private static let dictionary = CanonicalDictionary(version: 1, entities: Array(repeating: RowBufferTests.entity, count: 5), digest: "")
  private static let finding = Finding(.requiredMissing, at: SourcePosition(path: "PV1-19", occurrence: 1, repetition: 2, byteOffset: 99))
  static let messages = [message(.rows), message(.filtered(rule: "hl7v2-standard@1:no_rows")), message(.held(finding)), message(.rejected(finding)), MappedMessage()]

  private func bytes(_ message: MappedMessage) -> [UInt8] {
    var writer = ByteWriter()
    message.write(to: &writer)
    return writer.bytes
  }

  @Test("A message crosses the process border unchanged", arguments: messages.indices) func roundTrip(index: Int) throws {
    let message = Self.messages[index]
    var reader = ByteReader(bytes(message))
    let back = try MappedMessage(from: &reader)
    #expect(back == message && reader.isAtEnd)
    #expect(back.verdict == message.verdict && back.rows == message.rows && back.heldRows == message.heldRows && back.findings == message.findings)
  }

  @Test("Every truncation is refused", arguments: messages.indices) func truncations(index: Int) {
    let whole = bytes(Self.messages[index])
    for count in 0..<whole.count {
      #expect(throws: FrameError.self) {
        var reader = ByteReader(Array(whole[..<count]))
        _ = try MappedMessage(from: &reader)
      }
    }
  }

  @Test("Changed bytes throw or give a message whose rows can be read, never a trap", arguments: SeededGenerator.seeds(10)) func mutated(seed: UInt64) {
    var generator = SeededGenerator(seed)
    let whole = bytes(Self.messages[0])
    for _ in 0..<200 {
      var changed = whole
      changed[Int.random(in: 0..<whole.count, using: &generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      var reader = ByteReader(changed)
      guard let message = try? MappedMessage(from: &reader), message.rows.fits(Self.dictionary) else { continue }
      for row in message.rows.rows.indices { _ = message.rows.key(row: row, entity: RowBufferTests.entity) }
    }
  }

  @Test("A batch total crosses the process border unchanged, without a count too") func batchTotals() throws {
    for (declared, agrees) in [(5, false), (nil, nil), (0, true)] as [(Int?, Bool?)] {
      let total = BatchTotal(unit: .file, ordinal: 2, declared: declared, counted: 4, agrees: agrees, hasTrailer: true, hasHeader: false)
      var writer = ByteWriter()
      total.write(to: &writer)
      var reader = ByteReader(writer.bytes)
      #expect(try BatchTotal(from: &reader) == total)
      for count in 0..<writer.bytes.count {
        #expect(throws: FrameError.self) {
          var reader = ByteReader(Array(writer.bytes[..<count]))
          _ = try BatchTotal(from: &reader)
        }
      }
    }
  }

  @Test("Integers of every size and text cross; broken text does not") func primitives() throws {
    var writer = ByteWriter()
    for number in [Int.min, -1, 0, 1, Int.max] { writer.write(number) }
    writer.write(Int32.min)
    writer.write("TEST^É")
    var reader = ByteReader(writer.bytes)
    for number in [Int.min, -1, 0, 1, Int.max] { #expect(try reader.integer() == number) }
    #expect(try reader.small() == Int32.min)
    #expect(try reader.text() == "TEST^É" && reader.isAtEnd)
    var broken = ByteReader([1, 0, 0, 0, 0xFF]), negative = ByteReader([0xFF, 0xFF, 0xFF, 0xFF])
    #expect(throws: FrameError.self) { try broken.text() }
    #expect(throws: FrameError.self) { try negative.count() }
  }
}

@Suite struct AttachmentFrameTests {
  @Test("Head and tail of an attachment come back as they were written")
  func roundTrip() throws {
    let head = AttachmentHead(
      message: 3, number: 1, position: SourcePosition(path: "OBX-5", occurrence: 2, repetition: 1, byteOffset: 99), mediaType: "application/pdf",
      encoding: .base64, compression: "GZ")
    let tail = AttachmentTail(byteCount: 12, sniffedType: "image/png", isWhole: false)
    var writer = ByteWriter()
    head.write(to: &writer)
    tail.write(to: &writer)
    var reader = ByteReader(writer.bytes)
    #expect(try AttachmentHead(from: &reader) == head)
    #expect(try AttachmentTail(from: &reader) == tail)
  }

  @Test("What is no media type is not kept, for it is printed", arguments: ["TEST^ALPHA", "a/b/c", "application/", "application/pdf; name=\"test alpha\"", "text"])
  func mediaTypes(text: String) {
    #expect(AttachmentHead(message: 0, number: 0, position: SourcePosition(), mediaType: text, encoding: .text).mediaType == "")
  }
}
