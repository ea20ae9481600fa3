import Core
import Testing
import Trust

@Suite struct SealerTests {
  let sealer: Sealer

  init() throws { sealer = try Sealer(key: .random()) }

  @Test(arguments: [0, 1, 15, 16, 17, 4096]) func aValueOpensToItself(count: Int) throws {
    let plain = [UInt8](repeating: 7, count: count)
    let sealed = try sealer.seal(plain, aad: [1])
    #expect(sealed.count == count + Sealer.overheadBytes)
    #expect(try sealer.open(sealed, aad: [1]) == plain)
  }

  @Test func anyFlippedBitIsRefused() throws {
    let sealed = try sealer.seal(Array("TEST^ALPHA".utf8), aad: [9])
    for bit in 0..<(sealed.count * 8) {
      var changed = sealed
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: TrustError.self) { try sealer.open(changed, aad: [9]) }
    }
  }

  @Test func aValueMovedToAnotherRowIsRefused() throws {
    let sealed = try sealer.seal([1, 2, 3], aad: [1])
    #expect(code { _ = try sealer.open(sealed, aad: [2]) } == "TRU-203")
  }

  @Test func anotherKeyIsToldFromChangedBytes() throws {
    let sealed = try sealer.seal([1, 2, 3], aad: [])
    let other = try Sealer(key: .random())
    #expect(code { _ = try other.open(sealed, aad: []) } == "TRU-202")
  }

  @Test func everyCutIsRefused() throws {
    let sealed = try sealer.seal([1, 2, 3], aad: [])
    for count in 0..<sealed.count { #expect(throws: TrustError.self) { try sealer.open(Array(sealed.prefix(count)), aad: []) } }
  }

  @Test func equalValuesAreSealedDifferently() throws {
    #expect(try sealer.seal([1], aad: []) != sealer.seal([1], aad: []))
  }

  @Test func hmacIsThatOfRFC4231() throws {
    var bytes = [UInt8](repeating: 0x0B, count: 20) + [UInt8](repeating: 0, count: 12)  // a key padded with zeros is the same HMAC key
    let key = try #require(SecretKey(taking: &bytes))
    #expect(try Hex.text(Keyed.hmac(key, Array("Hi There".utf8))) == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
  }

  @Test func columnsDoNotLink() throws {
    let key = try SecretKey.random()
    let first = try BlindIndex(key: key, label: "patient"), second = try BlindIndex(key: key, label: "encounter")
    #expect(try first.index(of: [1]) == first.index(of: [1]))
    #expect(try first.index(of: [1]) != second.index(of: [1]))
    #expect(try first.index(of: [1]).count == 16)
  }

  @Test func theFastHashIsSHA256() throws {
    let bytes = [UInt8](repeating: 0x61, count: 1000)
    let hash = try OpenSSLHash()
    try hash.update(bytes[..<400])
    try hash.update(bytes[400...])
    #expect(try hash.finish() == SHA256.digest(bytes))
  }

  @Test func aKeyPrintsNothing() throws {
    let key = try SecretKey.random()
    var dumped = ""
    dump(key, to: &dumped)
    #expect("\(key)" == "⟂" && String(reflecting: key) == "⟂" && !dumped.contains("page"))
  }
}

@Suite struct SealedSorterTests {
  let bench = Workbench()

  @Test(arguments: [1 << 12, 32 << 20]) func recordsComeOutInByteOrder(memory: Int) throws {
    let records = (0..<5000).map { number in SHA256.digest([UInt8(number & 255), UInt8(number >> 8)]).prefix(number % 33) }.map(Array.init)
    let sorter = SealedSorter(spillingTo: bench.path, memoryBytes: memory)
    for record in records { try sorter.append(record) }
    var sorted: [[UInt8]] = []
    try sorter.forEachSorted { sorted.append(Array($0)) }
    #expect(sorted == records.sorted { $0.lexicographicallyPrecedes($1) })
  }

  @Test func spilledRunsHaveNoName() throws {
    let sorter = SealedSorter(spillingTo: bench.path, memoryBytes: 1 << 12)
    for number in 0..<2000 { try sorter.append([UInt8(number & 255), 1, 2, 3, 4, 5]) }
    #expect(try DurableFile.names(in: bench.path).isEmpty)
  }

  @Test func nothingSortsToNothing() throws {
    try SealedSorter(spillingTo: bench.path).forEachSorted { _ in Issue.record("a record out of nowhere") }
  }
}
