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
