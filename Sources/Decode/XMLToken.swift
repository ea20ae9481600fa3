/// One thing that the XML parser saw; values lie in `XMLTokens.bytes`.
struct XMLToken {
  enum Kind: UInt8 {
    /// `count` attributes follow it.
    case start
    case attribute, end, text
    /// The rules of namespaces are broken, by a prefix without a declaration or a name that is no URI. Comes once.
    case namespaceFault
    /// A document type declaration; the parser has stopped.
    case doctype
    /// Not well formed from here on; `name` is libxml2's number of the error.
    case fatal
    /// A name or the number of names is over its limit; the parser has stopped.
    case limit
  }

  var kind: Kind
  /// The number of an element's or attribute's name.
  var name: Int32 = -1
  /// Where its value begins.
  var start: Int32 = 0
  var count: Int32 = 0
  /// Index in `XMLTokens.places`, -1 where none was asked for.
  var place: Int32 = -1
}

/// What one slice of a document gave, in document order.
struct XMLTokens {
  var items: [XMLToken] = []
  var bytes: [UInt8] = []
  /// Byte offsets in the document.
  var places: [Int] = []

  mutating func removeAll() {
    items.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
  }

  func value(of token: XMLToken) -> ArraySlice<UInt8> { bytes[Int(token.start)..<Int(token.start) + Int(token.count)] }

  /// Where the token stands in the document; -1 where that is not kept.
  func offset(of token: XMLToken) -> Int { token.place < 0 ? -1 : places[Int(token.place)] }
}
