import Core

/// A Bundle while its entries come: what its references may name, and the entries that wait for what they refer to.
struct FHIRBundle {
  /// An entry that waits for its turn.
  struct Waiting {
    /// Empty where its fate is known already.
    var bytes: [UInt8]
    var start: Int
    var byteCount: Int
    var tail: MessageTail?
    /// References that nothing in the Bundle has answered yet.
    var open: [[UInt8]]
    var fullURL: [UInt8]

    var weight: Int { bytes.count + open.reduce(256) { $0 + $1.count } }
  }

  var index: FHIRIndex
  /// `Bundle.timestamp`, where it stands before the entries.
  var timestamp: [UInt8] = []
  /// `Bundle.implicitRules` stands there: its entries mean something else than they say (FHIR R4, 2.4.0).
  var isModified = false
  var entries = 0
  private let limit: Int
  private var waiting: [Waiting] = []
  private var first = 0
  private var weight = 0

  init(limit: Int) {
    self.limit = limit
    index = FHIRIndex(limit: limit)
  }

  var isEmpty: Bool { first == waiting.count }

  mutating func wait(_ entry: Waiting) {
    waiting.append(entry)
    weight += entry.weight
  }

  /// The first entry, where nothing it refers to can still come, or where those that wait are too many; nil while it waits.
  mutating func due(atEnd: Bool) -> Waiting? {
    guard first < waiting.count else { return nil }
    if !atEnd, weight <= limit, waiting[first].open.contains(where: { index.excerpt($0, from: waiting[first].fullURL) == nil }) { return nil }
    let entry = waiting[first]
    waiting[first].bytes = []
    weight -= entry.weight
    first += 1
    if first == waiting.count || first > 1_024 {
      waiting.removeFirst(first)
      first = 0
    }
    return entry
  }
}
