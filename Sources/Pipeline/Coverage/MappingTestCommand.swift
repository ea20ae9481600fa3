import Core
import Map
import Trust

/// `compline mapping test`: the examples of mapping files, run; what differs is printed field by field.
enum MappingTestCommand {
  static func run(_ name: String?, mappings: String?, zone: String) throws -> ExitCode {
    let isFolder = name.map { Folder.isFolder($0) } ?? true
    let desk = try MappingDesk(isFolder ? "hl7v2-standard" : name ?? "", folder: isFolder ? name ?? mappings : mappings, zone: zone)
    var failures: [MappingExamples.Failure] = [], count = 0
    for format in SourceFormat.allCases {
      count += try MappingExamples.count(in: desk.library, format: format)
      failures += try MappingExamples.failures(in: desk.library, format: format, zone: desk.zone) { try ExampleDecoder.decode($0, $1, &$2, format: format) }
    }
    if !isFolder { failures = failures.filter { desk.names.contains($0.mapping) } }
    for failure in failures { Console.say("\(failure.mapping) · \(failure.example) · \(failure.place)\n  want \(failure.want)\n  got  \(failure.got)") }
    Console.say(failures.isEmpty ? isFolder ? "all \(count) examples hold" : "all examples of \(desk.names.last ?? "") hold" : "\(failures.count) differences")
    return failures.isEmpty ? .closed : .waiting
  }
}
