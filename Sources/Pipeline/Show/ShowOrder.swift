import Core
import Decode

/// What a worker is asked to show: pure data, sent before the drop.
struct ShowOrder: Equatable {
  var format: SourceFormat
  /// The feed's; empty for none.
  var charset: String
  /// One-based.
  var message: Int
  var view: ValueView
  var isJSON: Bool
  /// How the drop is wrapped.
  var envelope: [ContainerKind] = []
  /// The mappings of a feed of rows: they say how its files are laid out.
  var rows: WorkerSetup?

  var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.write(format.rawValue)
    writer.write(charset)
    writer.write(message)
    writer.write(UInt8(view == .revealed ? 1 : 0))
    writer.write(UInt8(isJSON ? 1 : 0))
    writer.write(Int32(envelope.count))
    for kind in envelope { writer.write(kind.rawValue) }
    writer.write(rows?.encoded ?? [])
    return writer.bytes
  }

  init(format: SourceFormat, charset: String, message: Int, view: ValueView, isJSON: Bool) {
    self.format = format
    self.charset = charset
    self.message = message
    self.view = view
    self.isJSON = isJSON
  }

  init(from bytes: [UInt8]) throws(FrameError) {
    var reader = ByteReader(bytes)
    guard let format = SourceFormat(rawValue: try reader.text()) else { throw FrameError() }
    self.format = format
    charset = try reader.text()
    message = try reader.integer()
    view = try reader.byte() == 1 ? .revealed : .masked
    isJSON = try reader.byte() == 1
    for _ in 0..<(try reader.count()) {
      guard let kind = ContainerKind(rawValue: try reader.text()) else { throw FrameError() }
      envelope.append(kind)
    }
    let setup = try reader.list()
    rows = setup.isEmpty ? nil : try WorkerSetup(from: setup)
  }
}

/// How a drop went whose message was asked for.
struct ShowResult: Equatable {
  /// Messages met, up to the one asked for.
  var messages = 0
  /// What became of that one; nil where the drop has no such message.
  var outcome: MessageTail.Outcome?

  func write(to writer: inout ByteWriter) {
    writer.write(messages)
    switch outcome {
    case nil: writer.write(UInt8(0))
    case .decoded: writer.write(UInt8(1))
    case .held(let finding):
      writer.write(UInt8(2))
      finding.write(to: &writer)
    case .rejected(let finding):
      writer.write(UInt8(3))
      finding.write(to: &writer)
    }
  }

  init() {}

  init(from reader: inout ByteReader) throws(FrameError) {
    messages = try reader.integer()
    switch try reader.byte() {
    case 0: outcome = nil
    case 1: outcome = .decoded
    case 2: outcome = .held(try Finding(from: &reader))
    case 3: outcome = .rejected(try Finding(from: &reader))
    default: throw FrameError()
    }
  }
}
