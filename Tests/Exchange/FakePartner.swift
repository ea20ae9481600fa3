import Glibc

@testable import Exchange

/// A partner without inodes, in memory: whole seconds, sessions that are cut, and something that happens at a call.
final class FakePartner: TransportConnector {
  struct File: Equatable {
    var bytes: [UInt8]
    /// Nanoseconds since the epoch.
    var modified: Int
  }

  struct State {
    var files: [PartnerPath: File] = [:]
    /// Bytes that sessions give before each is cut; when it is empty, none is.
    var cuts: [Int] = []
    /// False where the folder for read files is not there.
    var hasAside = true
    /// Sessions that are refused before one opens.
    var deaf = 0
    var connects = 0
    var bytesRead = 0
    /// Runs once, before the next call of that name.
    var before: [String: @Sendable (inout State) -> Void] = [:]
    /// Cuts the session once, after the next call of that name took effect.
    var cutAfter: Set<String> = []
    /// Called with the name of each call: a server that takes its time.
    var pace: (@Sendable (String) -> Void)?
  }

  /// One thread has it; the mutex of the library asks for values that can be sent.
  final class Held<Value>: @unchecked Sendable {
    private var value: Value
    init(_ value: Value) { self.value = value }
    func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result { try body(&value) }
  }

  let state = Held(State())

  func connect(within nanoseconds: Int) throws(TransportFault) -> any Transport {
    let opens = state.withLock { state in
      state.pace?("connect")
      state.connects += 1
      state.deaf -= 1
      return state.deaf < 0
    }
    guard opens else { throw .cut }
    return FakeSession(self)
  }

  func put(_ name: String, _ bytes: [UInt8], age: Int = 3600, base: PartnerPath.Base = .own) {
    state.withLock { $0.files[PartnerPath(base: base, components: [Array(name.utf8)])] = File(bytes: bytes, modified: Workbench.start - age * 1_000_000_000) }
  }

  func names(_ base: PartnerPath.Base = .own) -> [String] {
    state.withLock { $0.files.keys.filter { $0.base == base }.map { String(decoding: $0.components.last ?? [], as: UTF8.self) }.sorted() }
  }

  func bytes(_ name: String) -> [UInt8]? { state.withLock { $0.files[PartnerPath(components: [Array(name.utf8)])]?.bytes } }
}

final class FakeSession: Transport {
  private let partner: FakePartner
  private var isCut = false
  private var left: Int?

  init(_ partner: FakePartner) {
    self.partner = partner
    left = partner.state.withLock { $0.cuts.isEmpty ? nil : $0.cuts.removeFirst() }
  }

  /// One call: what is to happen before it, the call, and perhaps the cut after it.
  private func call<Result>(_ name: String, _ body: (inout FakePartner.State) throws(TransportFault) -> Result) throws(TransportFault) -> Result {
    if isCut { throw .cut }
    let (result, ends) = partner.state.withLock { state in
      state.pace?(name)
      if let event = state.before.removeValue(forKey: name) { event(&state) }
      let result = Swift.Result { () throws(TransportFault) in try body(&state) }
      return (result, state.cutAfter.remove(name) != nil)
    }
    if ends {
      isCut = true
      throw .cut
    }
    return try result.get()
  }

  func list(_ folder: PartnerPath, _ count: inout ListingCount) throws(TransportFault) -> [TransportEntry] {
    try call("list") { state in
      state.files.filter { $0.key.base == folder.base }.map { TransportEntry(name: $0.key.components.last ?? [], status: Self.status($0.value)) }
    }
  }

  func status(of path: PartnerPath) throws(TransportFault) -> TransportStatus? { try call("status") { $0.files[path].map(Self.status) } }

  func open(_ path: PartnerPath, within nanoseconds: Int) throws(TransportFault) -> any TransportReader {
    try call("open") { (state) throws(TransportFault) in if state.files[path] == nil { throw .missing } }
    return FakeReader(self, path)
  }

  func create(_ path: PartnerPath) throws(TransportFault) -> any TransportWriter { throw .denied }

  func move(_ path: PartnerPath, to new: PartnerPath) throws(TransportFault) {
    try call("move") { (state) throws(TransportFault) in
      guard new.base == .own || state.hasAside else { throw .missing }
      guard state.files[new] == nil else { throw .exists }
      guard let file = state.files.removeValue(forKey: path) else { throw .missing }
      state.files[new] = file
    }
  }

  func remove(_ path: PartnerPath) throws(TransportFault) { try call("remove") { _ = $0.files.removeValue(forKey: path) } }

  static func status(_ file: FakePartner.File) -> TransportStatus {
    TransportStatus(kind: .file, stamp: FileStamp(device: 0, inode: 0, byteCount: file.bytes.count, modified: file.modified, changed: 0))
  }

  fileprivate func stamp(_ path: PartnerPath) throws(TransportFault) -> FileStamp {
    try call("stamp") { (state) throws(TransportFault) in
      guard let file = state.files[path] else { throw .missing }
      return Self.status(file).stamp
    }
  }

  /// A block, or as much of it as comes before the cut.
  fileprivate func block(_ path: PartnerPath, _ range: Range<Int>) throws(TransportFault) -> [UInt8] {
    var bytes = try call("read") { state in
      let all = state.files[path]?.bytes ?? []
      let part = Array(all[min(range.lowerBound, all.count)..<min(range.upperBound, all.count)])
      state.bytesRead += part.count
      return part
    }
    if let left {
      if left == 0 { isCut = true }
      bytes = Array(bytes.prefix(left))
      self.left = left - bytes.count
    }
    if isCut { throw .cut }
    return bytes
  }
}

private final class FakeReader: TransportReader {
  private let session: FakeSession
  private let path: PartnerPath

  init(_ session: FakeSession, _ path: PartnerPath) { (self.session, self.path) = (session, path) }

  func stamp() throws(TransportFault) -> FileStamp { try session.stamp(path) }

  func read(from offset: Int, to end: Int, _ body: ([UInt8]) throws -> Void) throws -> Int {
    var at = offset
    while at < end {
      let block = try session.block(path, at..<min(end, at + 1000))
      if block.isEmpty { break }
      try body(block)
      at += block.count
    }
    return at
  }
}

extension TransportConnector {
  /// A session without a limit.
  func connect() throws(TransportFault) -> any Transport { try connect(within: .max) }
}

extension Transport {
  /// One folder by itself.
  func list(_ folder: PartnerPath) throws(TransportFault) -> [TransportEntry] {
    var count = ListingCount()
    return try list(folder, &count)
  }
}
