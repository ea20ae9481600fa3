/// zip, read from front to back: the members by their local headers, then the central directory, which must say the same of each.
///
/// Nothing may stand between, before or behind them. So entries cannot overlap, and no two readers can see different members.
final class ZipLayer: ContainerLayer {
  private enum State { case signature, local, localNames, data, descriptorSignature, descriptor, central, centralNames, end, comment, done }

  private let limits: ContainerLimits
  private var state = State.signature
  /// The record at hand, as far as it came.
  private var record: [UInt8] = []
  private var need = 4
  /// Bytes of the container before those at hand, and where the record began.
  private var consumed = 0, recordStart = 0
  private var names: ZipNames
  /// What was read of each member, by where its header stands.
  private var entries: [Int: ZipEntry] = [:]
  private var listed = 0
  private var directoryStart = 0
  private var member: ZipMember?
  private var memberPlace = 0

  init(_ limits: ContainerLimits) {
    self.limits = limits
    names = ZipNames(limits)
  }

  func push(_ chunk: [UInt8], _ emit: (LayerEvent) throws -> Void) throws {
    var at = 0
    while at < chunk.count {
      switch state {
      case .done: throw ContainerFault.broken
      case .data:
        guard let member else { throw ContainerFault.broken }
        let used = try member.push(chunk, from: at) { event in
          // A folder may be packed, as Java writes it, but holds nothing.
          if member.entry.isFolder { throw ContainerFault.unsafe }
          try emit(event)
        }
        (at, consumed) = (at + used, consumed + used)
        if member.isWhole { try endData(emit) }
      default:
        let part = min(need - record.count, chunk.count - at)
        if record.isEmpty { recordStart = consumed }
        record += chunk[at..<(at + part)]
        (at, consumed) = (at + part, consumed + part)
        if record.count == need { try handle(emit) }
      }
    }
  }

  func finish(_ emit: (LayerEvent) throws -> Void) throws {
    guard state == .done else { throw ContainerFault.broken }
  }

  private func collect(_ state: State, _ need: Int) { (self.state, self.need) = (state, need) }

  private func next() {
    record = []
    collect(.signature, 4)
  }

  private func handle(_ emit: (LayerEvent) throws -> Void) throws {
    switch state {
    case .signature: try signature()
    case .local: try local()
    case .localNames: try begin(emit)
    case .descriptorSignature: collect(.descriptor, ZipField.u32(record, 0) == ZipField.descriptor ? 16 : 12)
    case .descriptor: try descriptor(emit)
    case .central: collect(.centralNames, 46 + ZipField.u16(record, 28) + ZipField.u16(record, 30) + ZipField.u16(record, 32))
    case .centralNames: try directory()
    case .end: try end()
    case .comment: collect(.done, 0)
    case .data, .done: throw ContainerFault.broken
    }
  }

  private func signature() throws(ContainerFault) {
    switch ZipField.u32(record, 0) {
    case ZipField.local where listed == 0 && directoryStart == 0: collect(.local, 30)
    case ZipField.central:
      if directoryStart == 0 { directoryStart = recordStart }
      collect(.central, 46)
    case ZipField.end:
      if directoryStart == 0 { directoryStart = recordStart }
      collect(.end, 22)
    default: throw .broken
    }
  }
}

// MARK: - Members

extension ZipLayer {
  private func local() throws(ContainerFault) {
    let nameBytes = ZipField.u16(record, 26)
    guard nameBytes > 0, nameBytes <= limits.nameBytes else { throw .unsafe }
    collect(.localNames, 30 + nameBytes + ZipField.u16(record, 28))
  }

  private func begin(_ emit: (LayerEvent) throws -> Void) throws {
    let entry = try ZipEntry(local: record)
    guard entries.count < limits.members else { throw ContainerFault.limit }
    try names.add(entry.name)
    (entries[recordStart], memberPlace) = (entry, recordStart)
    record = []
    if entry.isFolder {
      guard entry.plainBytes == 0 else { throw ContainerFault.unsafe }
    } else {
      try emit(.begins)
    }
    let member = try ZipMember(entry, limits)
    self.member = member
    state = .data
    if member.isWhole { try endData(emit) }
  }

  private func endData(_ emit: (LayerEvent) throws -> Void) throws {
    guard let member else { throw ContainerFault.broken }
    if member.entry.hasDescriptor { return collect(.descriptorSignature, 4) }
    try close(member, emit)
  }

  private func descriptor(_ emit: (LayerEvent) throws -> Void) throws {
    guard let member else { throw ContainerFault.broken }
    let start = record.count - 12
    member.entry.crc = UInt32(ZipField.u32(record, start))
    (member.entry.packedBytes, member.entry.plainBytes) = (ZipField.u32(record, start + 4), ZipField.u32(record, start + 8))
    entries[memberPlace] = member.entry
    try close(member, emit)
  }

  private func close(_ member: ZipMember, _ emit: (LayerEvent) throws -> Void) throws {
    try member.verify()
    self.member = nil
    next()
    if !member.entry.isFolder { try emit(.ends) }
  }
}

// MARK: - Directory

extension ZipLayer {
  private func directory() throws(ContainerFault) {
    let listing = try ZipEntry(central: record)
    guard let entry = entries[listing.offset], !entry.isListed, listing.agrees(with: entry) else { throw .unsafe }
    guard listing.isPlainFile else { throw .unsafe }
    entries[listing.offset]?.isListed = true
    listed += 1
    next()
  }

  /// The one disk, the number of members, where the directory lies and how long it is.
  private func end() throws(ContainerFault) {
    let counts = [ZipField.u16(record, 8), ZipField.u16(record, 10)]
    guard listed == entries.count, counts == [listed, listed], ZipField.u16(record, 4) == 0, ZipField.u16(record, 6) == 0,
      ZipField.u32(record, 12) == recordStart - directoryStart, ZipField.u32(record, 16) == directoryStart
    else { throw .broken }
    let comment = ZipField.u16(record, 20)
    if comment == 0 { collect(.done, 0) } else { collect(.comment, 22 + comment) }
  }
}
