/// Finds many byte strings in one pass (Aho and Corasick, 1975): a trie with failure links, edges in sibling lists.
struct ByteAutomaton: Sendable {
  private struct State {
    var byte: UInt8 = 0
    var firstChild: Int32 = -1
    var sibling: Int32 = -1
    var failure: Int32 = 0
    /// The pattern that ends here, or -1.
    var pattern: Int32 = -1
    /// The nearest state along the failure links where a pattern ends, or -1.
    var output: Int32 = -1
  }

  private var states = [State()]
  /// The root's edges by byte: most bytes of most files never leave it.
  private var root = [Int32](repeating: 0, count: 256)
  private let lengths: [Int]

  /// Patterns must be distinct and not empty.
  init(_ patterns: [[UInt8]]) {
    lengths = patterns.map(\.count)
    for (index, pattern) in patterns.enumerated() { insert(pattern, Int32(index)) }
    link()
  }

  /// Calls back with the pattern's index and the offset where it begins, for every occurrence, overlapping ones too.
  func scan(_ bytes: [UInt8], _ found: (_ pattern: Int, _ offset: Int) -> Void) {
    var state: Int32 = 0
    for (offset, byte) in bytes.enumerated() {
      state = next(state, byte)
      if state == 0 { continue }
      var ending = states[Int(state)].pattern >= 0 ? state : states[Int(state)].output
      while ending >= 0 {
        let pattern = Int(states[Int(ending)].pattern)
        found(pattern, offset + 1 - lengths[pattern])
        ending = states[Int(ending)].output
      }
    }
  }

  private func child(_ state: Int32, _ byte: UInt8) -> Int32 {
    if state == 0 { return root[Int(byte)] == 0 ? -1 : root[Int(byte)] }
    var child = states[Int(state)].firstChild
    while child >= 0, states[Int(child)].byte != byte { child = states[Int(child)].sibling }
    return child
  }

  private func next(_ from: Int32, _ byte: UInt8) -> Int32 {
    var state = from
    while state != 0 {
      let child = child(state, byte)
      if child >= 0 { return child }
      state = states[Int(state)].failure
    }
    return root[Int(byte)]
  }

  private mutating func insert(_ pattern: [UInt8], _ index: Int32) {
    var state: Int32 = 0
    for byte in pattern {
      let known = child(state, byte)
      state = known >= 0 ? known : add(byte, to: state)
    }
    states[Int(state)].pattern = index
  }

  private mutating func add(_ byte: UInt8, to parent: Int32) -> Int32 {
    let index = Int32(states.count)
    var state = State()
    state.byte = byte
    state.sibling = states[Int(parent)].firstChild
    states.append(state)
    states[Int(parent)].firstChild = index
    if parent == 0 { root[Int(byte)] = index }
    return index
  }

  /// Breadth first: a state's failure is shallower than itself, so it is linked before.
  private mutating func link() {
    var queue: [Int32] = root.filter { $0 != 0 }
    var head = 0
    while head < queue.count {
      let state = queue[head]
      head += 1
      var child = states[Int(state)].firstChild
      while child >= 0 {
        let failure = next(states[Int(state)].failure, states[Int(child)].byte)
        states[Int(child)].failure = failure
        states[Int(child)].output = states[Int(failure)].pattern >= 0 ? failure : states[Int(failure)].output
        queue.append(child)
        child = states[Int(child)].sibling
      }
    }
  }
}
