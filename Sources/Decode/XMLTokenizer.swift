internal import CLibXML2

/// libxml2's SAX2 push parser, fenced in: no DTD, no entities, no network, no tree, no messages.
///
/// - Ownership: one parser context and one sink for one document, freed with the object. The callbacks only append to the sink.
/// - Limits: libxml2's own (depth 256, 10 MB of names, attribute and lookup) stay on, for `XML_PARSE_HUGE` is never set.
@safe final class XMLTokenizer {
  private let sink: UnsafeMutablePointer<XMLSink>
  /// What the bytes must be, where libxml2 does not say which one is not; nil while it is not known.
  private var charset: Charset?
  /// Bytes of the slices before.
  private var consumed = 0
  private let limits: DecodeLimits
  /// Nothing has been parsed yet.
  private var isFirst = true
  /// Equals signs in the slices over which a start tag has stayed open.
  private var openEquals = 0

  /// - Parameter charset: what the feed declares; it goes before the XML declaration. Nil leaves it to the document.
  init(names: XMLNames, limits: DecodeLimits, charset: Charset?) {
    _ = Self.library
    self.charset = charset
    self.limits = limits
    unsafe sink = UnsafeMutablePointer<XMLSink>.allocate(capacity: 1)
    unsafe sink.initialize(to: XMLSink(names: names, limits: limits))
    var handler = unsafe Self.handler()
    unsafe sink.pointee.context = xmlCreatePushParserCtxt(&handler, UnsafeMutableRawPointer(sink), nil, 0, nil)
    guard let context = unsafe sink.pointee.context else { return }
    if let charset { _ = unsafe xmlCtxtResetPush(context, nil, 0, nil, charset.rawValue) }
    unsafe setOptions(context, readsDeclaration: charset == nil)
  }

  private func setOptions(_ context: xmlParserCtxtPtr, readsDeclaration: Bool) {
    let declared = readsDeclaration ? 0 : XML_PARSE_IGNORE_ENC.rawValue
    _ = unsafe xmlCtxtUseOptions(context, Int32(XML_PARSE_NONET.rawValue | declared))
  }

  deinit {
    if let context = unsafe sink.pointee.context { unsafe xmlFreeParserCtxt(context) }
    unsafe sink.deinitialize(count: 1)
    unsafe sink.deallocate()
  }

  /// What the last slice gave.
  var tokens: XMLTokens { unsafe sink.pointee.tokens }
  /// All names met so far, by number.
  var nameTexts: [String] { unsafe sink.pointee.names.texts }

  /// Parses the next bytes; what they hold stands in `tokens` until the next call. An empty buffer with `isLast` ends the document.
  func parse(_ bytes: UnsafeBufferPointer<UInt8>, isLast: Bool) {
    unsafe sink.pointee.tokens.removeAll()
    guard unsafe !sink.pointee.isStopped, unsafe !sink.pointee.hasFailed else { return }
    guard let context = unsafe sink.pointee.context else { return unsafe sink.pointee.fail(code: Int32(XML_ERR_NO_MEMORY.rawValue)) }
    unsafe sink.pointee.lastStart = consumed
    compline_xml_silence()
    guard unsafe !isFirst || begin(bytes, context) else { return }
    let pointer = unsafe UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
    let result = unsafe xmlParseChunk(context, pointer, Int32(bytes.count), isLast ? 1 : 0)
    if let misfit = unsafe misfit(in: bytes) { return unsafe sink.pointee.fail(code: Int32(XML_ERR_INVALID_ENCODING.rawValue), at: misfit) }
    consumed += bytes.count
    if unsafe isTagTooLong(bytes, context) { return unsafe sink.pointee.refuse(.limit) }
    let code = unsafe context.pointee.errNo
    if result != 0, code <= 0 { return unsafe sink.pointee.fail(code: Int32(XML_ERR_INVALID_ENCODING.rawValue), at: consumed - bytes.count) }
    if unsafe context.pointee.disableSAX != 0 || context.pointee.wellFormed == 0 { unsafe sink.pointee.fail(code: code) }
  }

  /// Decides from the first bytes in which character set the document is read; false where it is refused.
  private func begin(_ bytes: UnsafeBufferPointer<UInt8>, _ context: xmlParserCtxtPtr) -> Bool {
    guard charset == nil, !bytes.isEmpty else { return true }
    isFirst = false
    let declaration = unsafe XMLDeclaration(bytes)
    if !declaration.isWhole { unsafe sink.pointee.refuse(.limit) }
    if !declaration.isReadable { unsafe sink.pointee.fail(code: Int32(XML_ERR_UNSUPPORTED_ENCODING.rawValue), at: declaration.offset) }
    if declaration.isOverruled { unsafe setOptions(context, readsDeclaration: false) }
    return declaration.isWhole && declaration.isReadable
  }

  /// A start tag that stays open over slices may hold no more than its bytes, and no more equals signs than its attributes could have:
  /// libxml2 compares each attribute of an element with each other before it tells of one.
  private func isTagTooLong(_ bytes: UnsafeBufferPointer<UInt8>, _ context: xmlParserCtxtPtr) -> Bool {
    guard let input = unsafe context.pointee.input?.pointee, unsafe context.pointee.instate == XML_PARSER_START_TAG else {
      openEquals = 0
      return false
    }
    let open = unsafe input.end - input.cur
    guard open > CDADecoder.blockBytes else { return false }
    openEquals += unsafe bytes.count { $0 == UInt8(ascii: "=") }
    return open > limits.tagBytes || openEquals > 4 * limits.attributes
  }

  /// The offset of the first byte that the character set has no character for; libxml2 finds those of UTF-8 itself.
  private func misfit(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    if charset == nil, let name = unsafe sink.pointee.context?.pointee.encoding {
      unsafe charset = Charset(name: UnsafeBufferPointer(start: name, count: Int(xmlStrlen(name))))
    }
    guard charset == .ascii || charset == .windows1252 else { return nil }
    return unsafe charset?.firstMisfit(in: Array(bytes)).map { consumed + $0 }
  }

  /// Ends the parsing for good; the rest of the document is not looked at.
  func stop() { unsafe sink.pointee.stop() }

  private static let library: Void = xmlInitParser()

  private static func handler() -> xmlSAXHandler {
    var handler = unsafe xmlSAXHandler()
    unsafe handler.initialized = UInt32(XML_SAX2_MAGIC)
    unsafe handler.internalSubset = { user, _, _, _ in unsafe XMLTokenizer.sink(user)?.pointee.refuse(.doctype) }
    unsafe handler.startElementNs = { user, local, prefix, uri, _, _, count, _, attributes in
      unsafe XMLTokenizer.sink(user)?.pointee.start(local, prefix, uri, count, attributes)
    }
    unsafe handler.endElementNs = { user, _, _, _ in unsafe XMLTokenizer.sink(user)?.pointee.end() }
    unsafe handler.characters = { user, bytes, count in unsafe XMLTokenizer.sink(user)?.pointee.text(bytes, count) }
    unsafe handler.ignorableWhitespace = unsafe handler.characters
    unsafe handler.cdataBlock = unsafe handler.characters
    unsafe handler.serror = { user, error in
      if let error = unsafe error { unsafe XMLTokenizer.sink(user)?.pointee.note(error.pointee) }
    }
    return unsafe handler
  }

  private static func sink(_ user: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<XMLSink>? {
    unsafe user?.assumingMemoryBound(to: XMLSink.self)
  }
}
