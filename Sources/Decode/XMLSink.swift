internal import CLibXML2
import Core
import Glibc

/// What libxml2's callbacks write to: flat arrays of trivial values, reached by pointer, so that nothing is counted, locked or boxed.
///
/// Nothing of ours but this runs inside the parser: no callback can throw, emit or come back into it.
@safe struct XMLSink {
  var tokens = XMLTokens(expecting: CDADecoder.blockBytes)
  var names: XMLNames
  var context: xmlParserCtxtPtr?
  var isStopped = false
  var hasFailed = false
  /// Where in the document the bytes begin that the parser was given last.
  var lastStart = 0
  private var hasNamespaceFault = false
  private var elements = XMLNameCache()
  private var attributes = XMLNameCache()
  /// Behind an element of this name texts get their place in the document.
  private let placed: Int32
  private var keepsPlaces = false
  private let limits: DecodeLimits
  private var depth = 0

  init(names: XMLNames, limits: DecodeLimits) {
    self.names = names
    self.limits = limits
    placed = self.names.number(of: "h:nonXMLBody")
  }

  // MARK: Elements

  mutating func start(
    _ local: UnsafePointer<xmlChar>?, _ prefix: UnsafePointer<xmlChar>?, _ uri: UnsafePointer<xmlChar>?, _ count: Int32,
    _ values: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?
  ) {
    guard !isStopped else { return }
    depth += 1
    guard depth <= limits.depth, Int(count) <= limits.attributes, namespaces <= limits.attributes else { return refuse(.limit) }
    var name = elements.number(UInt(bitPattern: local), UInt(bitPattern: uri))
    if unsafe name < 0 || (uri == nil && prefix != nil) { name = unsafe newName(local, prefix, uri, isAttribute: false) }
    if name == placed { keepsPlaces = true }
    let first = tokens.attributes.count
    if let values = unsafe values {
      for index in 0..<Int(count) { unsafe attribute(values + index * 5) }
    }
    let last = tokens.attributes.count
    tokens.items.append(
      XMLToken(kind: .start, name: name, start: Int32(truncatingIfNeeded: first), count: Int32(truncatingIfNeeded: last - first)))
  }

  /// Declarations in force: each name's namespace is looked up among them one by one.
  private var namespaces: Int { unsafe context.map { unsafe Int($0.pointee.nsNr) / 2 } ?? 0 }

  /// Five pointers: name, prefix, namespace, begin and end of the value.
  private mutating func attribute(_ at: UnsafeMutablePointer<UnsafePointer<xmlChar>?>) {
    var name = unsafe attributes.number(UInt(bitPattern: at[0]), UInt(bitPattern: at[2]))
    if unsafe name < 0 || (at[2] == nil && at[1] != nil) { name = unsafe newName(at[0], at[1], at[2], isAttribute: true) }
    guard let value = unsafe at[3], let end = unsafe at[4] else { return }
    tokens.attributes.append(unsafe NodeArena.Attribute(name: name, start: tokens.bytes.count, count: end - value))
    unsafe tokens.bytes.append(contentsOf: UnsafeBufferPointer(start: value, count: end - value))
    if unsafe memchr(value, 0x26, end - value) != nil { resolveAmpersands(name, from: tokens.bytes.count - (unsafe end - value)) }
  }

  /// Without the substitution of entities libxml2 gives an ampersand of an attribute as `&#38;`, however it was written.
  private mutating func resolveAmpersands(_ name: Int32, from start: Int) {
    var from = start, to = start
    while from < tokens.bytes.count {
      let isAmpersand = tokens.bytes[from] == UInt8(ascii: "&") && tokens.bytes[from...].starts(with: "&#38;".utf8)
      tokens.bytes[to] = tokens.bytes[from]
      to += 1
      from += isAmpersand ? 5 : 1
    }
    tokens.bytes.removeSubrange(to...)
    tokens.attributes[tokens.attributes.count - 1] = NodeArena.Attribute(name: name, start: start, count: to - start)
  }

  mutating func end() {
    guard !isStopped else { return }
    depth -= 1
    tokens.items.append(XMLToken(kind: .end))
  }

  mutating func text(_ bytes: UnsafePointer<xmlChar>?, _ count: Int32) {
    guard !isStopped, count > 0 else { return }
    tokens.items.append(XMLToken(kind: .text, start: Int32(truncatingIfNeeded: tokens.bytes.count), count: count))
    unsafe tokens.bytes.append(contentsOf: UnsafeBufferPointer(start: bytes, count: Int(count)))
    if keepsPlaces { unsafe keepPlace(bytes, Int(count)) }
  }

  /// The parser stands at the text's beginning or behind it, by where the text came from.
  private mutating func keepPlace(_ bytes: UnsafePointer<xmlChar>?, _ count: Int) {
    let isAhead = unsafe context?.pointee.input?.pointee.cur == bytes
    tokens.items[tokens.items.count - 1].name = Int32(truncatingIfNeeded: tokens.places.count)
    tokens.places.append(offset - (isAhead ? 0 : count))
  }

  /// A name that is met for the first time, or that has a prefix without a namespace.
  private mutating func newName(
    _ local: UnsafePointer<xmlChar>?, _ prefix: UnsafePointer<xmlChar>?, _ uri: UnsafePointer<xmlChar>?, isAttribute: Bool
  ) -> Int32 {
    let word = unsafe Self.word(local) ?? XMLNames.Word(start: nil, count: 0), space = unsafe Self.word(uri), mark = unsafe Self.word(prefix)
    if unsafe word.count + (space?.count ?? 0) > XMLNames.longest || names.isOverLimit { refuse(.limit) }
    let number = unsafe isAttribute ? names.attribute(word, uri: space, prefix: mark) : names.element(word, uri: space, prefix: mark)
    guard unsafe space != nil || mark == nil else { return number }
    if isAttribute {
      attributes.set(number, UInt(bitPattern: local), UInt(bitPattern: uri))
    } else {
      elements.set(number, UInt(bitPattern: local), UInt(bitPattern: uri))
    }
    return number
  }

  private static func word(_ text: UnsafePointer<xmlChar>?) -> XMLNames.Word? {
    guard let text = unsafe text else { return nil }
    return unsafe XMLNames.Word(start: text, count: Int(xmlStrlen(text)))
  }

  // MARK: Faults

  /// Where the parser is in the document; where a character set hides that from it, the start of what it was given last.
  private var offset: Int {
    let consumed = unsafe context.map { unsafe Int(xmlByteConsumed($0)) } ?? -1
    return consumed >= 0 ? consumed : lastStart
  }

  private mutating func append(_ kind: XMLToken.Kind, code: Int32 = -1, at place: Int? = nil) {
    tokens.items.append(XMLToken(kind: kind, name: code, start: Int32(truncatingIfNeeded: tokens.places.count)))
    tokens.places.append(place ?? offset)
  }

  mutating func note(_ error: xmlError) {
    if unsafe error.level == XML_ERR_FATAL { return unsafe note(fault: error.code) }
    if unsafe error.level == XML_ERR_ERROR, unsafe error.domain == Int32(XML_FROM_NAMESPACE.rawValue) { noteNamespaceFault() }
  }

  /// libxml2 has one number for characters that XML forbids and for bytes that are no characters; the byte tells them apart.
  private mutating func note(fault code: Int32) {
    let input = unsafe context?.pointee.input?.pointee
    let isHigh = unsafe input.map { unsafe $0.cur < $0.end && $0.cur.pointee >= 0x80 } ?? false
    if code == Int32(XML_ERR_INTERNAL_ERROR.rawValue), isStrayDeclaration { return fail(code: Int32(XML_ERR_NOT_WELL_BALANCED.rawValue)) }
    fail(code: code == Int32(XML_ERR_INVALID_CHAR.rawValue) && isHigh ? Int32(XML_ERR_INVALID_ENCODING.rawValue) : code)
  }

  /// `<!` and neither a comment nor a CDATA section: libxml2 has the number of its limits for it.
  private var isStrayDeclaration: Bool {
    guard let input = unsafe context?.pointee.input?.pointee, unsafe input.end - input.cur > 2 else { return false }
    return unsafe input.cur[0] == UInt8(ascii: "<") && input.cur[1] == UInt8(ascii: "!") && ![UInt8(ascii: "-"), UInt8(ascii: "[")].contains(input.cur[2])
  }

  /// The first is enough: the document is read all the same.
  private mutating func noteNamespaceFault() {
    guard !hasNamespaceFault else { return }
    hasNamespaceFault = true
    append(.namespaceFault)
  }

  /// - Parameter place: a byte offset; nil means where the parser stands.
  mutating func fail(code: Int32, at place: Int? = nil) {
    guard !isStopped, !hasFailed else { return }
    hasFailed = true
    append(.fatal, code: code, at: place)
  }

  mutating func refuse(_ kind: XMLToken.Kind) {
    guard !isStopped else { return }
    append(kind)
    stop()
  }

  mutating func stop() {
    isStopped = true
    if let context = unsafe context { unsafe xmlStopParser(context) }
  }
}
