/// What coverage looks for in a record: the places that the paths of a block take a value from.
extension NodeReader {
  /// Runs the event times and all paths of a block's rules, not the first alone that has a value, from each element that the block reads, and gives each
  /// path that took one; the element is the reader's `source`.
  mutating func forEachTaken(_ walk: NodeProgram.Walk, from focus: Int32, _ take: (NodeReader, Int, NodeProgram.Rule) -> Void) {
    collect(walk.path, from: focus)
    for element in found {
      for path in walk.eventPaths { give(path, NodeProgram.Rule(kind: .text), element, take) }
      for number in walk.rules {
        let rule = program.rules[number]
        guard rule.kind != .none, rule.kind != .nearest else { continue }
        for path in rule.paths { give(path, rule, element, take) }
      }
    }
  }

  private mutating func give(_ path: Int, _ rule: NodeProgram.Rule, _ element: Int32, _ take: (NodeReader, Int, NodeProgram.Rule) -> Void) {
    guard read(path, rule, from: element) == .value, source >= 0 else { return }
    take(self, path, rule)
  }
}
