import Synchronization

@testable import Exchange

/// A folder of this machine in which something happens right before a call.
final class MeddledFolder: TransportConnector {
  private let folder: FolderConnector
  private let before = Mutex<[String: @Sendable () -> Void]>([:])

  init(own: String, aside: String? = nil) { folder = FolderConnector(own: own, aside: aside) }

  /// Once, before the next call of one of these names.
  func once(_ calls: [String], _ event: @escaping @Sendable () -> Void) { before.withLock { events in for call in calls { events[call] = event } } }

  fileprivate func call(_ name: String) {
    let event = before.withLock { events in
      let event = events[name]
      if event != nil { events = [:] }
      return event
    }
    event?()
  }

  func connect(within nanoseconds: Int) throws(TransportFault) -> any Transport { MeddledSession(self, try folder.connect(within: nanoseconds)) }
}

private final class MeddledSession: Transport {
  private let owner: MeddledFolder
  private let inner: any Transport

  init(_ owner: MeddledFolder, _ inner: any Transport) { (self.owner, self.inner) = (owner, inner) }

  func list(_ folder: PartnerPath, _ count: inout ListingCount) throws(TransportFault) -> [TransportEntry] {
    owner.call("list")
    return try inner.list(folder, &count)
  }

  func status(of path: PartnerPath) throws(TransportFault) -> TransportStatus? {
    owner.call("status")
    return try inner.status(of: path)
  }

  func open(_ path: PartnerPath, within nanoseconds: Int) throws(TransportFault) -> any TransportReader {
    owner.call("open")
    return try inner.open(path, within: nanoseconds)
  }

  func create(_ path: PartnerPath) throws(TransportFault) -> any TransportWriter {
    owner.call("create")
    return try inner.create(path)
  }

  func move(_ path: PartnerPath, to new: PartnerPath) throws(TransportFault) {
    owner.call("move")
    try inner.move(path, to: new)
  }

  func remove(_ path: PartnerPath) throws(TransportFault) {
    owner.call("remove")
    try inner.remove(path)
  }
}
