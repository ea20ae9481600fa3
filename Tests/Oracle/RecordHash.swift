public import Core

/// A hash of what a mapping can see in a record: equal records give equal hashes, whatever their buffers look like.
public enum RecordHash {
  /// - Parameter withPositions: false leaves out where the segments stand in the drop.
  public static func of(_ record: SourceRecord, withPositions: Bool) -> UInt64 {
    record.part == .message ? of(record.segments, withPositions: withPositions) : of(record.arena, record)
  }

  /// Names, fields and delimiters of a message.
  public static func of(_ table: SegmentTable, withPositions: Bool) -> UInt64 {
    var hash = Mixer()
    let marks = table.delimiters
    hash.add([marks.field, marks.component, marks.repetition, marks.escape, marks.subcomponent, marks.truncation])
    for index in table.segments.indices {
      hash.add(UInt64(table.segments[index].name))
      if withPositions { hash.add(UInt64(bitPattern: Int64(table.segments[index].byteOffset))) }
      let count = table.fieldCount(index)
      hash.add(UInt64(bitPattern: Int64(count)))
      // One field more than there are: it must read as absent.
      for number in 0...max(count, 0) { hash.add(table.bytes[table.field(index, number + 1)]) }
    }
    return hash.value
  }

  /// The way down to the focus, with the attributes on it, and all that is below it.
  private static func of(_ arena: NodeArena, _ record: SourceRecord) -> UInt64 {
    var hash = Mixer()
    hash.add(UInt64(record.occurrence))
    hash.add("\(record.part)".utf8)
    var node = record.focus
    while node >= 0 {
      hash.add(UInt64(bitPattern: Int64(arena.nodes[Int(node)].name)))
      addAttributes(of: node, arena, &hash)
      node = arena.nodes[Int(node)].parent
    }
    Tree.walk(arena, from: record.focus) { node, step in
      hash.add(step == .enter ? 1 : 2)
      guard step == .enter else { return }
      let entry = arena.nodes[Int(node)]
      hash.add(UInt64(bitPattern: Int64(entry.name)))
      if entry.kind == .text { hash.add(arena.value(node)) } else { addAttributes(of: node, arena, &hash) }
    }
    return hash.value
  }

  private static func addAttributes(of node: Int32, _ arena: NodeArena, _ hash: inout Mixer) {
    var attribute = arena.nodes[Int(node)].firstAttribute
    while attribute >= 0 {
      hash.add(UInt64(bitPattern: Int64(arena.nodes[Int(attribute)].name)))
      hash.add(arena.value(attribute))
      attribute = arena.nodes[Int(attribute)].next
    }
  }
}

/// Mixes numbers and bytes to 64 bits; not for keys, only for telling things apart.
struct Mixer {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ number: UInt64) {
    value = (value ^ number) &* 0x9E37_79B9_7F4A_7C15
    value ^= value >> 29
  }

  /// Bytes with their number, so that neighbours do not run together.
  mutating func add(_ bytes: some Collection<UInt8>) {
    add(UInt64(bytes.count))
    var word: UInt64 = 0, filled = 0
    for byte in bytes {
      word = word << 8 | UInt64(byte)
      filled += 1
      if filled == 8 {
        add(word)
        word = 0
        filled = 0
      }
    }
    if filled > 0 { add(word) }
  }
}

/// Walks a tree of nodes without recursion, for documents may be as deep as they like.
public enum Tree {
  public enum Step: Sendable { case enter, leave }

  /// Calls `visit` for a node and all below it, in document order: on the way in and, for elements, on the way out.
  public static func walk(_ arena: NodeArena, from root: Int32, _ visit: (Int32, Step) -> Void) {
    var pending: [(node: Int32, step: Step)] = [(root, .enter)]
    while let (node, step) = pending.popLast() {
      visit(node, step)
      guard step == .enter, arena.nodes[Int(node)].kind == .element else { continue }
      pending.append((node, .leave))
      var children: [Int32] = [], child = arena.nodes[Int(node)].firstChild
      while child >= 0 {
        children.append(child)
        child = arena.nodes[Int(child)].next
      }
      for child in children.reversed() { pending.append((child, .enter)) }
    }
  }
}
