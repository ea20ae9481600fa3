import Core

extension CDAPath {
  /// Calls `body` with each element that the path selects from `node`, in document order, until it gives true; gives whether it did.
  ///
  /// For a path that ends in an attribute these are the elements that may carry it.
  func select(_ arena: NodeArena, from node: Int32, _ body: (Int32) -> Bool) -> Bool {
    guard fromRoot else { return walk(arena, 0, node, body) }
    guard let first = steps.first, !arena.nodes.isEmpty, Self.matches(arena, first, 0), first.axis == .child else { return false }
    return walk(arena, 1, 0, body)
  }

  private func walk(_ arena: NodeArena, _ index: Int, _ node: Int32, _ body: (Int32) -> Bool) -> Bool {
    guard index < steps.count else { return body(node) }
    let step = steps[index]
    switch step.axis {
    case .oneself: return walk(arena, index + 1, node, body)
    case .parent:
      let parent = arena.nodes[Int(node)].parent
      return parent >= 0 && walk(arena, index + 1, parent, body)
    case .child: return walkChildren(arena, index, node, body)
    case .ancestor: return walkAncestors(arena, index, node, body)
    case .descendant: return walkDescendants(arena, index, node, body)
    }
  }

  private func walkChildren(_ arena: NodeArena, _ index: Int, _ node: Int32, _ body: (Int32) -> Bool) -> Bool {
    var child = arena.nodes[Int(node)].firstChild
    var position = 0
    while child >= 0 {
      if Self.fits(arena, steps[index], child, &position), walk(arena, index + 1, child, body) { return true }
      child = arena.nodes[Int(child)].next
    }
    return false
  }

  private func walkAncestors(_ arena: NodeArena, _ index: Int, _ node: Int32, _ body: (Int32) -> Bool) -> Bool {
    var above = arena.nodes[Int(node)].parent
    var position = 0
    while above >= 0 {
      if Self.fits(arena, steps[index], above, &position), walk(arena, index + 1, above, body) { return true }
      above = arena.nodes[Int(above)].parent
    }
    return false
  }

  /// In document order, by links alone: nothing is allocated and nothing recurses.
  private func walkDescendants(_ arena: NodeArena, _ index: Int, _ root: Int32, _ body: (Int32) -> Bool) -> Bool {
    var node = arena.nodes[Int(root)].firstChild
    var position = 0
    while node >= 0 {
      if Self.fits(arena, steps[index], node, &position), walk(arena, index + 1, node, body) { return true }
      if arena.nodes[Int(node)].firstChild >= 0 {
        node = arena.nodes[Int(node)].firstChild
        continue
      }
      while node != root, node >= 0, arena.nodes[Int(node)].next < 0 { node = arena.nodes[Int(node)].parent }
      node = node == root || node < 0 ? -1 : arena.nodes[Int(node)].next
    }
    return false
  }

  private static func fits(_ arena: NodeArena, _ step: Step, _ node: Int32, _ position: inout Int) -> Bool {
    guard arena.nodes[Int(node)].kind == .element, step.name < 0 || arena.nodes[Int(node)].name == step.name else { return false }
    var counted = false
    for predicate in step.predicates {
      if case .position(let wanted) = predicate {
        position += counted ? 0 : 1
        counted = true
        if position != wanted { return false }
      } else if !holds(arena, predicate, node) {
        return false
      }
    }
    return true
  }

  static func matches(_ arena: NodeArena, _ step: Step, _ node: Int32) -> Bool {
    var position = 0
    return fits(arena, step, node, &position)
  }

  private static func holds(_ arena: NodeArena, _ predicate: Predicate, _ node: Int32) -> Bool {
    switch predicate {
    case .position: true
    case .not(let inner): !holds(arena, inner, node)
    case .exists(let path): path.select(arena, from: node) { path.attribute < 0 || arena.attribute(path.attribute, of: $0) != nil }
    case .equals(let path, let text): path.select(arena, from: node) { path.carries(arena, $0, text) }
    }
  }

  private func carries(_ arena: NodeArena, _ element: Int32, _ text: [UInt8]) -> Bool {
    guard attribute >= 0 else { return arena.text(of: element) == text }
    return arena.attribute(attribute, of: element).map { arena.value($0).elementsEqual(text) } ?? false
  }
}
