import Core
import Decode
import Support

/// What must hold of any drop of FHIR, however damaged.
struct FHIROracle {
  let settings: DecodeSettings

  init(_ settings: DecodeSettings) { self.settings = settings }

  func breaches(_ input: [UInt8]) -> [Breach] {
    var found: [Breach] = []
    var seen: [(type: [UInt8], record: UInt64)] = []
    let trace = Trace([input], settings) { event, record in
      guard event == .record else { return }
      if record.arena.nodes.count > settings.limits.entryNodes || record.arena.bytes.count > settings.limits.entryBytes { found.append(Breach("a resource is bounded by its limits")) }
      if record.arena.names.count > settings.limits.names + 1 { found.append(Breach("names are bounded")) }
      seen.append((Array(record.arena.names[Int(record.arena.nodes[0].name)].utf8), 0))
    }
    found += Conservation(input, settings, trace).breaches()
    let decoded = trace.tails.filter { $0.outcome == .decoded }
    if decoded.map(\.rawType) != seen.map(\.type) { found.append(Breach("a decoded message gives one record of its type")) }
    if decoded.contains(where: { !FHIRTypes.holds(String(decoding: $0.rawType, as: UTF8.self)) }) { found.append(Breach("a type is one of the standard's")) }
    for entry in trace.findings where !(0...input.count).contains(entry.finding.position.byteOffset) {
      found.append(Breach("\(entry.finding.code.rawValue) points into the drop", at: entry.finding.position.byteOffset))
    }
    return found
  }
}
