/// The blocks of the minimal lower layer protocol around the messages of a drop (HL7 implementation guide, appendix C): 0x0B opens one,
/// 0x1C ends it. They count only where a line begins or ends.
///
/// A message is over where its block is: a segment behind it, whose header is missing, belongs to nobody, least of all to the message before.
struct HL7Framing: Equatable {
  private enum Block {
    case none, open, ended
    /// The next block has begun, and no message in it yet.
    case reopened
  }

  private var block = Block.none
  /// The open message began in a block.
  private var isFramed = false
  /// The next block began before that of the open message ended.
  private(set) var isTorn = false

  /// A block has begun and not ended.
  var isOpen: Bool { block == .open || block == .reopened }
  /// The block of the open message is over.
  var isOver: Bool { block == .ended || block == .reopened }

  /// Takes a block character at an end of a line.
  mutating func see(_ byte: UInt8) {
    switch (byte, block) {
    case (0x0B, .none): block = .open
    case (0x0B, .open): isTorn = isFramed
    case (0x0B, .ended): block = .reopened
    case (0x1C, .open), (0x1C, .reopened): block = .ended
    default: break
    }
  }

  /// A message begins.
  mutating func begin() {
    block = isOpen ? .open : .none
    isFramed = block == .open
    isTorn = false
  }

  /// What stands in the block that cut the open one is no part of its message.
  mutating func leave() { block = .reopened }

  /// What looked like the beginning of a block was a vertical tab in the text of a field.
  mutating func goOn() { isTorn = false }
}
