import Core
import Decode
import Glibc

// Reads one drop, from a file or from standard input (`-`), and says what it held and what it cost:
//   read-drop hl7v2|cda FILE
// A process of its own, so that its peak of memory is the decoder's, and so that its system calls can be watched.

let arguments = CommandLine.arguments
guard arguments.count == 3, let format = SourceFormat(rawValue: arguments[1]) else { exit(64) }
let descriptor = arguments[2] == "-" ? STDIN_FILENO : open(arguments[2], O_RDONLY | O_CLOEXEC)
guard descriptor >= 0 else { exit(74) }

/// Events by what they are, findings by their code.
var counts: [String: Int] = [:]

@MainActor func note(_ event: DecodeEvent) {
  switch event {
  case .begin, .batch, .attachment, .attachmentBytes, .attachmentEnd: break
  case .record: counts["records", default: 0] += 1
  case .finding(let finding): counts[finding.code.rawValue, default: 0] += 1
  case .end(let tail):
    for finding in tail.findings { counts[finding.code.rawValue, default: 0] += 1 }
    switch tail.outcome {
    case .decoded: counts["decoded", default: 0] += 1
    case .held(let finding), .rejected(let finding): counts[finding.code.rawValue, default: 0] += 1
    }
  }
}

/// VmHWM; `ru_maxrss` would count the parent's memory too, from before this program was loaded.
func peakKilobytes() -> Int {
  guard let file = fopen("/proc/self/status", "r") else { return .max }
  defer { fclose(file) }
  var line = [CChar](repeating: 0, count: 256)
  while fgets(&line, Int32(line.count), file) != nil {
    let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split { $0 == " " || $0 == "\t" }
    if words.count > 1, words[0] == "VmHWM:" { return Int(words[1]) ?? .max }
  }
  return .max
}

let decoder = DropDecoder(DecodeSettings(format: format))
var chunk = [UInt8](repeating: 0, count: 65_536)
while true {
  let count = read(descriptor, &chunk, chunk.count)
  guard count >= 0 else { exit(74) }
  if count == 0 { break }
  decoder.push(count == chunk.count ? chunk : Array(chunk[..<count])) { event, _ in note(event) }
}
let summary = decoder.finish { event, _ in note(event) }

counts["bytes"] = summary.byteCount
counts["messages"] = summary.messages
counts["segments"] = summary.segments
var usage = rusage()
getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
counts["milliseconds"] = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1_000 + Int(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1_000
counts["peak_kilobytes"] = peakKilobytes()
print(counts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " "))
