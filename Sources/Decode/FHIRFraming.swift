import Core

/// Cuts pushed bytes into resources: the objects of a file, one a line or not, and the entries of a Bundle as they come.
///
/// Only strings and brackets are looked at, so that what is wrong inside of one resource harms no other one. Where they themselves are broken the
/// open resource ends: at a line that begins with `{` where JSON can have no object, and, in a file whose objects each stand on a line of
/// their own (NDJSON), at the end of the line. What follows is read again from the next line that begins with `{`.
struct FHIRFraming {
  /// What is ready; its bytes stand in `bytes` until `next` is called.
  enum Piece: Equatable {
    /// A value of the file.
    case resource
    /// A Bundle begins to give its entries; its members so far stand in `header`.
    case bundle
    /// An item of `Bundle.entry`.
    case entry
    /// A Bundle is over; its members stand in `header`.
    case bundleEnd
    /// Strings or brackets are broken there.
    case broken(at: Int)
    /// A comma is missing or too many between two entries.
    case stray(at: Int)
  }

  private enum Place { case outside, junk, member, entries, entry, junkEntry, header, skipped }

  /// The piece at hand.
  private(set) var body: BoundedBytes
  /// What a Bundle says beside its entries.
  private(set) var header: BoundedBytes
  /// Where the piece at hand begins in the drop.
  private(set) var start = 0
  /// The object at hand says that it is a Bundle.
  var isBundle: Bool { type.elementsEqual("Bundle".utf8) }
  private(set) var ready: Piece?

  private let isKnownBundle: Bool
  private var place = Place.outside
  private var offset: Int
  /// The open brackets, true for an object; those deeper than `deepest` are only counted.
  private var open: [Bool] = []
  private var unlisted = 0
  private var inString = false
  private var isEscaped = false
  /// The last byte, and the last one outside of strings that is not blank.
  private var previous = UInt8(0x0A)
  private var last = UInt8(0)
  /// Of the members of the file's object: the string at hand, the name before the colon, the value of `resourceType`.
  private var word: [UInt8] = []
  private var name: [UInt8] = []
  private var type: [UInt8] = []
  /// The objects of the file each stand on a line of their own.
  private var isLines = false
  private var isSingleLine = true
  private var maySetLines = false
  private var isItemDue = true
  private var hasItems = false
  /// Bytes of a byte-order mark that may still come.
  private var markBytes: Int

  /// - isKnownBundle: the bytes are one Bundle whose type stands behind its entries.
  init(limit: Int, offset: Int = 0, isKnownBundle: Bool = false) {
    (body, header) = (BoundedBytes(limit: limit), BoundedBytes(limit: limit))
    self.offset = offset
    self.isKnownBundle = isKnownBundle
    markBytes = isKnownBundle ? 3 : 0
  }

  private static let deepest = 4_096
  private static let wordBytes = 64
  private var depth: Int { open.count + unlisted }

  /// Reads on from an index until a piece is ready or the chunk is used up; gives where it stopped.
  mutating func read(_ chunk: Span<UInt8>, from begin: Int) -> Int {
    var at = begin
    while at < chunk.count, ready == nil {
      switch place {
      case .member, .entry, .header: at = takeInside(chunk, from: at)
      case .outside, .skipped, .junk, .junkEntry, .entries: if takeLoose(chunk[at]) { at = behind(chunk[at], at) }
      }
    }
    return at
  }

  private mutating func behind(_ byte: UInt8, _ at: Int) -> Int {
    previous = byte
    offset += 1
    return at + 1
  }

  /// Forgets the piece at hand.
  mutating func next() {
    ready = nil
    if place == .outside || place == .skipped || place == .entries { body.removeAll() }
  }

  /// What the end of the bytes leaves.
  enum Rest { case nothing, value, cutValue, cutBundle, cutEntry }

  /// Ends the bytes: says what was open.
  func rest() -> Rest {
    switch place {
    case .outside, .skipped: .nothing
    case .junk: .value
    case .member: .cutValue
    case .entry, .junkEntry: .cutEntry
    case .entries, .header: .cutBundle
    }
  }

  /// SHA-256 of the piece at hand, and of what a Bundle says beside its entries.
  mutating func fingerprint() -> [UInt8] { body.fingerprint() }
  mutating func headerFingerprint() -> [UInt8] { header.fingerprint() }
}

// MARK: - Outside of objects

extension FHIRFraming {
  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

  /// True where the byte is used up.
  private mutating func takeLoose(_ byte: UInt8) -> Bool {
    switch place {
    case .outside: return takeOutside(byte)
    case .skipped:
      guard byte == UInt8(ascii: "{"), previous == 0x0A else { return true }
      place = .outside
      return false
    case .junk: return takeJunk(byte, ends: byte == UInt8(ascii: "{") && previous == 0x0A)
    case .junkEntry: return takeJunk(byte, ends: isLines && byte == 0x0A || !inString && (byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]")))
    case .entries: return takeBetweenEntries(byte)
    case .member, .entry, .header: return false
    }
  }

  private mutating func takeOutside(_ byte: UInt8) -> Bool {
    if Self.isBlank(byte) {
      if byte == 0x0A, maySetLines { isLines = true }
      if byte == 0x0A { maySetLines = false }
      return true
    }
    if isMark(byte) { return true }
    begin(byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") ? .member : .junk)
    (word, name, type) = ([], [], [])
    (isSingleLine, maySetLines) = (true, false)
    return false
  }

  /// A byte-order mark at the beginning of the drop (RFC 8259, 8.1: it may be passed over).
  private mutating func isMark(_ byte: UInt8) -> Bool {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    guard offset == markBytes, markBytes < 3, byte == mark[markBytes] else { return false }
    markBytes += 1
    return true
  }

  private mutating func begin(_ place: Place) {
    body.removeAll()
    start = offset
    open.removeAll(keepingCapacity: true)
    (unlisted, inString, isEscaped, last) = (0, false, false, 0)
    self.place = place
  }

  /// What is no object or array, up to a line that begins with one, or to the end of its place among the entries.
  private mutating func takeJunk(_ byte: UInt8, ends: Bool) -> Bool {
    if ends {
      ready = place == .junk ? .resource : .entry
      place = place == .junk ? .outside : .entries
      return false
    }
    if byte == UInt8(ascii: "\""), !isEscaped { inString.toggle() }
    isEscaped = inString && byte == UInt8(ascii: "\\") && !isEscaped
    body.append(byte)
    return true
  }

  private mutating func takeBetweenEntries(_ byte: UInt8) -> Bool {
    if byte == 0x0A, isLines { return breakOff(.outside) }
    if Self.isBlank(byte) { return true }
    if byte == UInt8(ascii: ",") {
      if isItemDue { ready = .stray(at: offset) }
      isItemDue = true
    } else if byte == UInt8(ascii: "]") {
      if isItemDue, hasItems { ready = .stray(at: offset) }
      body.removeAll()
      header.append(byte)
      open = [true]
      (place, last) = (.header, byte)
    } else if isItemDue {
      openEntry(byte)
      return false
    } else {
      ready = .stray(at: offset)
      isItemDue = true
      return false
    }
    return true
  }

  private mutating func openEntry(_ byte: UInt8) {
    begin(byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") ? .entry : .junkEntry)
    (isItemDue, hasItems) = (false, true)
  }

  /// The open piece ends broken, at the byte at hand; where it goes on says whether the rest of the line is left out.
  private mutating func breakOff(_ next: Place) -> Bool {
    ready = .broken(at: offset)
    place = next
    return true
  }
}

// MARK: - Inside of objects

extension FHIRFraming {
  /// Reads on inside of an object; gives where it stopped.
  private mutating func takeInside(_ chunk: Span<UInt8>, from begin: Int) -> Int {
    var at = begin
    let own = place
    while at < chunk.count {
      let byte = chunk[at]
      if byte == 0x0A || byte == UInt8(ascii: "{"), endsHere(byte) {
        keep(chunk.extracting(begin..<at), own)
        offset += at - begin
        _ = breakOff(.outside)
        // The line end may be read again: outside of objects it means nothing.
        return at
      }
      at += 1
      previous = byte
      if inString { takeInString(byte) } else if takeStructure(byte, at: offset + at - 1 - begin) { break }
    }
    keep(chunk.extracting(begin..<at), own)
    offset += at - begin
    return at
  }

  /// True where the piece cannot go on: a line end in a file of lines, or an object at the beginning of a line where JSON has none.
  private mutating func endsHere(_ byte: UInt8) -> Bool {
    if byte == 0x0A {
      isSingleLine = false
      return isLines
    }
    guard previous == 0x0A else { return false }
    if inString { return true }
    let mayStand = last == UInt8(ascii: "[") || last == UInt8(ascii: ":") || (last == UInt8(ascii: ",") && open.last == false)
    return !mayStand && depth > 0
  }

  private mutating func takeInString(_ byte: UInt8) {
    if isEscaped {
      isEscaped = false
    } else if byte == UInt8(ascii: "\\") {
      isEscaped = true
    } else if byte == UInt8(ascii: "\"") {
      inString = false
      last = byte
      if depth == 1, place != .entry, name.elementsEqual("resourceType".utf8) { type = word }
      return
    }
    if depth == 1, place != .entry, word.count < Self.wordBytes { word.append(byte) }
  }

  /// True where the piece is over, or another one is ready.
  private mutating func takeStructure(_ byte: UInt8, at offset: Int) -> Bool {
    if Self.isBlank(byte) { return false }
    defer { last = byte }
    switch byte {
    case UInt8(ascii: "\""):
      inString = true
      word.removeAll(keepingCapacity: true)
    case UInt8(ascii: ":") where depth == 1 && place != .entry: name = word
    case UInt8(ascii: ",") where depth == 1 && place != .entry: name.removeAll(keepingCapacity: true)
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      if byte == UInt8(ascii: "["), opensEntries { return openEntries() }
      if open.count < Self.deepest { open.append(byte == UInt8(ascii: "{")) } else { unlisted += 1 }
    case UInt8(ascii: "}"), UInt8(ascii: "]"): return close(byte, at: offset)
    default: break
    }
    return false
  }

  private var opensEntries: Bool {
    place != .entry && depth == 1 && open[0] && last == UInt8(ascii: ":") && name.elementsEqual("entry".utf8) && (isBundle || isKnownBundle)
  }

  private mutating func openEntries() -> Bool {
    (isItemDue, hasItems) = (true, false)
    if place == .member { ready = .bundle }
    place = .entries
    return true
  }

  private mutating func close(_ byte: UInt8, at offset: Int) -> Bool {
    if unlisted > 0 {
      unlisted -= 1
      return false
    }
    guard open.popLast() == (byte == UInt8(ascii: "}")) else {
      ready = .broken(at: offset)
      place = .skipped
      return true
    }
    guard open.isEmpty else { return false }
    switch place {
    case .entry: (ready, place) = (.entry, .entries)
    case .header: (ready, place) = (.bundleEnd, .outside)
    default:
      (ready, place) = (.resource, .outside)
      if isSingleLine { maySetLines = true } else { isLines = false }
    }
    return true
  }

  /// Keeps a run of the piece at hand.
  private mutating func keep(_ run: Span<UInt8>, _ own: Place) {
    guard own != .header else { return header.append(run) }
    body.append(run)
    guard ready == .bundle else { return }
    swap(&header, &body)
    body.removeAll()
  }
}

/// Bytes that come in pieces: the first ones up to a limit, how many there were, and the digest of all of them.
struct BoundedBytes {
  private(set) var bytes: [UInt8] = []
  private(set) var count = 0
  private let limit: Int
  /// Of bytes over the limit, from the first one on.
  private var digest = MessageDigest()

  init(limit: Int) { self.limit = limit }

  var isOver: Bool { count > bytes.count }

  mutating func append(_ run: Span<UInt8>) {
    let room = limit - bytes.count, wasOver = isOver
    count += run.count
    if wasOver || run.count > room {
      if !wasOver { beginDigest() }
      digest.update(run)
    }
    let kept = run.extracting(first: min(room, run.count))
    unsafe kept.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
  }

  mutating func append(_ byte: UInt8) {
    let one = [byte]
    append(one.span)
  }

  mutating func removeAll() {
    if bytes.capacity > 1 << 20 { bytes = [] } else { bytes.removeAll(keepingCapacity: true) }
    count = 0
  }

  /// SHA-256 of all bytes.
  mutating func fingerprint() -> [UInt8] {
    if !isOver { beginDigest() }
    return digest.finish()
  }

  private mutating func beginDigest() {
    let known = bytes
    digest.begin()
    digest.update(known.span)
  }
}
