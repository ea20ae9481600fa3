import Core
import Exchange
import Foundation
import Glibc
import Synchronization
import Testing
import Trust

/// A site's spool, a drop folder and a clock that only waits.
final class Workbench: Sendable {
  static let start = 1_800_000_000 * 1_000_000_000
  let path: String
  let secret: SecretKey
  let keys: PullKeys
  let spool: Spool
  let clock = FakeClock(Workbench.start)
  let night = BusinessDate("2026-03-01")!

  init() throws {
    path = NSTemporaryDirectory() + "/exchange-" + UUID().uuidString
    mkdir(path, 0o700)
    mkdir(path + "/drops", 0o700)
    secret = try .random()
    keys = PullKeys(recipient: try AgreementPublicKey(of: secret), pull: try .random())
    spool = try Spool(folder: path + "/spool", site: try #require(PlainName("mercy")))
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func bytes(_ name: String) -> [UInt8] { FileManager.default.contents(atPath: path + "/" + name).map { Array($0) } ?? [] }

  /// A file of the drop folder, written `age` seconds before the clock's start.
  func drop(_ content: String, _ name: [UInt8], age: Int = 3600) {
    let place = name.map { CChar(bitPattern: $0) }
    let full = Array((path + "/drops/").utf8CString.dropLast()) + place + [0]
    let descriptor = open(full, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    _ = Array(content.utf8).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    close(descriptor)
    touch(full, age: age)
  }

  func drop(_ content: String, _ name: String, age: Int = 3600) { drop(content, Array(name.utf8), age: age) }

  private func touch(_ full: [CChar], age: Int) {
    let time = timespec(tv_sec: Workbench.start / 1_000_000_000 - age, tv_nsec: 0)
    utimensat(AT_FDCWD, full, [time, time], 0)
  }

  func source(_ completeness: Completeness = .rename, _ change: (inout FeedSource) -> Void = { _ in }) throws -> FeedSource {
    var source = FeedSource(feed: try #require(PlainName("lab")), folder: path + "/drops", completeness: completeness)
    change(&source)
    return source
  }

  @discardableResult
  func pull(_ source: FeedSource? = nil, _ night: BusinessDate? = nil) throws -> FeedPull {
    let puller = Puller(spool: spool, keys: keys, log: .silent, clock: clock.intake)
    return try #require(try puller.pull([try source ?? self.source()], night: night ?? self.night).first)
  }

  func records() throws -> [PullRecord] { try PullJournal.records(at: spool.folder) }

  func drops() throws -> [PulledDrop] {
    try records().compactMap { if case .drop(let drop) = $0 { drop } else { nil } }
  }

  func plain(_ drop: PulledDrop) throws -> String {
    let reader = try spool.reader(of: drop.id, key: secret)
    _ = try reader.verify()
    var plain: [UInt8] = []
    try reader.forEachChunk { plain += $0 }
    return String(decoding: plain, as: UTF8.self)
  }

  /// Every sealed or temporary file of the spool.
  func spoolFiles() throws -> [String] {
    try DurableFile.names(in: spool.folder).filter { $0.utf8.count == 2 }.flatMap { try DurableFile.names(in: spool.folder + "/" + $0) }
  }
}

/// A clock that moves when it waits, and does something meanwhile.
final class FakeClock: Sendable {
  private let time: Mutex<Int>
  let waits = Mutex<[Int]>([])
  let meanwhile = Mutex<(@Sendable () -> Void)?>(nil)

  init(_ start: Int) { time = Mutex(start) }

  var intake: IntakeClock {
    IntakeClock(
      now: { self.time.withLock { $0 } }, elapsed: { self.time.withLock { $0 } },
      wait: { nanoseconds in
        self.waits.withLock { $0.append(nanoseconds / 1_000_000_000) }
        self.meanwhile.withLock { $0 }?()
        self.time.withLock { $0 += nanoseconds }
      })
  }

  /// Time goes by.
  func pass(seconds: Int) { time.withLock { $0 += seconds * 1_000_000_000 } }

  var waitedSeconds: [Int] { waits.withLock { $0 } }
}

/// The code of the error that `body` throws, or an empty text.
func code(_ body: () throws -> Void) -> String {
  do { try body() } catch let error as any CodedError { return error.code } catch { return "other" }
  return ""
}
