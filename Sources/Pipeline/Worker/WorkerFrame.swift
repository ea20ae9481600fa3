import Core

/// What travels between ingest and its decode worker: a type, a length, bytes. Flat, no keys, no files.
struct WorkerFrame: Equatable {
  enum Kind: UInt8 {
    // To the worker
    case setup = 1, dropBegins, chunk, dropEnds
    // From the worker
    case ready = 16, message, batch, finding, dropDone, refused
  }

  var kind: Kind
  var payload: [UInt8]

  /// Frames over this size are refused: one message's rows fit well below it.
  static let maximumBytes = 256 << 20

  var encoded: [UInt8] {
    var out: [UInt8] = [kind.rawValue]
    out.reserveCapacity(payload.count + 5)
    let count = UInt32(payload.count)
    for shift in stride(from: 0, to: 32, by: 8) { out.append(UInt8(truncatingIfNeeded: count >> UInt32(shift))) }
    return out + payload
  }
}

/// Cuts a stream of bytes into frames.
struct FrameBuffer {
  private var bytes: [UInt8] = []
  private var at = 0

  mutating func append(_ more: some Collection<UInt8>) {
    if at > 1 << 20 {
      bytes.removeSubrange(..<at)
      at = 0
    }
    bytes += more
  }

  /// The next whole frame, or nil when more bytes are needed.
  mutating func next() throws(FrameError) -> WorkerFrame? {
    guard bytes.count - at >= 5 else { return nil }
    guard let kind = WorkerFrame.Kind(rawValue: bytes[at]) else { throw FrameError() }
    let count = (0..<4).reduce(0) { $0 | Int(bytes[at + 1 + $1]) << (8 * $1) }
    guard count <= WorkerFrame.maximumBytes else { throw FrameError() }
    guard bytes.count - at >= 5 + count else { return nil }
    defer { at += 5 + count }
    return WorkerFrame(kind: kind, payload: Array(bytes[(at + 5)..<(at + 5 + count)]))
  }
}

/// Everything a worker needs to decode and map a feed: pure data, sent once.
struct WorkerSetup {
  var library: [UInt8]
  var mappings: [String]
  var format: SourceFormat
  var charset: String
  var zone: [UInt8]
  var businessDate: BusinessDate

  var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.write(library)
    writer.write(Int32(mappings.count))
    for mapping in mappings { writer.write(mapping) }
    writer.write(format.rawValue)
    writer.write(charset)
    writer.write(zone)
    writer.write(businessDate.daysSinceEpoch)
    return writer.bytes
  }

  init(library: [UInt8], mappings: [String], format: SourceFormat, charset: String, zone: [UInt8], businessDate: BusinessDate) {
    self.library = library
    self.mappings = mappings
    self.format = format
    self.charset = charset
    self.zone = zone
    self.businessDate = businessDate
  }

  init(from bytes: [UInt8]) throws(FrameError) {
    var reader = ByteReader(bytes)
    library = try reader.list()
    mappings = []
    for _ in 0..<(try reader.count()) { mappings.append(try reader.text()) }
    guard let format = SourceFormat(rawValue: try reader.text()) else { throw FrameError() }
    self.format = format
    charset = try reader.text()
    zone = try reader.list()
    businessDate = BusinessDate(daysSinceEpoch: try reader.integer())
  }
}
