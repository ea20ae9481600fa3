/// A bounded tree of XML nodes: elements, attributes and text, names interned, values in one byte arena.
///
/// - Names: elements of `urn:hl7-org:v3` are `h:name`, of `urn:hl7-org:sdtc` `sdtc:name`, of other namespaces `{uri}name`;
///   attributes without a namespace are `@name`, xsi ones `@xsi:name`, sdtc ones `@sdtc:name`.
/// - Links are node indexes; -1 is none. Node 0 is the root element. Attributes hang on `firstAttribute`, linked by `next`.
/// - Order: nodes are added in document order, so what is below an element stands right behind it, up to `end(of:)`.
public struct NodeArena: Sendable {
  public enum Kind: UInt8, Sendable { case element, attribute, text }

  public struct Node: Sendable {
    public var name: Int32
    public var parent: Int32
    public var next: Int32 = -1
    public var firstChild: Int32 = -1
    public var lastChild: Int32 = -1
    public var firstAttribute: Int32 = -1
    public var start: Int32 = 0
    public var count: Int32 = 0
    public var kind: Kind

    fileprivate init(_ kind: Kind, name: Int32, parent: Int32, start: Int = 0, count: Int = 0) {
      self.kind = kind
      self.name = name
      self.parent = parent
      self.start = Int32(truncatingIfNeeded: start)
      self.count = Int32(truncatingIfNeeded: count)
    }
  }

  public private(set) var bytes: [UInt8] = []
  public private(set) var nodes: [Node] = []
  public private(set) var names: [String] = []
  private var anchors = AnchorIndex()

  public init() {}

  /// Names get the numbers of their order here; the rest is numbered as it comes.
  public init(names seed: [String]) { names = seed }

  /// Takes a longer list of names that begins with the present one.
  public mutating func adopt(names longer: [String]) { names = longer }

  /// The number of a name, a new one where it has none yet. Cost: linear, for the names of structure and tests.
  public mutating func intern(_ name: String) -> Int32 {
    if let known = nameID(name) { return known }
    names.append(name)
    return Int32(names.count - 1)
  }

  /// The number of a name, or nil. Cost: linear.
  public func nameID(_ name: String) -> Int32? { names.firstIndex(of: name).map(Int32.init) }

  public mutating func removeAll() {
    nodes.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
    anchors.removeAll()
  }

  // MARK: Anchors

  /// The number of the attribute that makes an element an anchor (`@ID`); -1 for none.
  public var anchorName: Int32 = -1
  /// The section at hand: a name that it has already keeps its first element.
  public var anchorScope: Int32 = 0

  /// The first element at or after a node, in document order, whose anchor has this value; the node is the section at hand.
  public func anchor(_ value: ArraySlice<UInt8>, from section: Int32) -> Int32? {
    anchor(value, hash: AnchorIndex.hash(value), from: section)
  }

  private func anchor(_ value: ArraySlice<UInt8>, hash: Int32, from section: Int32) -> Int32? {
    var found: Int32?
    var at = anchors.first(hash)
    while at >= 0 {
      let anchor = anchors[at]
      if anchor.node < section { break }
      if anchor.hash == hash, self.value(anchor.node).elementsEqual(value) { found = nodes[Int(anchor.node)].parent }
      at = anchor.next
    }
    return found
  }

  private mutating func addAnchor(_ attribute: Int32) {
    let value = value(attribute), hash = AnchorIndex.hash(value)
    if anchor(value, hash: hash, from: anchorScope) == nil { anchors.add(attribute, hash: hash) }
  }
}

// MARK: - Adding

extension NodeArena {
  /// Adds an element under a parent (-1 for the root) and gives its index.
  public mutating func addElement(_ name: Int32, parent: Int32) -> Int32 { append(Node(.element, name: name, parent: parent)) }

  /// Adds an element that holds its value itself, as the properties of a FHIR resource do, and gives its index.
  public mutating func addLeaf(_ name: Int32, value: Span<UInt8>, parent: Int32) -> Int32 {
    let start = bytes.count
    value.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    return append(Node(.element, name: name, parent: parent, start: start, count: value.count))
  }

  /// An attribute whose value lies in bytes of the caller's.
  public struct Attribute: Sendable {
    public var name: Int32
    public var start: Int32
    public var count: Int32

    public init(name: Int32, start: Int, count: Int) {
      self.name = name
      self.start = Int32(truncatingIfNeeded: start)
      self.count = Int32(truncatingIfNeeded: count)
    }
  }

  /// Adds a run of attributes to the element added last; their values must lie one behind the other.
  public mutating func addAttributes(_ attributes: Span<Attribute>, _ run: Range<Int>, of source: Span<UInt8>, to element: Int32) {
    guard !run.isEmpty else { return }
    let start = Int(attributes[run.lowerBound].start)
    let end = Int(attributes[run.upperBound - 1].start) + Int(attributes[run.upperBound - 1].count)
    let shift = Int32(truncatingIfNeeded: bytes.count - start)
    source.extracting(start..<end).withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    let first = Int32(truncatingIfNeeded: nodes.count)
    var previous = nodes[Int(element)].firstAttribute
    nodes.append(addingCapacity: run.count) { out in
      for index in run {
        let attribute = attributes[index]
        var node = Node(.attribute, name: attribute.name, parent: element)
        node.start = attribute.start + shift
        node.count = attribute.count
        node.next = previous
        previous = first + Int32(truncatingIfNeeded: index - run.lowerBound)
        out.append(node)
      }
    }
    nodes[Int(element)].firstAttribute = previous
    for index in run where attributes[index].name == anchorName { addAnchor(first + Int32(truncatingIfNeeded: index - run.lowerBound)) }
  }

  /// Adds an attribute to the element added last.
  public mutating func addAttribute(_ name: Int32, value: some Collection<UInt8>, to element: Int32) {
    Array(value).withUnsafeBufferPointer { addAttribute(name, buffer: $0, to: element) }
  }

  private mutating func addAttribute(_ name: Int32, buffer: UnsafeBufferPointer<UInt8>, to element: Int32) {
    let index = Int32(truncatingIfNeeded: nodes.count)
    var node = Node(.attribute, name: name, parent: element, start: bytes.count, count: buffer.count)
    node.next = nodes[Int(element)].firstAttribute
    bytes.append(contentsOf: buffer)
    nodes.append(node)
    nodes[Int(element)].firstAttribute = index
    if name == anchorName { addAnchor(index) }
  }

  /// Adds a text node; text that follows text directly is joined to it.
  public mutating func addText(_ value: Span<UInt8>, to element: Int32) {
    value.withUnsafeBufferPointer { addText(buffer: $0, to: element) }
  }

  /// The same for any bytes.
  public mutating func addText(_ value: some Collection<UInt8>, to element: Int32) {
    Array(value).withUnsafeBufferPointer { addText(buffer: $0, to: element) }
  }

  private mutating func addText(buffer: UnsafeBufferPointer<UInt8>, to element: Int32) {
    let start = bytes.count
    bytes.append(contentsOf: buffer)
    let last = Int(nodes[Int(element)].lastChild)
    if last >= 0, nodes[last].kind == .text, Int(nodes[last].start) + Int(nodes[last].count) == start {
      nodes[last].count += Int32(truncatingIfNeeded: buffer.count)
    } else {
      _ = append(Node(.text, name: -1, parent: element, start: start, count: buffer.count))
    }
  }

  private mutating func append(_ node: Node) -> Int32 {
    let index = Int32(truncatingIfNeeded: nodes.count)
    nodes.append(node)
    guard node.parent >= 0 else { return index }
    let parent = Int(node.parent)
    var links = nodes.mutableSpan
    let last = Int(links[parent].lastChild)
    if last >= 0 { links[last].next = index } else { links[parent].firstChild = index }
    links[parent].lastChild = index
    return index
  }
}

// MARK: - Going back

extension NodeArena {
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
      nodes.removeLast(nodes.count - mark.nodes)
      bytes.removeLast(bytes.count - mark.bytes)
      anchors.removeAll(from: Int32(truncatingIfNeeded: mark.nodes))
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
}

// MARK: - Reading

extension NodeArena {
  public func value(_ node: Int32) -> ArraySlice<UInt8> {
    let entry = nodes[Int(node)]
    return bytes[Int(entry.start)..<Int(entry.start) + Int(entry.count)]
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

  /// The index behind the last node below an element.
  public func end(of element: Int32) -> Int32 {
    var node = element
    while node >= 0, nodes[Int(node)].next < 0 { node = nodes[Int(node)].parent }
    return node < 0 ? Int32(truncatingIfNeeded: nodes.count) : nodes[Int(node)].next
  }

  /// All text below an element, in document order.
  public func text(of element: Int32) -> [UInt8] {
    var out: [UInt8] = []
    for node in element..<end(of: element) where nodes[Int(node)].kind == .text { out += value(node) }
    return out
  }
}
