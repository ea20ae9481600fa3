import Core
import Glibc
import Support
import Testing

/// Inputs made to hurt, each read by a process of its own, so that its memory, its time and its system calls can be seen.
@Suite(.serialized) struct HostileExam {
  /// Peak of memory for any input, in kilobytes.
  static let memoryLimit = 65_536

  @Test(arguments: Attack.allCases) func `no document makes the reader open another file or a connection`(attack: Attack) throws {
    let folder = try TemporaryFolder()
    try folder.write("not to be read", to: "secret")
    let path = try folder.write(attack.document(secret: folder.path("secret")), to: "attack.xml"), log = folder.path("calls")
    let options = ["-f", "-qq", "-e", "trace=open,openat,openat2,socket,connect,execve", "-o", log]
    let read = try Tools.run("strace", options + [Reader.path, "cda", path], environment: Reader.environment)
    #expect(read.exit == 0)
    let calls = String(decoding: try folder.read("calls"), as: UTF8.self).split(separator: "\n")
    let after = calls.drop { !$0.contains(path) || $0.contains("execve") }.dropFirst()
    // At its end the reader looks up its own peak of memory.
    #expect(!calls.isEmpty && after.filter { !$0.contains("+++") && !$0.contains("/proc/self/status") } == [])
    #expect(!calls.contains { $0.contains("secret") || $0.contains("connect(") })
  }

  @Test(arguments: Attack.allCases) func `a document with entities is refused and one with instructions is only read`(attack: Attack) throws {
    let result = try Reader.read("cda", Array(attack.document(secret: "/etc/hostname").utf8))
    #expect(result[attack.usesDoctype ? "DOCTYPE-REFUSED" : "decoded"] == 1)
    #expect(result["peak_kilobytes"] ?? .max < Self.memoryLimit)
  }

  @Test func `a million elements inside each other are held in little memory`() throws {
    let result = try Reader.read("cda", Hostile.open(document: 1_000_000))
    #expect(result["XML-LIMIT"] == 1)
    #expect(result["peak_kilobytes"] ?? .max < Self.memoryLimit)
  }

  @Test func `a million repetitions are one field`() throws {
    let result = try Reader.read("hl7v2", Hostile.message("PID|1||" + String(repeating: "1~", count: 1_000_000)))
    #expect(result["decoded"] == 1)
    #expect(result["peak_kilobytes"] ?? .max < Self.memoryLimit)
  }

  @Test func `a million components in subcomponents are one field`() throws {
    let result = try Reader.read("hl7v2", Hostile.message("OBX|1|TX|" + String(repeating: "&^", count: 500_000)))
    #expect(result["decoded"] == 1)
    #expect(result["peak_kilobytes"] ?? .max < Self.memoryLimit)
  }

  @Test(arguments: [("hl7v2", "messages"), ("cda", "entries")]) func `time grows no faster than the input`(format: String, unit: String) throws {
    let times = try [1, 2, 4].map { scale in
      let bytes = format == "cda" ? Hostile.document(entries: 12_000 * scale) : Hostile.message(String(repeating: "NTE\r", count: 1_000), count: 60 * scale)
      return try Reader.read(format, bytes)["milliseconds"] ?? .max
    }
    #expect(times[2] < 8 * max(times[0], 20), "\(unit): \(times) ms for 1, 2 and 4 parts")
  }

  @Test(arguments: [Hostile.Pipe.segment, .text, .base64, .attribute]) func `what never ends is read from a pipe in little memory`(pipe: Hostile.Pipe) throws {
    let result = try Reader.read(pipe, megabytes: 100)
    #expect(result["bytes"] ?? 0 > 100_000_000)
    #expect(result["messages"] == 1)
    #expect(result["peak_kilobytes"] ?? .max < Self.memoryLimit)
  }

  /// `make hostile` runs it: 10 GB take minutes.
  @Test(.enabled(if: getenv("COMPLINE_HOSTILE") != nil, "COMPLINE_HOSTILE is not set"))
  func `a segment of 10 GB is held in 64 MB`() throws {
    let result = try Reader.read(.segment, megabytes: 10_240)
    #expect(result["MESSAGE-LIMIT"] == 1)
    #expect(result["peak_kilobytes"] ?? .max < Self.memoryLimit, "\(result)")
  }

  @Test(.enabled(if: getenv("COMPLINE_HOSTILE") != nil, "COMPLINE_HOSTILE is not set"))
  func `five million segments take four times as long as a quarter of them`() throws {
    let times = try [1, 2, 4].map { scale in
      try Reader.read("hl7v2", Hostile.message(String(repeating: "NTE\r", count: 1_250), count: 1_000 * scale))["milliseconds"] ?? .max
    }
    #expect(times[2] < 6 * times[0], "\(times) ms")
  }
}

/// Documents that ask the reader for more than their own bytes.
enum Attack: String, CaseIterable, CustomTestStringConvertible {
  case laughs, quadratic, externalFile, externalAddress, parameterEntity, include, schema, stylesheet

  var testDescription: String { rawValue }
  var usesDoctype: Bool { ![.include, .schema, .stylesheet].contains(self) }

  func document(secret: String) -> String {
    switch self {
    case .laughs:
      let levels = (1...20).map { "<!ENTITY l\($0) \"\(String(repeating: "&l\($0 - 1);", count: 10))\">" }.joined()
      return "<!DOCTYPE a [<!ENTITY l0 \"ha\">\(levels)]>" + Hostile.document("<title>&l20;</title>")
    case .quadratic:
      let long = String(repeating: "A", count: 100_000), uses = String(repeating: "&q;", count: 10_000)
      return "<!DOCTYPE a [<!ENTITY q \"\(long)\">]>" + Hostile.document("<title>\(uses)</title>")
    case .externalFile: return "<!DOCTYPE a [<!ENTITY x SYSTEM \"file://\(secret)\">]>" + Hostile.document("<title>&x;</title>")
    case .externalAddress: return "<!DOCTYPE a SYSTEM \"http://127.0.0.1:9/a.dtd\">" + Hostile.document("<title>x</title>")
    case .parameterEntity: return "<!DOCTYPE a [<!ENTITY % p SYSTEM \"file://\(secret)\">%p;]>" + Hostile.document("<title>x</title>")
    case .include: return Hostile.document("<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"file://\(secret)\" parse=\"text\"/>")
    case .schema:
      let space = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
      return Hostile.document("<id \(space) xsi:schemaLocation=\"urn:hl7-org:v3 file://\(secret)\" xsi:noNamespaceSchemaLocation=\"http://127.0.0.1:9/a.xsd\"/>")
    case .stylesheet: return "<?xml-stylesheet type=\"text/xsl\" href=\"file://\(secret)\"?>" + Hostile.document("<title>x</title>")
    }
  }
}
