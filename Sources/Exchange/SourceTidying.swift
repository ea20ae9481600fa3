internal import Trust

/// Does what a feed says of a source file whose drop is sealed and journalled: leave, move away, delete.
///
/// - Nothing is ever replaced, and a file that is not the one that was sealed is left or put back.
/// - Each step looks first, so that it can be taken again wherever a session was cut or a run killed.
struct SourceTidying {
  /// What came of it.
  enum Outcome { case done, changed, failed(TransportFault) }

  /// Begins the name of a file that is about to be deleted where inodes tell nothing: `.compline-<drop id>-<name>`.
  static let mark = ".compline-"
  private static let maximumNameBytes = 255

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
      return try session.use { (transport) throws(TransportFault) in
        if action == .delete { return try delete(transport) }
        return try move(transport, into: PartnerPath(base: .aside), prefix: "")
      }
    } catch { return .failed(error) }
  }

  private mutating func delete(_ transport: any Transport) throws(TransportFault) -> Outcome {
    if file.stamp.hasInode {
      guard try transport.status(of: file.place)?.stamp == file.stamp else { return .changed }
      try transport.remove(file.place)
      return .done
    }
    // No inode tells this file from one that was put in its place a moment ago: first out of the way, then a look at what that was.
    if !isGoing {
      let outcome = try move(transport, into: PartnerPath(components: file.place.components.dropLast()), prefix: Self.mark)
      guard case .done = outcome else { return outcome }
      isGoing = true
    }
    if let moved { try transport.remove(moved) }
    return .done
  }

  private mutating func move(_ transport: any Transport, into folder: PartnerPath, prefix: String) throws(TransportFault) -> Outcome {
    guard let now = try transport.status(of: file.place) else { return try settle(transport) }
    guard now.stamp == file.stamp else { return .changed }
    for attempt in 1...1000 {
      let new = folder.appending(newName(prefix, attempt))
      moved = new
      do throws(TransportFault) { try transport.move(file.place, to: new) } catch {
        guard error == .exists else { throw error }
        guard file.stamp.hasInode, try transport.status(of: new)?.stamp.isSameFile(as: file.stamp) == true else { continue }
        // A kill came between the two names of one file.
        try transport.remove(file.place)
        return .done
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

  /// `<drop id>-<name>`, cut to the bytes that a name may have.
  private func newName(_ prefix: String, _ attempt: Int) -> [UInt8] {
    let mark = attempt == 1 ? "-" : "-\(attempt)-"
    return Array((Array((prefix + drop.hex + mark).utf8) + file.name).prefix(Self.maximumNameBytes))
  }
}

/// A file that a killed run had taken out of the way to delete it.
struct MarkedFile {
  let file: SourceFile
  let drop: ObjectID
  /// Its name before.
  let original: PartnerPath

  /// Nil where the name is no such mark.
  init?(_ file: SourceFile) {
    let name = file.name, mark = Array(SourceTidying.mark.utf8)
    guard !file.stamp.hasInode, name.starts(with: mark), name.count > mark.count + 33, name[mark.count + 32] == UInt8(ascii: "-"),
      let drop = ObjectID(hex: String(decoding: name[mark.count..<(mark.count + 32)], as: UTF8.self))
    else { return nil }
    self.file = file
    self.drop = drop
    original = PartnerPath(components: file.place.components.dropLast()).appending(Array(name[(mark.count + 33)...]))
  }
}
