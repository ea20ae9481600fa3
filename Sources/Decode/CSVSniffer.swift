import Core

/// Looks whether a file of unknown format is a table: `inspect` has no layout. The first line is taken for the line of names.
struct CSVSniffer {
  /// Bytes in which the first line must end.
  private static let firstLineBytes = 1 << 16

  private let limits: DecodeLimits
  private var beginning: [UInt8] = []
  private var decoder: CSVDecoder?
  private var isOver = false
  private var columns = 0
  private var rows = 0
  private var decoded = 0
  /// Where the first row stands that is no UTF-8, and how many are not; only where most rows would be read otherwise.
  private var firstMisfit: Int?
  private var misfits = 0
  private var findings: [Finding] = []
  private var findingsLeftOut = 0

  init(_ limits: DecodeLimits) { self.limits = limits }

  /// It is no table; what comes is not looked at.
  mutating func giveUp() { self = CSVSniffer(limits); isOver = true }

  mutating func push(_ chunk: Span<UInt8>) {
    if isOver { return }
    guard decoder == nil else { return decode(chunk) }
    unsafe chunk.withUnsafeBufferPointer { pointer in unsafe beginning.append(contentsOf: pointer) }
    if let end = firstLineEnd { start(end) } else if beginning.count > Self.firstLineBytes { giveUp() }
  }

  /// The first byte that kept a table from being read: it is in another character set than UTF-8.
  var undecodableByte: Int? { rows > 1 && 2 * (decoded + misfits) > rows ? firstMisfit : nil }

  private mutating func decode(_ chunk: Span<UInt8>) {
    var events: [DecodeEvent] = []
    decoder?.push(chunk) { event, _ in events.append(event) }
    events.forEach { note($0) }
  }

  /// Fills a report; false where the file is no table.
  mutating func finish(_ report: inout InspectionReport) -> Bool {
    if isOver { return false }
    if decoder == nil { start(beginning.count) }
    guard let decoder else { return false }
    var events: [DecodeEvent] = []
    _ = decoder.finish { event, _ in events.append(event) }
    events.forEach { note($0) }
    guard rows > 1, 2 * decoded > rows else { return false }
    report = InspectionReport()
    report.format = .csv
    (report.messages, report.columns) = (rows - 1, columns)
    (report.findings, report.findingsLeftOut) = (findings, findingsLeftOut)
    return true
  }

  /// Where the first line ends, outside of quotes.
  private var firstLineEnd: Int? {
    var isQuoted = false
    for (index, byte) in beginning.enumerated() {
      if byte == 0x22 { isQuoted.toggle() }
      if !isQuoted, byte == 0x0A || byte == 0x0D { return index }
    }
    return nil
  }

  /// The delimiter that stands most often in the first line.
  private mutating func start(_ end: Int) {
    let counts = [UInt8](",;|\t".utf8).map { mark in (mark, beginning[..<end].count { $0 == mark }) }
    guard let most = counts.max(by: { $0.1 < $1.1 }), most.1 > 0 else { return giveUp() }
    var layout = RowLayout(), fields = CSVFields()
    (layout.delimiter, layout.quote) = (most.0, 0x22)
    fields.split(beginning.span.extracting(0..<end), layout, limit: limits.fieldsPerSegment)
    columns = fields.count
    layout.columns = (0..<columns).map { RowLayout.Column(name: "column \($0 + 1)", heading: "") }
    var settings = DecodeSettings(format: .csv, limits: limits)
    settings.layout = layout
    decoder = CSVDecoder(settings)
    let bytes = beginning
    beginning = []
    decode(bytes.span)
  }

  private mutating func note(_ event: DecodeEvent) {
    switch event {
    case .end(let tail):
      rows += 1
      switch tail.outcome {
      case .decoded: decoded += 1
      case .held(let finding), .rejected(let finding):
        if finding.code == .charsetUndecodable {
          misfits += 1
          firstMisfit = firstMisfit ?? finding.position.byteOffset
        }
        add(finding)
      }
    case .finding(let finding): add(finding)
    case .begin, .record, .batch, .attachment, .attachmentBytes, .attachmentEnd: break
    }
  }

  private mutating func add(_ finding: Finding) {
    guard findings.count < InspectionReport.findingLimit else { return findingsLeftOut += 1 }
    findings.append(finding)
  }
}
