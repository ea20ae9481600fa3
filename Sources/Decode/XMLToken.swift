/// One thing that the XML parser saw; values lie in `XMLTokens.bytes`.
struct XMLToken {
  enum Kind: UInt8 {
    case start, attribute, end, text
    /// The rules of namespaces are broken, by a prefix without a declaration or a name that is no URI; `offset` says where. Comes once.
    case namespaceFault
    /// A document type declaration; the parser has stopped.
    case doctype
    /// Not well formed from here on; `name` is libxml2's number of the error.
    case fatal
    /// A name or the number of names is over its limit; the parser has stopped.
    case limit
  }

  var kind: Kind
  var name: Int32 = -1
  var start: Int32 = 0
  var count: Int32 = 0
  var offset = 0
}

/// What one slice of a document gave, in document order.
struct XMLTokens {
  var items: [XMLToken] = []
  var bytes: [UInt8] = []

  mutating func removeAll() {
    items.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
  }
}
