internal import Core

/// Numbers of zip records, little-endian.
enum ZipField {
  static let local = 0x0403_4B50, central = 0x0201_4B50, end = 0x0605_4B50, descriptor = 0x0807_4B50

  static func u16(_ bytes: [UInt8], _ at: Int) -> Int { Int(bytes[at]) | Int(bytes[at + 1]) << 8 }
  static func u32(_ bytes: [UInt8], _ at: Int) -> Int { u16(bytes, at) | u16(bytes, at + 2) << 16 }
}

/// What a header says of a member.
struct ZipEntry {
  private static let encrypted = 1 << 0, descriptor = 1 << 3, patched = 1 << 5, stronglyEncrypted = 1 << 6, masked = 1 << 13
  private static let zip64Version = 45, zip64Extra = 0x0001, sizeElsewhere = 0xFFFF_FFFF

  var name: [UInt8]
  var method: Int
  var crc: UInt32
  var packedBytes: Int, plainBytes: Int
  /// CRC and sizes stand behind the data.
  var hasDescriptor: Bool
  /// Of a directory's record: where the local header stands, and what kind of file it is.
  var offset = 0
  private var attributes = 0, madeBy = 0
  /// The directory named it.
  var isListed = false

  var isDeflated: Bool { method == 8 }
  var isFolder: Bool { name.last == UInt8(ascii: "/") }

  init(local record: [UInt8]) throws(ContainerFault) { try self.init(record, from: 4, names: 30, nameBytes: ZipField.u16(record, 26), extra: ZipField.u16(record, 28)) }

  init(central record: [UInt8]) throws(ContainerFault) {
    try self.init(record, from: 6, names: 46, nameBytes: ZipField.u16(record, 28), extra: ZipField.u16(record, 30))
    (madeBy, attributes, offset) = (Int(record[5]), ZipField.u32(record, 38), ZipField.u32(record, 42))
    guard ZipField.u16(record, 34) == 0 else { throw .broken }
  }

  /// Both kinds of record hold the same fields in the same order from `version needed` on.
  private init(_ record: [UInt8], from start: Int, names: Int, nameBytes: Int, extra: Int) throws(ContainerFault) {
    let flags = ZipField.u16(record, start + 2)
    method = ZipField.u16(record, start + 4)
    crc = UInt32(ZipField.u32(record, start + 10))
    (packedBytes, plainBytes) = (ZipField.u32(record, start + 14), ZipField.u32(record, start + 18))
    hasDescriptor = flags & Self.descriptor != 0
    name = Array(record[names..<(names + nameBytes)])
    guard flags & (Self.encrypted | Self.stronglyEncrypted | Self.masked) == 0 else { throw .unsafe }
    guard flags & Self.patched == 0, method == 0 || method == 8, !hasDescriptor || method == 8, Int(record[start]) < Self.zip64Version,
      packedBytes != Self.sizeElsewhere, plainBytes != Self.sizeElsewhere
    else { throw .broken }
    try Self.check(extra: record, from: names + nameBytes, count: extra)
  }

  /// Fields of four bytes and more, none of them of zip64.
  private static func check(extra record: [UInt8], from start: Int, count: Int) throws(ContainerFault) {
    var at = start
    let end = start + count
    while at < end {
      guard at + 4 <= end else { throw .broken }
      if ZipField.u16(record, at) == zip64Extra { throw .broken }
      at += 4 + ZipField.u16(record, at + 2)
    }
    guard at == end else { throw .broken }
  }

  func agrees(with local: ZipEntry) -> Bool {
    name == local.name && method == local.method && crc == local.crc && packedBytes == local.packedBytes && plainBytes == local.plainBytes
      && hasDescriptor == local.hasDescriptor
  }

  /// False for links and devices, and for what calls itself a folder by one sign only. Systems without such modes say nothing.
  var isPlainFile: Bool {
    let type = attributes >> 16 & 0o170_000, isUnix = [3, 19].contains(madeBy)
    if isUnix, type != 0 { return type == (isFolder ? 0o040_000 : 0o100_000) }
    return attributes & 0x10 == 0 || isFolder
  }
}

/// The names of a container's members, which never become paths: none may lead elsewhere, and no two may be one on any system.
struct ZipNames {
  private let limits: ContainerLimits
  private var seen: Set<String> = []

  init(_ limits: ContainerLimits) { self.limits = limits }

  mutating func add(_ name: [UInt8]) throws(ContainerFault) {
    let isFolder = name.last == UInt8(ascii: "/"), own = isFolder ? name.dropLast() : name[...]
    guard name.count <= limits.nameBytes, !own.contains(0), !own.contains(UInt8(ascii: "\\")), !own.contains(UInt8(ascii: ":")) else { throw .unsafe }
    for part in own.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      guard !part.isEmpty, !part.elementsEqual(".".utf8), !part.elementsEqual("..".utf8) else { throw .unsafe }
    }
    let folded = String(validating: own, as: UTF8.self).map { $0.lowercased() } ?? Hex.text(own.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 })
    guard seen.insert(folded).inserted else { throw .unsafe }
  }
}

/// The bytes of one member.
final class ZipMember {
  var entry: ZipEntry
  private let inflater: Inflater?
  private var ratio: RatioGuard
  private var checksum = Checksum32()
  private(set) var isWhole: Bool

  init(_ entry: ZipEntry, _ limits: ContainerLimits) throws(ContainerFault) {
    self.entry = entry
    inflater = entry.isDeflated ? try Inflater(.raw) : nil
    ratio = RatioGuard(limits)
    guard entry.isDeflated || entry.packedBytes == entry.plainBytes else { throw .broken }
    isWhole = !entry.isDeflated && entry.packedBytes == 0
  }

  /// How many bytes were the member's.
  func push(_ chunk: [UInt8], from start: Int, _ emit: (LayerEvent) throws -> Void) throws -> Int {
    let left = entry.hasDescriptor ? Int.max : entry.packedBytes - ratio.packed
    let end = left < chunk.count - start ? start + left : chunk.count
    guard let inflater else {
      try take(Array(chunk[start..<end]), packed: end - start, emit)
      isWhole = ratio.packed == entry.packedBytes
      return end - start
    }
    let (used, isEnd) = try inflater.run(chunk, from: start, to: end) { plain, packed in try take(plain, packed: packed, emit) }
    isWhole = isEnd
    if !isEnd, !entry.hasDescriptor, ratio.packed >= entry.packedBytes { throw ContainerFault.broken }
    return used
  }

  private func take(_ plain: [UInt8], packed: Int, _ emit: (LayerEvent) throws -> Void) throws {
    ratio.take(packed: packed)
    try ratio.give(plain: plain.count)
    guard entry.hasDescriptor || ratio.plain <= entry.plainBytes else { throw ContainerFault.broken }
    checksum.update(plain)
    if !plain.isEmpty { try emit(.bytes(plain)) }
  }

  /// What came is what the header, or the descriptor, says.
  func verify() throws(ContainerFault) {
    guard ratio.packed == entry.packedBytes, ratio.plain == entry.plainBytes, checksum.value == entry.crc else { throw .broken }
  }
}
