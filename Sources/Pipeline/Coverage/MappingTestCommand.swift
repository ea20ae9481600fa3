import Core
import Decode
import Map
import Trust

/// `compline mapping test`: the examples of mapping files, run; what differs is printed field by field.
enum MappingTestCommand {
  static func run(_ name: String?, mappings: String?, zone: String) throws -> ExitCode {
    let isFolder = name.map { Folder.isFolder($0 + "/canonical") } ?? true
    let desk = try MappingDesk(isFolder ? "hl7v2-standard" : name ?? "", folder: isFolder ? name ?? mappings : mappings, zone: zone)
    var failures: [MappingExamples.Failure] = [], count = 0
    for format in SourceFormat.allCases {
      count += try MappingExamples.count(in: desk.library, format: format)
      failures += try MappingExamples.failures(in: desk.library, format: format, zone: desk.zone) { bytes, plan, evaluator in try decode(bytes, plan, format, &evaluator) }
    }
    if !isFolder { failures = failures.filter { desk.names.contains($0.mapping) } }
    for failure in failures { Console.say("\(failure.mapping) · \(failure.example) · \(failure.place)\n  want \(failure.want)\n  got  \(failure.got)") }
    Console.say(failures.isEmpty ? isFolder ? "all \(count) examples hold" : "all examples of \(desk.names.last ?? "") hold" : "\(failures.count) differences")
    return failures.isEmpty ? .closed : .waiting
  }

  private static func decode(_ bytes: [UInt8], _ plan: MapPlan, _ format: SourceFormat, _ evaluator: inout MapEvaluator) throws -> [MappedMessage] {
    let decoder = DropDecoder(DecodeSettings.forDesk(plan, format))
    var messages: [MappedMessage] = []
    var current = evaluator
    func take(_ event: DecodeEvent, _ record: SourceRecord) {
      switch event {
      case .begin(let head): current.begin(head)
      case .record: current.record(record)
      case .end(let tail): messages.append(current.end(tail))
      case .batch, .finding, .attachment, .attachmentBytes, .attachmentEnd: break
      }
    }
    decoder.push(bytes, take)
    _ = decoder.finish(take)
    evaluator = current
    return messages
  }
}
