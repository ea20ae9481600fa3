import Core
import Map

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
    return writer.bytes
  }

  init(
    library: [UInt8], mappings: [String], format: SourceFormat, charset: String, zone: [UInt8], feed: String, businessDate: BusinessDate, server: String = ""
  ) {
    self.library = library
    self.mappings = mappings
    self.format = format
    self.charset = charset
    self.zone = zone
    self.feed = feed
    self.businessDate = businessDate
    self.server = server
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
  }

  /// The library, and the feed's mappings compiled.
  func plan() throws -> (library: MappingLibrary, plan: MapPlan) {
    var reader = ByteReader(library)
    let library = try MappingLibrary(from: &reader)
    return (library, try MapPlan.build(library, mappings: mappings, format: format, zone: ZoneRules(tzif: zone), feed: feed))
  }
}
