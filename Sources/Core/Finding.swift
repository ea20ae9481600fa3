/// One observation about bad or odd input: a code and a place, never what the source said.
public struct Finding: Sendable, Equatable {
  public var code: FindingCode
  public var position: SourcePosition

  public init(_ code: FindingCode, at position: SourcePosition = SourcePosition()) {
    self.code = code
    self.position = position
  }
}
