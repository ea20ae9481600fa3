import Core
import Decode
import Glibc
import Map
import Support

/// A message as segments of fields; index 0 is the segment's name, index n field n.
typealias SentMessage = [[String]]

/// A hospital that sends every night: fewer messages at weekends, more in winter, more people every month. Everything in it is invented.
struct DriftSender {
  private var random: SeededGenerator
  private var lastRecord = 98_800
  private var lastVisit = 7_000
  private let seed: UInt64

  init(seed: UInt64) {
    self.seed = seed
    random = SeededGenerator(seed)
  }

  /// The messages of night `number` (0 is a Monday); nights are asked for in order.
  mutating func night(_ number: Int) -> [SentMessage] {
    let isWeekend = number % 7 >= 5
    let season = [100, 104, 110, 118, 112, 105, 96, 92][number / 6 % 8]
    let volume = 70 * season / 100 * (100 + number) / 100 * (isWeekend ? 45 : 100) / 100
    let day = BusinessDate(daysSinceEpoch: 20_513 + number).description.split(separator: "-").joined()
    return (0..<volume).flatMap { visit($0, day, isWeekend) }
  }

  // MARK: Chance

  private mutating func below(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }
  private mutating func happens(_ perThousand: Int) -> Bool { below(1_000) < perThousand }
  private mutating func pick(_ list: [String]) -> String { list[below(list.count)] }

  private mutating func word(_ shortest: Int, _ longest: Int) -> String {
    let text = (0..<(shortest + below(longest - shortest + 1))).map { _ in String("AEIOULMNRST".utf8.map { Character(UnicodeScalar($0)) }[below(11)]) }.joined()
    return happens(15) ? text + "-" + pick(["LONG", "O'SHEA", "ST JAMES"]) : text
  }

  private mutating func digits(_ count: Int) -> String { (0..<count).map { _ in String(below(10)) }.joined() }

  // MARK: Messages

  private mutating func visit(_ number: Int, _ day: String, _ isWeekend: Bool) -> [SentMessage] {
    lastRecord += 1 + below(3)
    lastVisit += 1
    let time = day + CalendarDay.padded(6 + number % 16, 2) + CalendarDay.padded(below(60), 2) + "00"
    let pid = person(), pv1 = stay(time)
    var messages = [[msh(pick(["ADT^A01", "ADT^A04", "ADT^A08", "ADT^A08", "ADT^A03"]), number, time), ["EVN", "A01", time], pid, pv1] + extras()]
    if happens(700) { messages.append([msh("ORU^R01", number, time), pid, pv1] + results(time)) }
    if !isWeekend, happens(600) { messages.append([msh("DFT^P03", number, time), ["EVN", "P03", time], pid, pv1] + charges(day)) }
    return messages
  }

  private func msh(_ type: String, _ number: Int, _ time: String) -> [String] {
    ["MSH", "|", "^~\\&", "ZZHIS", "NORTH", "COMPLINE", "ZZHUB", time, "", type, "\(seed % 97)-\(time)-\(number)-\(type.prefix(3))", "T", "2.5.1"]
  }

  private mutating func person() -> [String] {
    var pid = Self.empty("PID", 20)
    pid[1] = "1"
    pid[3] = "\(lastRecord)^^^NORTH^MR"
    pid[5] = "\(word(3, 11))^\(word(3, 9))" + (happens(400) ? "^\(word(1, 1))" : "")
    pid[7] = "19\(40 + below(60))0\(1 + below(9))1\(below(9))"
    pid[8] = happens(4) ? "U" : pick(["F", "M"])
    if happens(900) { pid[11] = "\(1 + below(9_800)) \(word(4, 9)) ST^^SAMPLETOWN^ZZ^\(digits(5))^USA^H" }
    if happens(700) { pid[13] = "555" + digits(7) }
    pid[18] = "A\(lastVisit)^^^NORTH^AN"
    return pid
  }

  private mutating func stay(_ time: String) -> [String] {
    var pv1 = Self.empty("PV1", 44)
    pv1[1] = "1"
    pv1[2] = happens(3) ? "R" : pick(["I", "O", "E"])
    pv1[3] = "WARD\(1 + below(6))^\(101 + below(40))^\(1 + below(2))^NORTH"
    if happens(600) { pv1[7] = "ZZ9\(digits(3))^TEST^\(word(3, 8))" }
    pv1[10] = pick(["MED", "SUR", "CAR"])
    pv1[19] = "\(lastVisit)^^^NORTH^VN"
    pv1[44] = time
    return pv1
  }

  private mutating func extras() -> SentMessage {
    var segments: SentMessage = []
    if happens(300) { segments.append(["NK1", "1", "\(word(3, 9))^\(word(3, 8))", pick(["SPO", "CHD", "PAR"])]) }
    if happens(800) { segments.append(["DG1", "1", "", "\(pick(["J", "I", "E", "S"]))\(digits(2)).\(below(10))^SYNTHETIC^I10", "", "", pick(["A", "F"])]) }
    if happens(3) { segments.append(["ACC", "20260101", "MVA"]) }
    return segments
  }

  static let tests = [
    ("2345-7", "mg/dL"), ("2951-2", "mmol/L"), ("2823-3", "mmol/L"), ("718-7", "g/dL"), ("4544-3", "%"), ("6690-2", "10*3/uL"), ("777-3", "10*3/uL"),
    ("2160-0", "mg/dL"),
  ]

  private mutating func results(_ time: String) -> SentMessage {
    var obr = Self.empty("OBR", 25)
    (obr[1], obr[3], obr[4], obr[7], obr[22], obr[25]) = ("1", "F\(lastVisit)^LAB", "24323-8^PANEL^LN", time, time, "F")
    return [obr] + (0..<(2 + below(4))).map { number in
      let test = Self.tests[below(Self.tests.count)]
      var obx = Self.empty("OBX", 14)
      (obx[1], obx[2], obx[3], obx[5]) = (String(number + 1), "NM", "\(test.0)^SYNTHETIC^LN", "\(1 + below(200)).\(below(10))")
      (obx[6], obx[7], obx[8], obx[11], obx[14]) = (test.1, "1-200", happens(6) ? "HH" : pick(["N", "H", "L"]), "F", time)
      return obx
    }
  }

  private mutating func charges(_ day: String) -> SentMessage {
    (0..<(1 + below(3))).map { number in
      var ft1 = Self.empty("FT1", 25)
      (ft1[1], ft1[2], ft1[4], ft1[6]) = (String(number + 1), "X\(lastVisit)\(number)", day, happens(8) ? "CD" : "CG")
      (ft1[10], ft1[11], ft1[25]) = (String(1 + below(3)), "\(happens(20) ? 10_000 + below(50_000) : 1 + below(900)).\(digits(2))", pick(["99213", "99214", "80053", "85025"]))
      return ft1
    }
  }

  private static func empty(_ name: String, _ fields: Int) -> [String] { [name] + Array(repeating: "", count: fields) }
}

/// What the program sees of a sender's night: decoded, mapped by the shipped mappings, counted.
enum DriftNight {
  private static let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Mappings"

  static let library: [String: [UInt8]]? = {
    guard let paths = try? TestFile.list(under: root) else { return nil }
    return Dictionary(uniqueKeysWithValues: paths.map { ($0, (try? TestFile.read(root + "/" + $0)) ?? []) })
  }()

  static let rules: CoverageRules? = library.flatMap { files in
    let library = MappingLibrary(files: files)
    guard let plan = try? MapPlan.build(library, mappings: ["hl7v2-standard@1"], format: .hl7v2, zone: .utc) else { return nil }
    return try? CoverageRules(plan, library)
  }

  static func tally(_ messages: [SentMessage]) throws -> FeedTally {
    guard let rules else { throw TestFailure("the shipped mappings do not compile") }
    return tally(messages.map { $0.map(line).joined(separator: "\r") + "\r" }.joined(), rules)
  }

  static func tally(_ text: String, _ rules: CoverageRules) -> FeedTally {
    var observer = CoverageObserver(rules, isWhole: true)
    var evaluator = MapEvaluator(plan: rules.plan, businessDate: BusinessDate(daysSinceEpoch: 20_513))
    var settings = DecodeSettings(format: rules.plan.layout == nil ? .hl7v2 : .csv, names: rules.plan.arenaNames)
    settings.layout = rules.plan.layout
    let decoder = DropDecoder(settings)
    func take(_ event: DecodeEvent, _ record: SourceRecord) {
      switch event {
      case .begin(let head): evaluator.begin(head)
      case .record:
        evaluator.record(record)
        observer.record(record, &evaluator)
      case .end(let tail):
        observer.end(tail, record)
        _ = evaluator.end(tail)
      case .batch, .finding, .attachment, .attachmentBytes, .attachmentEnd: break
      }
    }
    decoder.push(Array(text.utf8), take)
    _ = decoder.finish(take)
    return observer.tally()
  }

  private static func line(_ segment: [String]) -> String {
    segment[0] == "MSH" ? "MSH|" + segment.dropFirst(2).joined(separator: "|") : segment.joined(separator: "|")
  }
}
