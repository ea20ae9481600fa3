import Core
import Decode
import Trust

/// `compline inspect`: what is in a file, without a site. A file whose name ends in `.gz` or `.zip` is unpacked as a feed with that envelope would unpack it, in memory.
enum FileInspection {
  private static let blockBytes = 1 << 16

  static func run(_ files: [String], json: Bool) throws -> ExitCode {
    var usable = false
    for file in files {
      var isUsable = false
      func say(_ report: InspectionReport, _ sha256: String, _ member: Int?) {
        isUsable = isUsable || report.isUsable
        let value = report.withPlainCode.json(file: file, sha256: sha256, member: member)
        Console.say(String(decoding: json ? value.canonical[...] : value.pretty.dropLast(), as: UTF8.self))
      }
      if let reader = ContainerReader(ContainerKind.named(by: file)) {
        // The digest of all of it stands beside the first member already.
        let sha256 = try hash(file)
        // Of a container that is cut or broken a feed takes nothing, whatever its first members hold.
        let isWhole = try unpack(file, reader) { say($0, sha256, $1) }
        usable = usable || isUsable && isWhole
      } else {
        let (report, sha256) = try inspect(file)
        say(report, sha256, nil)
        usable = usable || isUsable
      }
    }
    return usable ? .closed : .nothingUsable
  }

  private static func forEachBlock(_ path: String, _ body: ([UInt8]) throws -> Void) throws {
    let file = try OpenFile.reading(path)
    while true {
      let block = try file.read(upTo: blockBytes)
      if block.isEmpty { return }
      try body(block)
    }
  }

  private static func hash(_ path: String) throws -> String {
    let hash = try OpenSSLHash()
    try forEachBlock(path) { try hash.update($0) }
    return Hex.text(try hash.finish())
  }

  private static func inspect(_ path: String) throws -> (report: InspectionReport, sha256: String) {
    let inspector = Inspector(), hash = try OpenSSLHash()
    try forEachBlock(path) { block in
      try hash.update(block)
      inspector.push(block)
    }
    return (inspector.finish(), Hex.text(try hash.finish()))
  }

  /// One report a member, and one more where the container is refused: then false.
  private static func unpack(_ path: String, _ reader: ContainerReader, _ say: (InspectionReport, Int?) -> Void) throws -> Bool {
    var inspector = Inspector(), member = 0
    func take(_ event: ContainerEvent) {
      switch event {
      case .memberBegins(let number): (inspector, member) = (Inspector(), number)
      case .bytes(let bytes): inspector.push(bytes)
      case .memberEnds: say(inspector.finish(), member)
      }
    }
    do {
      try forEachBlock(path) { try reader.push($0, take) }
      try reader.finish(take)
      return true
    } catch let fault as ContainerFault {
      say(InspectionReport(refused: fault), nil)
      return false
    }
  }
}

extension ContainerKind {
  /// What the endings of a file's name say, the outer container first: `a.hl7.gz`, `a.zip`, `a.zip.gz`.
  static func named(by path: String) -> [ContainerKind] {
    let endings = path.split(separator: "/").last?.split(separator: ".").dropFirst() ?? []
    var kinds: [ContainerKind] = []
    for ending in endings.reversed() {
      switch ending.lowercased() {
      case "gz": kinds.append(.gzip)
      case "zip": kinds.append(.zip)
      default: return kinds
      }
    }
    return kinds
  }
}

extension InspectionReport {
  /// A member of a container is named by its number.
  fileprivate func json(file: String, sha256: String, member: Int?) -> JSONValue {
    guard let member, case .object(var members) = json(file: file, sha256: sha256) else { return json(file: file, sha256: sha256) }
    members["member"] = .integer(member)
    return .object(members)
  }
}

extension InspectionReport {
  /// True when there is at least one message or row, or a document that could be read.
  var isUsable: Bool { format == .cda || format != .unknown && messages > 0 }

  /// A document code that does not look like LOINC could be anything, so it is not shown.
  var withPlainCode: InspectionReport {
    var report = self
    if !code.isEmpty, !Self.isLOINC(code) { report.code = "other" }
    return report
  }

  /// One to seven digits, a dash and a check digit.
  static func isLOINC(_ code: String) -> Bool {
    let parts = code.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    return parts.count == 2 && (1...7).contains(parts[0].count) && parts[1].count == 1 && parts.joined().allSatisfy { (0x30...0x39).contains($0) }
  }
}
