/// A value from a source: it prints as a placeholder everywhere, and is revealed only for a stated purpose.
public struct Protected<Value: Sendable>: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  private let value: Value

  public init(_ value: Value) { self.value = value }

  /// The value itself. `purpose` is there for the reader of the code: search for it to list every place that reveals.
  public func reveal(for purpose: Purpose) -> Value { value }

  public var description: String { "⟂" }
  public var debugDescription: String { "⟂" }
  public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}

/// The only reasons for which a protected value is revealed.
public enum Purpose: Sendable {
  case mapping, storeBinding, extractWriting, export, personWithGrant
}
