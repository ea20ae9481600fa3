internal import Core
internal import Glibc
internal import Trust

/// What pull has done, append-only: `var/spool/journal`.
///
/// - Shape: a line a record: 16 hexadecimal digits, a blank, canonical JSON. The digits are the first 8 bytes of the SHA-256 of the digits of
///   the line before (none before the first) and this line's JSON. It holds keyed names and hashes only.
/// - A line that a kill cut short is no record, and neither is a last one with a hole, of which a loss of power kept the end alone, nor what was
///   written with it; the next writer removes it.
///   Any other damaged, missing or moved line is an error.
public final class PullJournal {
  private let file: OpenFile
  private let lock: FileLock
  /// Everything in it so far, oldest first.
  public private(set) var records: [PullRecord]
  /// The checksum of the last line, which the next one continues.
  private var last: String

  /// Opens it for appending, alone: waits for another writer. `folder` is the spool. Made when missing, unless sealed drops are there.
  ///
  /// All names in the spool's folder are durable when it returns, those that a killed run made too.
  init(in folder: String) throws {
    lock = try FileLock(folder + "/journal.lock", contention: .wait)
    let path = Self.path(in: folder)
    if try Self.isNew(in: folder) { try DurableFile.write([], to: path, mode: 0o600) }
    try DurableFile.syncDirectory(folder)
    let descriptor = Glibc.open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw ExchangeError(202, "the pull journal cannot be opened: \(SystemErrorName.of(errno))", hint: "Check the owner and mode of var/spool.")
    }
    file = OpenFile(adopting: descriptor, place: path)
    let content = try Content(parsing: try file.read(upTo: try file.byteCount()))
    (records, last) = (content.records, content.last)
    if try file.byteCount() > content.wholeBytes { try file.truncate(to: content.wholeBytes) }
    try file.seek(to: content.wholeBytes)
  }

  /// Adds records; they are on the medium when this returns. A kill leaves the first of them, or none.
  func append(_ more: [PullRecord]) throws(TrustError) {
    var lines: [UInt8] = [], checksum = last
    for record in more {
      let body = record.json.canonical
      checksum = Self.checksum(body, after: checksum)
      lines += Array((checksum + " ").utf8) + body + [0x0A]
    }
    try file.write(lines)
    try file.sync()
    records += more
    last = checksum
  }

  private static func path(in folder: String) -> String { folder + "/journal" }

  /// True when nothing was pulled yet. - Throws: EXC-203 when drops lie in the spool and their journal is gone.
  private static func isNew(in folder: String) throws -> Bool {
    if DurableFile.exists(path(in: folder)) { return false }
    let drops = try Spool.sealedDrops(in: folder).count
    guard drops == 0 else { throw ExchangeError.lost(drops) }
    return true
  }

  private static func checksum(_ body: [UInt8], after last: String) -> String { Hex.text(SHA256.digest(Array(last.utf8) + body).prefix(8)) }

  /// The whole records of a spool's journal, oldest first; none when nothing was pulled yet. Needs no key and no lock.
  ///
  /// - Throws: EXC-201 with the number of a damaged line, EXC-203 when drops lie in the spool and their journal is gone.
  public static func records(at spoolFolder: String) throws -> [PullRecord] {
    if try isNew(in: spoolFolder) { return [] }
    return try Content(parsing: try DurableFile.read(path(in: spoolFolder), maximumBytes: 1 << 31)).records
  }

  /// What the bytes of a journal say.
  private struct Content {
    var records: [PullRecord] = []
    var last = ""
    /// Up to the end of the last whole line.
    var wholeBytes = 0

    init(parsing bytes: [UInt8]) throws(ExchangeError) {
      while let end = bytes[wholeBytes...].firstIndex(of: 0x0A) {
        guard let record = take(bytes[wholeBytes..<end]) else {
          // What never reached the medium reads as zeros, and no line that did holds any.
          if bytes[wholeBytes..<end].contains(0), isOfOneWrite(bytes[(end + 1)...]) { return }
          throw ExchangeError(201, "the pull journal is damaged at line \(records.count + 1)", hint: "Restore var/spool from a backup; drops stay where they are.")
        }
        records.append(record)
        wholeBytes = end + 1
      }
    }

    /// Whether what stands behind a line with a hole was written with it: nothing, or the stamp of its drop. The stamp of a drop that stands before was not.
    private func isOfOneWrite(_ rest: ArraySlice<UInt8>) -> Bool {
      guard let end = rest.firstIndex(of: 0x0A) else { return true }
      guard end == rest.endIndex - 1 else { return false }
      if rest.contains(0) { return true }
      guard case .stamp(let stamp) = (try? JSONValue(parsing: Array(rest.dropFirst(17).dropLast()))).flatMap(PullRecord.init) else { return false }
      return !records.contains { if case .drop(let drop) = $0 { drop.id == stamp.drop } else { false } }
    }

    private mutating func take(_ line: ArraySlice<UInt8>) -> PullRecord? {
      guard line.count > 17, line[line.startIndex + 16] == 0x20 else { return nil }
      let body = Array(line.dropFirst(17))
      let checksum = PullJournal.checksum(body, after: last)
      guard String(decoding: line.prefix(16), as: UTF8.self) == checksum, let json = try? JSONValue(parsing: body) else { return nil }
      last = checksum
      return PullRecord(json)
    }
  }
}
