internal import Glibc

/// Sorts byte records, ascending byte by byte, in bounded memory; what does not fit is spilled to sealed, nameless files.
///
/// - Memory: about `memoryBytes` for records, plus 64 KiB for each spilled run while they are merged.
/// - Disk: one file that is unlinked as soon as it is open, sealed under a key that lives only here: nothing survives a kill.
/// - Shape: equal records all come out. A record holds at most 2³¹ - 1 bytes; use it once.
public final class SealedSorter {
  private struct Entry {
    var start: Int
    var count: Int
  }

  private var arena: [UInt8] = []
  private var entries: [Entry] = []
  private var spill: SpillFile?
  private let folder: String
  private let memoryBytes: Int

  /// `folder` is where spilled runs go, usually `var/tmp` of the site; it must exist.
  public init(spillingTo folder: String, memoryBytes: Int = 32 << 20) {
    self.folder = folder
    self.memoryBytes = max(memoryBytes, 1 << 12)
  }

  /// Takes in one record.
  public func append(_ record: some Collection<UInt8>) throws(TrustError) {
    let cost = record.count + MemoryLayout<Entry>.stride
    if !entries.isEmpty, arena.count + entries.count * MemoryLayout<Entry>.stride + cost > memoryBytes { try spillRun() }
    entries.append(Entry(start: arena.count, count: record.count))
    arena += record
  }

  /// Calls `body` with each record in ascending order. The sorter is spent afterwards.
  public func forEachSorted(_ body: (ArraySlice<UInt8>) throws -> Void) throws {
    guard spill != nil else {
      sortEntries()
      for entry in entries { try body(arena[entry.start..<(entry.start + entry.count)]) }
      return reset()
    }
    if !entries.isEmpty { try spillRun() }
    defer { spill = nil }
    guard let runs = try spill?.readers() else { return }
    try Self.merge(runs, body)
  }

  private func reset() {
    arena.removeAll(keepingCapacity: true)
    entries.removeAll(keepingCapacity: true)
  }

  private func sortEntries() {
    unsafe arena.withUnsafeBufferPointer { bytes in
      entries.sort { left, right in
        let common = min(left.count, right.count)
        let order = unsafe common == 0 ? 0 : memcmp(bytes.baseAddress! + left.start, bytes.baseAddress! + right.start, common)
        return order == 0 ? left.count < right.count : order < 0
      }
    }
  }

  private func spillRun() throws(TrustError) {
    sortEntries()
    let target: SpillFile
    if let spill { target = spill } else { target = try SpillFile(in: folder) }
    spill = target
    target.beginRun()
    for entry in entries { try target.write(arena[entry.start..<(entry.start + entry.count)]) }
    try target.endRun()
    reset()
  }

  /// A binary heap of runs, the smallest head on top.
  private static func merge(_ runs: [SpillFile.Reader], _ body: (ArraySlice<UInt8>) throws -> Void) throws {
    var heap: [SpillFile.Reader] = []
    for run in runs where try run.advance() { heap.append(run) }
    for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sift(&heap, index) }
    while let top = heap.first {
      try body(top.head[...])
      if try !top.advance() {
        heap[0] = heap[heap.count - 1]
        heap.removeLast()
      }
      if !heap.isEmpty { sift(&heap, 0) }
    }
  }

  private static func sift(_ heap: inout [SpillFile.Reader], _ start: Int) {
    var at = start
    while true {
      var least = at
      for child in [2 * at + 1, 2 * at + 2] where child < heap.count && heap[child].head.lexicographicallyPrecedes(heap[least].head) { least = child }
      guard least != at else { return }
      heap.swapAt(at, least)
      at = least
    }
  }
}

/// The sealed file of spilled runs: blocks of up to 64 KiB, each under a nonce of its own, their places kept in memory.
final class SpillFile {
  private static let blockBytes = 1 << 16
  private let file: OpenFile
  private let cipher: BlockCipher
  private var runs: [[Int]] = []
  private var pending: [UInt8] = []
  private var length = 0

  init(in folder: String) throws(TrustError) {
    let path = folder + "/.tmp-sort-" + (try ObjectID.random()).hex
    file = try OpenFile.open(path, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
    guard unsafe unlink(path) == 0 else { throw .system("unlink", path) }
    cipher = try BlockCipher(key: try .random())
  }

  func beginRun() { runs.append([]) }

  func write(_ record: ArraySlice<UInt8>) throws(TrustError) {
    let count = UInt32(record.count)
    for shift in [24, 16, 8, 0] as [UInt32] { pending.append(UInt8(truncatingIfNeeded: count >> shift)) }
    pending += record
    if pending.count >= Self.blockBytes { try flush() }
  }

  func endRun() throws(TrustError) { if !pending.isEmpty { try flush() } }

  /// A block is a whole number of records; its nonce is its place in the file, which never repeats.
  private func flush() throws(TrustError) {
    var sealed: [UInt8] = []
    try cipher.seal(pending[...], nonce: Self.nonce(length), aad: [], onto: &sealed)
    try file.seek(to: length)
    try file.write(sealed)
    runs[runs.count - 1].append(length)
    length += sealed.count
    runs[runs.count - 1].append(length)
    pending.removeAll(keepingCapacity: true)
  }

  private static func nonce(_ offset: Int) -> [UInt8] {
    [0, 0, 0, 0] + (0..<8).map { UInt8(truncatingIfNeeded: offset >> (56 - 8 * $0)) }
  }

  func readers() throws(TrustError) -> [Reader] { runs.map { Reader(self, $0) } }

  private func block(_ start: Int, _ end: Int) throws(TrustError) -> [UInt8] {
    try file.seek(to: start)
    let sealed = try file.read(upTo: end - start)
    guard let plain = try cipher.open(sealed[...], nonce: Self.nonce(start), aad: []) else { throw .seal(204, "a spilled sort block does not open") }
    return plain
  }

  /// Reads one run, a block at a time.
  final class Reader {
    private(set) var head: [UInt8] = []
    private let source: SpillFile
    private let places: [Int]
    private var next = 0
    private var block: [UInt8] = []
    private var at = 0

    init(_ source: SpillFile, _ places: [Int]) {
      self.source = source
      self.places = places
    }

    /// Moves to the next record; false at the end of the run.
    func advance() throws(TrustError) -> Bool {
      if at == block.count {
        guard next < places.count else { return false }
        block = try source.block(places[next], places[next + 1])
        next += 2
        at = 0
      }
      let count = block[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) }
      head = Array(block[(at + 4)..<(at + 4 + count)])
      at += 4 + count
      return true
    }
  }
}
