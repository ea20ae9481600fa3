/// What Decode fills and Map reads: one concrete struct of bytes and offsets, reused from message to message.
///
/// - HL7 v2 and CSV fill `segments`: the whole message, split to fields, not unescaped.
/// - CDA fills `arena`: the header, the sections around the current entry (their code, templateIds and narrative) and one entry.
public struct SourceRecord: Sendable {
  public enum Part: Sendable {
    /// A whole HL7 v2 message.
    case message
    /// The header of a document: everything before the body. Comes once, first.
    case header
    /// One `entry` of a section, with its ancestors in reach.
    case entry
    /// A section that has ended: its own children without its entries. Comes after the section's entries.
    case section
  }

  public var part: Part = .message
  public var segments = SegmentTable()
  public var arena = NodeArena()
  /// For `.entry`: the node of the `entry` element. For `.section`: the node of the section. Else the root.
  public var focus: Int32 = 0
  /// For `.entry`: the one-based number of the entry in its document.
  public var occurrence = 1

  public init() {}
}

/// A field: not there, `""`, or a range of the table's bytes.
public enum FieldValue: Sendable, Equatable {
  case absent, null
  case value(Range<Int>)
}

/// One HL7 v2 message as bytes (UTF-8, segments ended by CR) and the offsets of its segments and fields.
///
/// - Shape: field n is field n as the standard counts it; in MSH, FHS and BHS field 1 is the separator itself (HL7 v2.5.1, 2.15.9.1).
/// - Cost: components, repetitions and subcomponents are found by scanning one field; nothing is allocated per field.
public struct SegmentTable: Sendable {
  public struct Delimiters: Sendable, Equatable {
    public var field = UInt8(ascii: "|")
    public var component = UInt8(ascii: "^")
    public var repetition = UInt8(ascii: "~")
    /// Zero where the message declares none.
    public var escape = UInt8(ascii: "\\")
    public var subcomponent = UInt8(ascii: "&")
    /// Zero where the message declares none (v2.7 and later).
    public var truncation: UInt8 = 0

    public init() {}
  }

  public struct Segment: Sendable {
    /// The three bytes of the name, big-endian in the low 24 bits; see `SegmentTable.name(_:)`.
    public var name: UInt32
    /// Index of its first piece in `pieceStarts`.
    public var firstPiece: Int32
    /// Number of pieces; the name is piece 0.
    public var pieceCount: Int32
    /// Where the segment starts in the drop.
    public var byteOffset: Int

    public init(name: UInt32, firstPiece: Int32, pieceCount: Int32, byteOffset: Int) {
      self.name = name
      self.firstPiece = firstPiece
      self.pieceCount = pieceCount
      self.byteOffset = byteOffset
    }
  }

  public var bytes: [UInt8] = []
  public var segments: [Segment] = []
  /// Each segment has `pieceCount + 1` entries: the start of every piece, then one past the end of the last plus one,
  /// so that piece i is `pieceStarts[i] ..< pieceStarts[i + 1] - 1`.
  public var pieceStarts: [Int32] = []
  public var delimiters = Delimiters()

  public init() {}

  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    segments.removeAll(keepingCapacity: true)
    pieceStarts.removeAll(keepingCapacity: true)
    delimiters = Delimiters()
  }

  /// A segment name as the number that `Segment.name` holds: `PID` is 0x504944. Names of other lengths are 0.
  public static func name(_ text: some Collection<UInt8>) -> UInt32 {
    text.count == 3 ? text.reduce(0) { $0 << 8 | UInt32($1) } : 0
  }

  public static let msh: UInt32 = 0x4D5348
  public static let fhs: UInt32 = 0x464853
  public static let bhs: UInt32 = 0x424853

  /// True for MSH, FHS and BHS, whose field 1 is the separator.
  public static func isHeader(_ name: UInt32) -> Bool { name == msh || name == fhs || name == bhs }

  /// The highest field number that stands in a segment.
  public func fieldCount(_ segment: Int) -> Int {
    let entry = segments[segment]
    return Int(entry.pieceCount) - 1 + (Self.isHeader(entry.name) ? 1 : 0)
  }

  /// The bytes of a field, empty when it is not there.
  public func field(_ segment: Int, _ number: Int) -> Range<Int> {
    let entry = segments[segment]
    var piece = number
    if Self.isHeader(entry.name) {
      if number == 1 {
        let start = Int(pieceStarts[Int(entry.firstPiece)])
        return start + 3..<min(start + 4, bytes.count)
      }
      piece = number - 1
    }
    guard number >= 1, piece < Int(entry.pieceCount) else { return 0..<0 }
    let index = Int(entry.firstPiece) + piece
    return Int(pieceStarts[index])..<Int(pieceStarts[index + 1]) - 1
  }

  /// Part `number` (one-based) of a range cut by a delimiter; empty when there are fewer.
  public func part(_ range: Range<Int>, _ number: Int, by delimiter: UInt8) -> Range<Int> {
    var start = range.lowerBound
    var left = number - 1
    var at = start
    while at < range.upperBound {
      if bytes[at] == delimiter {
        if left == 0 { return start..<at }
        left -= 1
        start = at + 1
      }
      at += 1
    }
    return left == 0 ? start..<range.upperBound : range.upperBound..<range.upperBound
  }

  /// How many parts a range has when cut by a delimiter; an empty range has none.
  public func partCount(_ range: Range<Int>, by delimiter: UInt8) -> Int {
    range.isEmpty ? 0 : 1 + range.reduce(0) { $0 + (bytes[$1] == delimiter ? 1 : 0) }
  }

  /// Field, component or subcomponent as one of the three states; a component of a null field is null.
  public func value(_ range: Range<Int>) -> FieldValue {
    if range.isEmpty { return .absent }
    if range.count == 2, bytes[range.lowerBound] == 0x22, bytes[range.lowerBound + 1] == 0x22 { return .null }
    return .value(range)
  }
}

/// A bounded tree of XML nodes: elements, attributes and text, names interned, values in one byte arena.
///
/// - Names: elements of `urn:hl7-org:v3` are `h:name`, of `urn:hl7-org:sdtc` `sdtc:name`, of other namespaces `{uri}name`;
///   attributes without a namespace are `@name`, xsi ones `@xsi:name`, sdtc ones `@sdtc:name`.
/// - Links are node indexes; -1 is none. Node 0 is the root element. Attributes hang on `firstAttribute`, linked by `next`.
public struct NodeArena: Sendable {
  public enum Kind: UInt8, Sendable { case element, attribute, text }

  public struct Node: Sendable {
    public var kind: Kind
    public var name: Int32
    public var parent: Int32
    public var next: Int32 = -1
    public var firstChild: Int32 = -1
    public var lastChild: Int32 = -1
    public var firstAttribute: Int32 = -1
    public var start: Int32 = 0
    public var count: Int32 = 0
  }

  public private(set) var bytes: [UInt8] = []
  public private(set) var nodes: [Node] = []
  public private(set) var names: [String] = []
  private var nameIndex: [String: Int32] = [:]

  public init() {}

  /// Names get the numbers of their order here; the rest is numbered as it comes.
  public init(names seed: [String]) {
    for name in seed { _ = intern(name) }
  }

  public mutating func intern(_ name: String) -> Int32 {
    if let known = nameIndex[name] { return known }
    let id = Int32(names.count)
    names.append(name)
    nameIndex[name] = id
    return id
  }

  public func nameID(_ name: String) -> Int32? { nameIndex[name] }

  /// A point to come back to: everything added later is dropped by `reset(to:)`.
  public struct Mark: Sendable {
    fileprivate var nodes: Int
    fileprivate var bytes: Int
    /// The only element that gets children after the mark, and its last child at that time; -1 where it has none. Nil when not known.
    fileprivate var parent: (node: Int32, lastChild: Int32)?
  }

  public var mark: Mark { Mark(nodes: nodes.count, bytes: bytes.count, parent: nil) }

  /// A mark after which children are added below one element only; coming back to it costs nothing for what stays.
  public func mark(under parent: Int32) -> Mark {
    Mark(nodes: nodes.count, bytes: bytes.count, parent: (parent, nodes[Int(parent)].lastChild))
  }

  /// Drops everything added since the mark. Elements that stay must not have been given attributes or text since then.
  public mutating func reset(to mark: Mark) {
    defer {
      nodes.removeSubrange(mark.nodes...)
      bytes.removeSubrange(mark.bytes...)
    }
    if let (parent, lastChild) = mark.parent {
      nodes[Int(parent)].lastChild = lastChild
      if lastChild >= 0 { nodes[Int(lastChild)].next = -1 } else { nodes[Int(parent)].firstChild = -1 }
      return
    }
    for index in nodes.indices.prefix(mark.nodes) {
      if nodes[index].next >= Int32(mark.nodes) { nodes[index].next = -1 }
      if nodes[index].firstChild >= Int32(mark.nodes) { nodes[index].firstChild = -1 }
      if nodes[index].firstAttribute >= Int32(mark.nodes) { nodes[index].firstAttribute = -1 }
      if nodes[index].lastChild >= Int32(mark.nodes) { nodes[index].lastChild = lastChild(of: Int32(index), below: Int32(mark.nodes)) }
    }
  }

  private func lastChild(of parent: Int32, below limit: Int32) -> Int32 {
    var child = nodes[Int(parent)].firstChild
    var last: Int32 = -1
    while child >= 0, child < limit {
      last = child
      child = nodes[Int(child)].next
    }
    return last
  }

  public mutating func removeAll() {
    nodes.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
  }

  /// Adds an element under a parent (-1 for the root) and gives its index.
  public mutating func addElement(_ name: Int32, parent: Int32) -> Int32 { append(Node(kind: .element, name: name, parent: parent)) }

  public mutating func addAttribute(_ name: Int32, value: some Collection<UInt8>, to element: Int32) {
    let index = Int32(nodes.count)
    var node = Node(kind: .attribute, name: name, parent: element, start: Int32(bytes.count), count: Int32(value.count))
    node.next = nodes[Int(element)].firstAttribute
    bytes += value
    nodes.append(node)
    nodes[Int(element)].firstAttribute = index
  }

  /// Adds a text node; text that follows text directly is joined to it.
  public mutating func addText(_ value: some Collection<UInt8>, to element: Int32) {
    let last = nodes[Int(element)].lastChild
    if last >= 0, nodes[Int(last)].kind == .text, Int(nodes[Int(last)].start + nodes[Int(last)].count) == bytes.count {
      nodes[Int(last)].count += Int32(value.count)
      bytes += value
      return
    }
    let index = append(Node(kind: .text, name: -1, parent: element, start: Int32(bytes.count), count: Int32(value.count)))
    bytes += value
    _ = index
  }

  private mutating func append(_ node: Node) -> Int32 {
    let index = Int32(nodes.count)
    nodes.append(node)
    guard node.parent >= 0 else { return index }
    let last = nodes[Int(node.parent)].lastChild
    if last >= 0 { nodes[Int(last)].next = index } else { nodes[Int(node.parent)].firstChild = index }
    nodes[Int(node.parent)].lastChild = index
    return index
  }

  public func value(_ node: Int32) -> ArraySlice<UInt8> {
    let entry = nodes[Int(node)]
    return bytes[Int(entry.start)..<Int(entry.start + entry.count)]
  }

  /// The attribute of an element, or nil.
  public func attribute(_ name: Int32, of element: Int32) -> Int32? {
    var attribute = nodes[Int(element)].firstAttribute
    while attribute >= 0 {
      if nodes[Int(attribute)].name == name { return attribute }
      attribute = nodes[Int(attribute)].next
    }
    return nil
  }

  /// All text below an element, in document order.
  public func text(of element: Int32) -> [UInt8] {
    var out: [UInt8] = []
    var pending = [element]
    while let node = pending.popLast() {
      if nodes[Int(node)].kind == .text { out += value(node) }
      var children: [Int32] = []
      var child = nodes[Int(node)].firstChild
      while child >= 0 {
        children.append(child)
        child = nodes[Int(child)].next
      }
      pending += children.reversed()
    }
    return out
  }
}
