internal import Trust

/// Does what a feed says of a source file whose drop is sealed and journalled: leave, move away, delete.
///
/// - Nothing is ever replaced, and a file that is not the one that was sealed is left or put back.
/// - A name says nothing of what has it a moment later: a file first goes out of the way, then what that was is looked at, and only then does it go for good.
/// - Each step looks first, so that it can be taken again wherever a session was cut or a run killed.
struct SourceTidying {
  /// What came of it.
  enum Outcome { case done, changed, failed(TransportFault) }

  /// Begins the name of a file that is about to go: `.compline-<drop id>-<name>`, or `~` before a name that was shortened.
  static let mark = ".compline-"

  let file: SourceFile
  let drop: ObjectID
  /// Where the file was moved to, or may have been: a session can end before it says so.
  private var moved: PartnerPath?
  /// What was moved is the sealed file, and goes.
  private var isGoing = false

  init(_ file: SourceFile, drop: ObjectID) { (self.file, self.drop) = (file, drop) }

  mutating func run(_ action: AfterRead, _ session: SourceSession) -> Outcome {
    if action == .leave { return .done }
    do throws(TransportFault) {
      return try session.use { (transport) throws(TransportFault) in try take(transport, action) }
    } catch { return .failed(error) }
  }

  /// Out of the way and no further.
  mutating func setAside(_ session: SourceSession) -> Outcome {
    do throws(TransportFault) { return try session.use { (transport) throws(TransportFault) in try mark(transport) } } catch { return .failed(error) }
  }

  /// Where it is once it is out of the way.
  var marked: MarkedFile? { moved.map { MarkedFile(file: SourceFile(place: $0, stamp: file.stamp), drop: drop, original: file.place) } }

  private mutating func take(_ transport: any Transport, _ action: AfterRead) throws(TransportFault) -> Outcome {
    if !isGoing {
      let outcome = try mark(transport)
      guard case .done = outcome else { return outcome }
      isGoing = true
    }
    do throws(TransportFault) { if let moved { try Self.end(moved, file.name, drop, action, transport) } } catch {
      if !error.endsSession { giveBack(transport) }
      throw error
    }
    return .done
  }

  /// What cannot go where it should keeps its name, as far as it can.
  private mutating func giveBack(_ transport: any Transport) {
    if let moved { _ = try? transport.move(moved, to: file.place) }
    isGoing = false
  }

  /// Ends what a mark began: the sealed file goes where the feed says. Where nothing bears the mark, a session that was cut has done it.
  static func end(_ mark: PartnerPath, _ name: [UInt8], _ drop: ObjectID, _ action: AfterRead, _ transport: any Transport) throws(TransportFault) {
    guard case .move = action else { return try transport.remove(mark) }
    guard let own = try transport.status(of: mark) else { return }
    for attempt in 1...1000 {
      let new = PartnerPath(base: .aside).appending(newName("", drop, name, attempt))
      do throws(TransportFault) { return try transport.move(mark, to: new) } catch {
        if error != .exists { throw error }
        // A kill came between the two names of one file.
        if own.stamp.hasInode, try transport.status(of: new)?.stamp.isSameFile(as: own.stamp) == true { return try transport.remove(mark) }
      }
    }
    throw .exists
  }

  /// Out of the way, under a name of ours: what a session asked for before it was cut may be done late, and then to another file of the old name.
  private mutating func mark(_ transport: any Transport) throws(TransportFault) -> Outcome {
    guard let now = try transport.status(of: file.place) else { return try settle(transport) }
    guard now.stamp == file.stamp else { return .changed }
    for attempt in 1...1000 {
      let new = file.place.parent.appending(Self.newName(Self.mark, drop, file.name, attempt))
      moved = new
      do throws(TransportFault) { try transport.move(file.place, to: new) } catch {
        if error == .exists { continue }
        throw error
      }
      return try settle(transport)
    }
    throw .exists
  }

  /// Looks at what was moved; anything but the sealed file goes back under its name.
  private func settle(_ transport: any Transport) throws(TransportFault) -> Outcome {
    guard let moved, let there = try transport.status(of: moved) else { return .changed }
    if there.stamp.isSameFile(as: file.stamp) { return .done }
    do throws(TransportFault) { try transport.move(moved, to: file.place) } catch {
      // Its name was taken anew: it stays where it is, and nothing of it is lost.
      if error != .exists { throw error }
    }
    return .changed
  }

  /// `<drop id>-<name>`; what does not fit is left out of the middle of the name, and `~` says so.
  private static func newName(_ prefix: String, _ drop: ObjectID, _ name: [UInt8], _ attempt: Int) -> [UInt8] {
    let ordinal = attempt == 1 ? "" : "-\(attempt)"
    let before = prefix + drop.hex + ordinal, room = ShortName.maximumBytes - before.utf8.count - 1
    let short = ShortName.fitting(name, room)
    return Array((before + (short == name ? "-" : "~")).utf8) + short
  }
}

/// Names that must fit where another part stands before them.
enum ShortName {
  /// What file systems take.
  static let maximumBytes = 255

  /// The name, or its beginning and its end, cut between characters: patterns of names look at these.
  static func fitting(_ name: [UInt8], _ room: Int) -> [UInt8] {
    guard name.count > room else { return name }
    var head = room / 2, tail = name.count - (room - head)
    for _ in 0..<3 where head > 0 && isInside(name[head]) { head -= 1 }
    for _ in 0..<3 where tail < name.count - 1 && isInside(name[tail]) { tail += 1 }
    return Array(name[..<head] + name[tail...])
  }

  /// Not the first byte of a character in UTF-8.
  private static func isInside(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}

/// A file that a killed run had taken out of the way.
struct MarkedFile {
  let file: SourceFile
  let drop: ObjectID
  /// Its name before; of a name that was too long, what was kept of it.
  let original: PartnerPath

  init(file: SourceFile, drop: ObjectID, original: PartnerPath) { (self.file, self.drop, self.original) = (file, drop, original) }

  /// What was kept of the name is not all of it.
  var isShortened: Bool { file.name[SourceTidying.mark.utf8.count + 32] == UInt8(ascii: "~") }

  /// Nil where the name is no such mark.
  init?(_ file: SourceFile) {
    let name = file.name, mark = Array(SourceTidying.mark.utf8), end = mark.count + 32
    guard name.starts(with: mark), name.count > end + 1, let drop = ObjectID(hex: String(decoding: name[mark.count..<end], as: UTF8.self)) else { return nil }
    guard [UInt8(ascii: "-"), UInt8(ascii: "~")].contains(name[end]) else { return nil }
    let rest = Array(name[(end + 1)...])
    guard rest != Array(".".utf8), rest != Array("..".utf8) else { return nil }
    self.init(file: file, drop: drop, original: file.place.parent.appending(rest))
  }
}
