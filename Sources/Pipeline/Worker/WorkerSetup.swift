import Core
import Decode
import Map
import Store

/// Everything a worker needs to decode and map a feed: pure data, sent once.
struct WorkerSetup: Equatable {
  var library: [UInt8]
  var mappings: [String]
  var format: SourceFormat
  var charset: String
  var zone: [UInt8]
  /// The feed's name, which stands in for an assigner that no message names.
  var feed: String
  var businessDate: BusinessDate
  /// The field whose sources the worker tells beside each message; nil for none.
  var traced: TracedField?
  /// Of FHIR: the server whose ids the feed's resources carry; empty for none.
  var server: String
  /// How each drop is wrapped, the outer container first.
  var envelope: [ContainerKind] = []

  var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.write(library)
    writer.write(Int32(mappings.count))
    for mapping in mappings { writer.write(mapping) }
    writer.write(format.rawValue)
    writer.write(charset)
    writer.write(zone)
    writer.write(feed)
    writer.write(businessDate.daysSinceEpoch)
    writer.write(Int32(traced?.entity ?? -1))
    writer.write(Int32(traced?.field ?? -1))
    writer.write(server)
    writer.write(Int32(envelope.count))
    for kind in envelope { writer.write(kind.rawValue) }
    return writer.bytes
  }

  init(
    library: [UInt8], mappings: [String], format: SourceFormat, charset: String, zone: [UInt8], feed: String, businessDate: BusinessDate, server: String = "",
    envelope: [ContainerKind] = []
  ) {
    self.library = library
    self.mappings = mappings
    self.format = format
    self.charset = charset
    self.zone = zone
    self.feed = feed
    self.businessDate = businessDate
    self.server = server
    self.envelope = envelope
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
    feed = try reader.text()
    businessDate = BusinessDate(daysSinceEpoch: try reader.integer())
    let entity = Int(try reader.small()), field = Int(try reader.small())
    traced = entity < 0 ? nil : TracedField(entity: entity, field: field)
    server = try reader.text()
    for _ in 0..<(try reader.count()) {
      guard let kind = ContainerKind(rawValue: try reader.text()) else { throw FrameError() }
      envelope.append(kind)
    }
  }

  /// The feed's mappings compiled.
  func plan() throws -> MapPlan {
    var reader = ByteReader(library)
    return try MapPlan.build(try MappingLibrary(from: &reader), mappings: mappings, format: format, zone: ZoneRules(tzif: zone), feed: feed)
  }
}

/// What a load has to know of a compiled plan: what its rows name by number. A worker that is set up and has seen no message yet says it, so that
/// the mappings of a feed are compiled once.
struct PlanOutline: Equatable {
  var mappings: [MappingRef]
  var rowPaths: [String]

  init(_ plan: MapPlan) {
    mappings = plan.mappings.map { MappingRef(id: $0.id, version: $0.version, digest: $0.digest) }
    rowPaths = plan.rowPaths
  }

  func write(to writer: inout ByteWriter) {
    writer.write(Int32(mappings.count))
    for mapping in mappings {
      writer.write(mapping.id)
      writer.write(mapping.version)
      writer.write(mapping.digest)
    }
    writer.write(Int32(rowPaths.count))
    for path in rowPaths { writer.write(path) }
  }

  init(from reader: inout ByteReader) throws(FrameError) {
    (mappings, rowPaths) = ([], [])
    for _ in 0..<(try reader.count()) { mappings.append(try MappingRef(id: reader.text(), version: reader.integer(), digest: reader.text())) }
    for _ in 0..<(try reader.count()) { rowPaths.append(try reader.text()) }
  }
}
