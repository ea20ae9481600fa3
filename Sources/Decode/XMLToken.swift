import Core

/// One thing that the XML parser saw; values lie in `XMLTokens.bytes`.
struct XMLToken {
  enum Kind: UInt8 {
    /// An element with the attributes from `start` on, `count` of them, in `XMLTokens.attributes`.
    case start
    case end, text
    /// The rules of namespaces are broken, by a prefix without a declaration or a name that is no URI. Comes once.
    case namespaceFault
    /// A document type declaration; the parser has stopped.
    case doctype
    /// Not well formed from here on; `name` is libxml2's number of the error.
    case fatal
    /// A name, the number of names, a tag or the depth is over its limit; the parser has stopped.
    case limit
  }

  var kind: Kind
  /// The number of an element's name; of a text, its place where places are kept.
  var name: Int32 = -1
  /// Where its value begins; for the kinds from `namespaceFault` on, its place.
  var start: Int32 = 0
  var count: Int32 = 0
}

/// What one slice of a document gave, in document order.
struct XMLTokens {
  var items: [XMLToken] = []
  var attributes: [NodeArena.Attribute] = []
  var bytes: [UInt8] = []
  /// Byte offsets in the document.
  var places: [Int] = []

  /// - Parameter bytes: of a slice.
  init(expecting bytes: Int) {
    items.reserveCapacity(bytes / 8)
    attributes.reserveCapacity(bytes / 16)
    self.bytes.reserveCapacity(bytes)
  }

  mutating func removeAll() {
    items.removeAll(keepingCapacity: true)
    attributes.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
  }

  /// The attributes of a start.
  func attributes(of token: XMLToken) -> ArraySlice<NodeArena.Attribute> { attributes[run(of: token)] }

  func run(of token: XMLToken) -> Range<Int> { Int(token.start)..<Int(token.start) + Int(token.count) }

  func value(of attribute: NodeArena.Attribute) -> ArraySlice<UInt8> { bytes[Int(attribute.start)..<Int(attribute.start) + Int(attribute.count)] }

  /// Where the token stands in the document; -1 where that is not kept.
  func offset(of token: XMLToken) -> Int {
    let place = Int(token.kind == .text ? token.name : token.start)
    return places.indices.contains(place) ? places[place] : -1
  }
}
