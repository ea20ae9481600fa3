internal import Glibc

/// How often a session that was cut is opened again before it is given up.
public struct SessionPatience: Sendable, Equatable {
  /// Tries in a row that bring nothing, the first included.
  public var attempts = 5
  /// All waiting for one feed in one pull together.
  public var seconds = 300
  /// One file, over as many sessions as it takes; nil where it may take its time.
  public var fileSeconds: Int?
  /// One feed in one pull, or one delivery, over as many sessions as it takes, with all waits; nil where it may take its time.
  public var totalSeconds: Int?

  public init() {}

  /// The wait before the n-th further try, one-based, in nanoseconds: half a second, then twice as long each time, 30 seconds at most.
  static func wait(before attempt: Int) -> Int { min(500_000_000 << min(attempt - 1, 6), 30_000_000_000) }
}

/// The session of one feed in one pull, or of one delivery: opened when it is needed, and again where it was cut, with growing waits.
final class SourceSession {
  private let connector: any TransportConnector
  private let patience: SessionPatience
  private let clock: IntakeClock
  private var transport: (any Transport)?
  /// What is to be read next, said to every session anew.
  var expected: ArraySlice<SourceFile> = []
  private var failures = 0
  private var waited = 0
  /// What it took up to its last rest, in nanoseconds.
  private var spent = 0
  /// Since when it has been at work again, on the clock of `elapsed`.
  private var since: Int?
  /// It was given up because its time was over.
  private(set) var isOverdue = false
  /// Once it is given up, every call says so.
  private(set) var end: TransportFault?

  init(_ connector: any TransportConnector, _ patience: SessionPatience, _ clock: IntakeClock) {
    (self.connector, self.patience, self.clock) = (connector, patience, clock)
  }

  convenience init(_ source: FeedSource, _ clock: IntakeClock) { self.init(source.connector, source.patience, clock) }

  /// Runs calls on the open session, from the start again wherever it is cut: `body` must be such that twice is as good as once.
  func use<Result>(_ body: (any Transport) throws(TransportFault) -> Result) throws(TransportFault) -> Result {
    while true {
      do throws(TransportFault) {
        let result = try body(try open())
        progress()
        return result
      } catch {
        try recover(from: error)
      }
    }
  }

  func open() throws(TransportFault) -> any Transport {
    if let end { throw end }
    if since == nil { since = clock.elapsed() }
    let left = left
    guard left > 0 else {
      (isOverdue, end) = (true, .cut)
      throw .cut
    }
    if let transport { return transport }
    let new = try connector.connect(within: left)
    new.expect(expected.map(\.place))
    transport = new
    return new
  }

  /// Something came: the count of vain tries begins anew.
  func progress() { failures = 0 }

  /// Ends the session without giving it up; its time stands still until the next call.
  func rest() {
    transport = nil
    if let since { spent += clock.elapsed() - since }
    since = nil
  }

  /// Ends the session, and the next call opens another at once: it was no vain try.
  func drop() { transport = nil }

  /// Nanoseconds that are left to it; without a limit, as many as there are.
  private var left: Int {
    guard let limit = patience.totalSeconds else { return .max }
    return Nanoseconds.of(seconds: limit) - spent - (since.map { clock.elapsed() - $0 } ?? 0)
  }

  /// When a file that is begun now must be whole.
  var fileEnd: Int {
    guard let limit = patience.fileSeconds else { return .max }
    return clock.elapsed() + Nanoseconds.of(seconds: limit)
  }

  /// Nanoseconds until then.
  func left(until end: Int) -> Int { end == .max ? .max : end - clock.elapsed() }

  /// After `.cut`, waits until the next try is due. - Throws: any other fault, and `.cut` where there is no further try.
  func recover(from fault: TransportFault) throws(TransportFault) {
    if case .refused = fault { end = fault }
    guard fault == .cut, end == nil else { throw fault }
    transport = nil
    failures += 1
    guard failures < patience.attempts, waited < Nanoseconds.of(seconds: patience.seconds) else {
      end = .cut
      throw fault
    }
    let whole = SessionPatience.wait(before: failures), wait = Int.random(in: whole / 2...whole)
    waited += wait
    clock.wait(wait)
  }
}
