import Core
import Decode
import Map

/// Shows one message of a drop, inside the worker: lines of text go out, in the order of the message.
struct ShowSession: DropSession {
  private let order: ShowOrder
  private let settings: DecodeSettings
  private var decoder: DropDecoder
  private var result = ShowResult()
  private var isDone = false

  init(_ order: ShowOrder) throws {
    self.order = order
    var settings = DecodeSettings(format: order.format, charset: order.charset.isEmpty ? nil : order.charset)
    settings.envelope = order.envelope
    settings.layout = try order.rows?.plan().layout
    self.settings = settings
    decoder = DropDecoder(settings)
  }

  mutating func begin(trap: Bool, number: Int) {
    decoder = DropDecoder(settings)
    result = ShowResult()
    isDone = false
  }

  /// What follows the message asked for is not looked at.
  mutating func push(_ bytes: Span<UInt8>, into output: inout FrameWriter) throws {
    guard !isDone else { return }
    try decoder.push(bytes) { event, record in try Self.take(event, record, order, settings.layout, &result, &output) }
    if result.outcome != nil { try close(&output) }
  }

  mutating func finish(into output: inout FrameWriter) throws {
    guard !isDone else { return }
    _ = try decoder.finish { event, record in try Self.take(event, record, order, settings.layout, &result, &output) }
    try close(&output)
  }

  private mutating func close(_ output: inout FrameWriter) throws {
    isDone = true
    try output.write(.showDone) { [result] in result.write(to: &$0) }
    try output.flush()
  }

  private static func take(
    _ event: DecodeEvent, _ record: borrowing SourceRecord, _ order: ShowOrder, _ layout: RowLayout?, _ result: inout ShowResult,
    _ output: inout FrameWriter
  ) throws {
    guard result.outcome == nil else { return }
    switch event {
    case .begin: result.messages += 1
    case .record where result.messages == order.message: try parts(of: record, layout, order.view) { try say($0, order, &output) }
    case .end(let tail) where result.messages == order.message: result.outcome = tail.outcome
    case .record, .end, .batch, .finding, .attachment, .attachmentBytes, .attachmentEnd: break
    }
  }

  private static func parts(of record: borrowing SourceRecord, _ layout: RowLayout?, _ view: ValueView, _ body: (TreePart) throws -> Void) rethrows {
    if let layout { return try body(RowTree(record.segments, layout, view).part) }
    guard record.part == .message else { return try body(CDATree(record.arena, view).part(copy record)) }
    try HL7Tree(record.segments, view).forEachPart(body)
  }

  private static func say(_ part: TreePart, _ order: ShowOrder, _ output: inout FrameWriter) throws {
    try output.write(.shown) { $0.write(order.isJSON ? String(decoding: part.json.canonical, as: UTF8.self) : part.text) }
  }
}
