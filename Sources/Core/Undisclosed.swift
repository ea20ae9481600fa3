/// A type that carries values from messages: it prints as a placeholder in description, dump and reflection, so that no log, error or
/// test report can show what a sender wrote. Its values are read field by field, and only in map steps, store binding and extract writing.
public protocol Undisclosed: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {}

extension Undisclosed {
  public var description: String { "⟂" }
  public var debugDescription: String { "⟂" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}

extension RowBuffer: Undisclosed {}
extension MappedMessage: Undisclosed {}
extension MessageTail: Undisclosed {}
extension SegmentTable: Undisclosed {}
extension NodeArena: Undisclosed {}
extension SourceRecord: Undisclosed {}
