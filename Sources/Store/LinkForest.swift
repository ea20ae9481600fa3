import Core

/// The links between the rows of one entity as they hold, made so that the end of a chain is found in steps that grow with the logarithm of its length.
///
/// - Of links that go round in a circle the oldest does not hold; where several are the oldest, none of them does.
/// - A link has a weight: from when on what is said of the row itself goes along it. One that takes all goes always.
///
/// Each row knows the next one and one further away, with the largest weight up to there (jump pointers by skew-binary numbers).
struct LinkForest {
  /// Goes along whatever is said, whenever.
  static let always = Int.min
  /// Goes along every link, as a reference does.
  static let all = Int.max

  private var numbers: [[UInt8]: Int] = [:]
  private var keys: [[UInt8]] = []
  /// The row that a row was replaced by; its own number where it is the end.
  private var next: [Int] = []
  private var weights: [Int] = []
  private var jumps: [Int] = []
  private var jumpWeights: [Int] = []
  private var depths: [Int] = []

  /// - Parameter links: by key; targets as they count.
  init(_ links: [[UInt8]: RowLink]) {
    for (source, link) in links {
      let from = number(source), to = number(link.target)
      next[from] = to
      weights[from] = link.takesAll ? Self.always : link.since
    }
    openCircles(links)
    for row in next.indices { reach(row) }
  }

  /// The row at the end of the chain that begins with a key, along links of no more than this weight.
  func end(of key: [UInt8], upTo weight: Int) -> [UInt8] {
    guard var row = numbers[key] else { return key }
    while next[row] != row, weights[row] <= weight { row = jumpWeights[row] <= weight ? jumps[row] : next[row] }
    return keys[row]
  }

  private mutating func number(_ key: [UInt8]) -> Int {
    if let known = numbers[key] { return known }
    let number = keys.count
    numbers[key] = number
    keys.append(key)
    next.append(number)
    weights.append(Self.always)
    jumps.append(number)
    jumpWeights.append(Self.always)
    depths.append(-1)
    return number
  }

  private mutating func openCircles(_ links: [[UInt8]: RowLink]) {
    var seen = [Int](repeating: -1, count: next.count)
    for start in next.indices {
      var row = start
      while seen[row] < 0, next[row] != row || links[keys[row]] != nil {
        seen[row] = start
        row = next[row]
      }
      guard seen[row] == start else { continue }
      openCircle(row, links)
    }
  }

  /// Takes the oldest links out of the circle that a row is on.
  private mutating func openCircle(_ start: Int, _ links: [[UInt8]: RowLink]) {
    var circle: [(row: Int, since: Int)] = [], row = start
    repeat {
      circle.append((row, links[keys[row]]?.since ?? LinkForest.all))
      row = next[row]
    } while row != start
    let oldest = circle.map(\.since).min()
    for link in circle where link.since == oldest { next[link.row] = link.row }
  }

  /// Works out depth and jump of a row, and of those behind it.
  private mutating func reach(_ row: Int) {
    var path: [Int] = [], at = row
    while depths[at] < 0, next[at] != at {
      path.append(at)
      at = next[at]
    }
    if depths[at] < 0 { depths[at] = 0 }
    for row in path.reversed() { settle(row) }
  }

  private mutating func settle(_ row: Int) {
    let after = next[row], far = jumps[after]
    depths[row] = depths[after] + 1
    if depths[after] - depths[far] == depths[far] - depths[jumps[far]], far != after {
      jumps[row] = jumps[far]
      jumpWeights[row] = max(weights[row], jumpWeights[after], jumpWeights[far])
    } else {
      jumps[row] = after
      jumpWeights[row] = weights[row]
    }
  }
}
