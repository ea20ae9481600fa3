internal import CLibXML2

/// libxml2's SAX2 push parser, fenced in: no DTD, no entities, no network, no tree, no messages.
///
/// - Ownership: one parser context for one document, freed with the object. The callbacks only append to `tokens`; nothing of
///   ours runs inside the parser, so nothing can throw or re-enter there.
/// - Limits: libxml2's own (depth 256, 10 MB of names, attribute and lookup) stay on, for `XML_PARSE_HUGE` is never set.
@safe final class XMLTokenizer {
  fileprivate(set) var tokens = XMLTokens()
  fileprivate(set) var names: XMLNames
  private var context: xmlParserCtxtPtr?
  /// libxml2 keeps one copy of each name, so its address stands for it.
  private var known: [NameKey: Int32] = [:]
  private var isStopped = false
  private var hasFailed = false
  private var hasNamespaceFault = false

  fileprivate struct NameKey: Hashable {
    var local: UInt
    var space: UInt
    var isAttribute: Bool
    var isUnbound: Bool
  }

  init(names: XMLNames) {
    self.names = names
    _ = Self.library
    var handler = unsafe Self.handler()
    unsafe context = xmlCreatePushParserCtxt(&handler, Unmanaged.passUnretained(self).toOpaque(), nil, 0, nil)
    if let context = unsafe context { _ = unsafe xmlCtxtUseOptions(context, Int32(XML_PARSE_NONET.rawValue)) }
  }

  deinit {
    guard let context = unsafe context else { return }
    unsafe xmlFreeParserCtxt(context)
  }

  /// Parses the next bytes; what they hold stands in `tokens` until the next call. An empty buffer with `isLast` ends the document.
  func parse(_ bytes: UnsafeBufferPointer<UInt8>, isLast: Bool) {
    tokens.removeAll()
    guard !isStopped, !hasFailed else { return }
    guard let context = unsafe context else { return fail(code: Int32(XML_ERR_NO_MEMORY.rawValue)) }
    compline_xml_silence()
    let pointer = unsafe UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
    _ = unsafe xmlParseChunk(context, pointer, Int32(bytes.count), isLast ? 1 : 0)
    if unsafe context.pointee.disableSAX != 0 || context.pointee.wellFormed == 0 { fail(code: unsafe context.pointee.errNo) }
  }

  /// Ends the parsing for good; the rest of the document is not looked at.
  func stop() {
    isStopped = true
    if let context = unsafe context { unsafe xmlStopParser(context) }
  }

  private static let library: Void = xmlInitParser()

  private static func handler() -> xmlSAXHandler {
    var handler = unsafe xmlSAXHandler()
    unsafe handler.initialized = UInt32(XML_SAX2_MAGIC)
    unsafe handler.internalSubset = { user, _, _, _ in unsafe XMLTokenizer.at(user)?.refuse(.doctype) }
    unsafe handler.startElementNs = { user, local, prefix, uri, _, _, count, _, attributes in
      unsafe XMLTokenizer.at(user)?.start(local, prefix, uri, count, attributes)
    }
    unsafe handler.endElementNs = { user, _, _, _ in unsafe XMLTokenizer.at(user)?.end() }
    unsafe handler.characters = { user, bytes, count in unsafe XMLTokenizer.at(user)?.text(bytes, count) }
    unsafe handler.ignorableWhitespace = unsafe handler.characters
    unsafe handler.cdataBlock = unsafe handler.characters
    unsafe handler.serror = { user, error in
      guard let error = unsafe error?.pointee else { return }
      if unsafe error.level == XML_ERR_FATAL { return unsafe XMLTokenizer.at(user)?.note(fault: error.code) ?? () }
      if unsafe error.level == XML_ERR_ERROR, unsafe error.domain == Int32(XML_FROM_NAMESPACE.rawValue) {
        unsafe XMLTokenizer.at(user)?.noteNamespaceFault()
      }
    }
    return unsafe handler
  }

  private static func at(_ user: UnsafeMutableRawPointer?) -> XMLTokenizer? {
    unsafe user.map { unsafe Unmanaged<XMLTokenizer>.fromOpaque($0).takeUnretainedValue() }
  }
}

// MARK: - Callbacks

extension XMLTokenizer {
  private var offset: Int { unsafe context.map { unsafe Int(xmlByteConsumed($0)) } ?? -1 }

  /// libxml2 has one number for characters that XML forbids and for bytes that are no characters; the byte tells them apart.
  private func note(fault code: Int32) {
    let input = unsafe context?.pointee.input?.pointee
    let isHigh = unsafe input.map { unsafe $0.cur < $0.end && $0.cur.pointee >= 0x80 } ?? false
    fail(code: code == Int32(XML_ERR_INVALID_CHAR.rawValue) && isHigh ? Int32(XML_ERR_INVALID_ENCODING.rawValue) : code)
  }

  /// The first is enough: the document is read all the same.
  private func noteNamespaceFault() {
    guard !hasNamespaceFault else { return }
    hasNamespaceFault = true
    tokens.items.append(XMLToken(kind: .namespaceFault, offset: offset))
  }

  private func fail(code: Int32) {
    guard !isStopped, !hasFailed else { return }
    hasFailed = true
    tokens.items.append(XMLToken(kind: .fatal, name: code, offset: offset))
  }

  private func refuse(_ kind: XMLToken.Kind) {
    guard !isStopped else { return }
    tokens.items.append(XMLToken(kind: kind, offset: offset))
    stop()
  }

  private func start(
    _ local: UnsafePointer<xmlChar>?, _ prefix: UnsafePointer<xmlChar>?, _ uri: UnsafePointer<xmlChar>?, _ count: Int32,
    _ attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?
  ) {
    guard !isStopped else { return }
    tokens.items.append(XMLToken(kind: .start, name: unsafe name(local, prefix, uri, isAttribute: false)))
    guard let attributes = unsafe attributes else { return }
    for index in 0..<Int(count) {
      let at = unsafe attributes + index * 5
      let number = unsafe name(at[0], at[1], at[2], isAttribute: true)
      guard let value = unsafe at[3], let end = unsafe at[4] else { continue }
      unsafe append(.attribute, number, UnsafeBufferPointer(start: value, count: end - value))
      resolveAmpersands()
    }
  }

  private func end() {
    guard !isStopped else { return }
    tokens.items.append(XMLToken(kind: .end))
  }

  private func text(_ bytes: UnsafePointer<xmlChar>?, _ count: Int32) {
    guard !isStopped, count > 0 else { return }
    unsafe append(.text, -1, UnsafeBufferPointer(start: bytes, count: Int(count)))
  }

  /// Without the substitution of entities libxml2 gives an ampersand of an attribute as `&#38;`, however it was written.
  private func resolveAmpersands() {
    let last = tokens.items.count - 1, start = Int(tokens.items[last].start)
    guard tokens.bytes[start...].contains(UInt8(ascii: "&")) else { return }
    var from = start, to = start
    while from < tokens.bytes.count {
      let isAmpersand = tokens.bytes[from] == UInt8(ascii: "&") && tokens.bytes[from...].starts(with: "&#38;".utf8)
      tokens.bytes[to] = tokens.bytes[from]
      to += 1
      from += isAmpersand ? 5 : 1
    }
    tokens.bytes.removeSubrange(to...)
    tokens.items[last].count = Int32(tokens.bytes.count - start)
  }

  private func append(_ kind: XMLToken.Kind, _ name: Int32, _ value: UnsafeBufferPointer<xmlChar>) {
    tokens.items.append(XMLToken(kind: kind, name: name, start: Int32(tokens.bytes.count), count: Int32(value.count)))
    unsafe tokens.bytes.append(contentsOf: value)
  }

  private func name(
    _ local: UnsafePointer<xmlChar>?, _ prefix: UnsafePointer<xmlChar>?, _ uri: UnsafePointer<xmlChar>?, isAttribute: Bool
  ) -> Int32 {
    let isUnbound = unsafe prefix != nil && uri == nil
    let key = unsafe NameKey(local: UInt(bitPattern: local), space: UInt(bitPattern: uri ?? prefix), isAttribute: isAttribute, isUnbound: isUnbound)
    if let number = known[key] { return number }
    let words = unsafe (Self.text(local), Self.text(uri), Self.text(prefix))
    if words.0.utf8.count + words.1.utf8.count > XMLNames.longest || names.isOverLimit { refuse(.limit) }
    let space = unsafe uri == nil ? nil : words.1, mark = unsafe prefix == nil ? nil : words.2
    let full = isAttribute ? XMLNames.attribute(words.0, uri: space, prefix: mark) : XMLNames.element(words.0, uri: space, prefix: mark)
    let number = names.number(of: full)
    known[key] = number
    return number
  }

  private static func text(_ bytes: UnsafePointer<xmlChar>?) -> String { unsafe bytes.map { unsafe String(cString: $0) } ?? "" }
}
