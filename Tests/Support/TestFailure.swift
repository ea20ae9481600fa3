/// What a piece of test support could not do: the call and its errno, never a value.
public struct TestFailure: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
