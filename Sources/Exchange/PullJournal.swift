internal import Core
internal import Glibc
internal import Trust

/// What pull has done, append-only: `var/spool/journal`.
///
/// - Shape: a line a record: 16 hexadecimal digits (the first 8 bytes of the SHA-256 of what follows), a blank, canonical JSON.
///   It holds keyed names and hashes only.
/// - A line that a kill cut short is no record; the next writer removes it. A damaged line before others is an error.
public final class PullJournal {
  private let file: OpenFile
  private let lock: FileLock
  /// Everything in it so far, oldest first.
  public private(set) var records: [PullRecord]

  /// Opens it for appending, alone: waits for another writer. `folder` is the spool.
  init(in folder: String) throws {
    lock = try FileLock(folder + "/journal.lock", contention: .wait)
    let path = Self.path(in: folder)
    if !DurableFile.exists(path) { try DurableFile.write([], to: path, mode: 0o600) }
    try DurableFile.syncDirectory(folder)
    let descriptor = Glibc.open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw ExchangeError(202, "the pull journal cannot be opened: \(SystemErrorName.of(errno))", hint: "Check the owner and mode of var/spool.")
    }
    file = OpenFile(adopting: descriptor, place: path)
    let (records, wholeBytes) = try Self.parse(try file.read(upTo: try file.byteCount()))
    self.records = records
    if try file.byteCount() > wholeBytes { try file.truncate(to: wholeBytes) }
    try file.seek(to: wholeBytes)
  }

  /// Adds a record; it is on the medium when this returns.
  func append(_ record: PullRecord) throws(TrustError) {
    let body = record.json.canonical
    try file.write(Array((Self.checksum(body) + " ").utf8) + body + [0x0A])
    try file.sync()
    records.append(record)
  }

  private static func path(in folder: String) -> String { folder + "/journal" }

  private static func checksum(_ body: [UInt8]) -> String { Hex.text(SHA256.digest(body).prefix(8)) }

  /// The whole records of a spool's journal, oldest first; none when there is no journal. Needs no key and no lock.
  ///
  /// - Throws: EXC-201 with the number of a damaged line.
  public static func records(at spoolFolder: String) throws -> [PullRecord] {
    guard DurableFile.exists(path(in: spoolFolder)) else { return [] }
    return try parse(try DurableFile.read(path(in: spoolFolder), maximumBytes: 1 << 31)).records
  }

  static func parse(_ bytes: [UInt8]) throws(ExchangeError) -> (records: [PullRecord], wholeBytes: Int) {
    var records: [PullRecord] = []
    var start = 0
    while let end = bytes[start...].firstIndex(of: 0x0A) {
      guard let record = record(bytes[start..<end]) else {
        throw ExchangeError(201, "the pull journal is damaged at line \(records.count + 1)", hint: "Restore var/spool from a backup; drops stay where they are.")
      }
      records.append(record)
      start = end + 1
    }
    return (records, start)
  }

  private static func record(_ line: ArraySlice<UInt8>) -> PullRecord? {
    guard line.count > 17, line[line.startIndex + 16] == 0x20 else { return nil }
    let body = Array(line.dropFirst(17))
    guard String(decoding: line.prefix(16), as: UTF8.self) == checksum(body), let json = try? JSONValue(parsing: body) else { return nil }
    return PullRecord(json)
  }
}
