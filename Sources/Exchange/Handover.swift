internal import Core
public import Trust

/// How far the handing over of one file has come. Kept where a kill cannot take it, so that nothing is handed over twice.
public enum HandoverStep: String, Sendable, CaseIterable {
  /// Its bytes lie whole under the temporary name, and were read again.
  case uploaded
  /// The next call gives them their name.
  case naming
  /// It has its name; from here on it is the consumer's, who may take it away at any time.
  case named
}

/// How what was handed over is proven before it gets its name.
public enum HandoverProof: String, Sendable, CaseIterable {
  /// Every byte is read back and hashed.
  case content
  /// The consumer's side is asked for the size alone: for sides that let nobody read.
  case size
}

/// What an attempt found and did.
public enum HandoverOutcome: Sendable, Equatable {
  case delivered
  /// Every file was there before, byte for byte.
  case alreadyDelivered
}

/// The files of one delivery, in the order in which they get their names: who sees the last may rely on the rest.
public struct HandoverParcel {
  public var files: [DeliveryFile]
  public var proof: HandoverProof
  /// What earlier attempts have done.
  public var steps: [PlainName: HandoverStep]
  /// Makes a step last; when it returns, no kill can undo it.
  public var record: (PlainName, HandoverStep) throws -> Void

  public init(files: [DeliveryFile], proof: HandoverProof = .content, steps: [PlainName: HandoverStep] = [:], record: @escaping (PlainName, HandoverStep) throws -> Void = { _, _ in }) {
    self.files = files
    self.proof = proof
    self.steps = steps
    self.record = record
  }
}

/// Hands a parcel over through a transport. Nothing that is there is overwritten, and what was handed over once is not handed over again.
///
/// - For each file: write to `<name>.part`, wait until it lasts, compare size and content, note that, rename, note that.
/// - After a cut or a kill: a file whose temporary name is gone is sent anew, unless it was noted that its name was about to be given: where neither name
///   is there then, it got it and the consumer has taken it. One that is noted as named is not looked at again.
/// - Where the first rename finds nothing to rename, no name was given: that is noted too, and the next run sends the file anew.
struct Handover {
  private let transport: any Transport
  private let consumer: PlainName
  private var parcel: HandoverParcel

  /// - Throws: EXC-302 other bytes under a name, EXC-303 bytes that are not those announced, EXC-305 bytes that did not arrive as sent; `TransportFault`.
  static func run(_ parcel: inout HandoverParcel, through transport: any Transport, to consumer: PlainName) throws -> HandoverOutcome {
    var handover = Handover(transport: transport, consumer: consumer, parcel: parcel)
    defer { parcel = handover.parcel }
    return try handover.run()
  }

  private mutating func run() throws -> HandoverOutcome {
    // All names are looked at before a byte is sent: a parcel is not begun beside something foreign.
    let open = parcel.files.filter { parcel.steps[$0.name] != .named }
    var standing: Set<PlainName> = []
    for file in open where try stands(file) { standing.insert(file.name) }
    for file in open {
      // A run that ended between the two names of a file, or lost its right to go on, left the temporary one.
      if standing.contains(file.name) { try transport.remove(part(file)) } else { try hand(file) }
      try note(file, .named)
    }
    return open.allSatisfy { standing.contains($0.name) } ? .alreadyDelivered : .delivered
  }

  private mutating func note(_ file: DeliveryFile, _ step: HandoverStep) throws {
    try parcel.record(file.name, step)
    parcel.steps[file.name] = step
  }

  private func path(_ name: String) -> PartnerPath { PartnerPath().appending(Array(name.utf8)) }
  private func place(_ file: DeliveryFile) -> PartnerPath { path(file.name.text) }
  private func part(_ file: DeliveryFile) -> PartnerPath { path(file.name.text + ".part") }

  /// True where the file's own bytes have its name already.
  private func stands(_ file: DeliveryFile) throws -> Bool {
    guard let status = try transport.status(of: place(file)) else { return false }
    guard status.kind == .file, status.stamp.byteCount == file.byteCount, try holds(place(file), file) else { throw ExchangeError.foreign(consumer, file.name) }
    return true
  }

  private func holds(_ path: PartnerPath, _ file: DeliveryFile) throws -> Bool {
    if parcel.proof == .size { return true }
    let reader = try transport.open(path), hash = try OpenSSLHash()
    let end = try reader.read(from: 0, to: file.byteCount) { try hash.update($0) }
    return try end == file.byteCount && hash.finish() == file.sha256
  }

  private mutating func hand(_ file: DeliveryFile) throws {
    if let step = parcel.steps[file.name] {
      let left = try transport.status(of: part(file))
      if left == nil, step == .naming { return }
      if let left, left.kind == .file, left.stamp.byteCount == file.byteCount, try holds(part(file), file) { return try name(file) }
      // Neither name is to be missing while the note says that one was about to be given.
      if step == .naming { try note(file, .uploaded) }
    }
    try transport.remove(part(file))
    try upload(file)
    try name(file)
  }

  private mutating func upload(_ file: DeliveryFile) throws {
    do {
      let writer = try transport.create(part(file)), hash = try OpenSSLHash()
      try file.write { bytes in
        try hash.update(bytes)
        try writer.write(bytes)
      }
      guard try hash.finish() == file.sha256 else { throw ExchangeError.notAsAnnounced(consumer, file.name) }
      guard try writer.finish().byteCount == file.byteCount, try holds(part(file), file) else { throw ExchangeError.arrivedOtherwise(consumer, file.name) }
      try note(file, .uploaded)
    } catch {
      try? transport.remove(part(file))
      throw error
    }
  }

  /// Another run hands over now, and may be past this file: nobody would look for its temporary name again. Where an earlier run was about to give the name, that
  /// stays as long as the name is not there: without both the file would pass for one that the consumer has taken.
  private func withdraw(_ file: DeliveryFile, noted step: HandoverStep?) {
    let mayGo = step != .naming || (try? stands(file)) ?? false
    if mayGo { try? transport.remove(part(file)) }
  }

  /// What a session asked for before it was cut may be done later than what the next one asks for.
  private mutating func name(_ file: DeliveryFile) throws {
    let before = parcel.steps[file.name], isFirst = before != .naming
    do { try note(file, .naming) } catch {
      if (error as? any CodedError)?.exitCode == .locked { withdraw(file, noted: before) }
      throw error
    }
    do throws(TransportFault) {
      try transport.move(part(file), to: place(file))
    } catch .exists {
      guard !isFirst else {
        try? transport.remove(part(file))
        throw ExchangeError.foreign(consumer, file.name)
      }
      _ = try stands(file)
      try transport.remove(part(file))
    } catch .missing {
      // An earlier rename may have come late, and the consumer have taken the file. Before the first one only a removal can have come late.
      guard isFirst else { return }
      try note(file, .uploaded)
      throw ExchangeError.arrivedOtherwise(consumer, file.name)
    }
  }
}

extension ExchangeError {
  static func foreign(_ consumer: PlainName, _ file: PlainName) -> ExchangeError {
    ExchangeError(
      302, "consumer \(consumer): \(file) stands in the delivery folder with other bytes", hint: "Nothing is overwritten. Ask who put it there, then move it away.")
  }

  static func notAsAnnounced(_ consumer: PlainName, _ file: PlainName) -> ExchangeError {
    ExchangeError(
      303, "consumer \(consumer): \(file) is not what its manifest announces", hint: "Run the night again; the extract is made anew.", exit: .internalError)
  }

  static func arrivedOtherwise(_ consumer: PlainName, _ file: PlainName) -> ExchangeError {
    ExchangeError(
      305, "consumer \(consumer): \(file) did not arrive as it was sent, and was taken back", hint: "Ask whether the folder changes what it is given; then run compline-extract again.",
      exit: .peer)
  }
}
