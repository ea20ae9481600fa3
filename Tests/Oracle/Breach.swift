/// A promise of the decoders that an input broke: its name and a place in the input, never a value.
public struct Breach: Equatable, Hashable, Sendable, CustomStringConvertible {
  public let promise: String
  public let offset: Int

  public init(_ promise: String, at offset: Int = 0) {
    self.promise = promise
    self.offset = offset
  }

  public var description: String { "\(promise) (byte \(offset))" }
}
