import Oracle
import Support

/// Damages an input the way a sender or an attacker would: by lines, tags and tokens, in turns with libFuzzer's own ways.
public enum Mutator {
  public enum Grammar { case hl7, cda, csv, fhir }

  /// The new size. Half of the time libFuzzer's own mutations, which know what its comparisons saw.
  public static func mutate(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, limit: Int, seed: UInt32, _ grammar: Grammar) -> Int {
    var generator = SeededGenerator(UInt64(seed))
    guard size > 0, Bool.random(using: &generator) else { return fuzzerMutate(data, size, limit) }
    let bytes = Array(UnsafeBufferPointer(start: data, count: size)), tokens = grammar == .hl7 ? Tokens.hl7 : grammar == .cda ? Tokens.cda : grammar == .csv ? Tokens.csv : Tokens.fhir
    let made = Int.random(in: 0..<3, using: &generator) == 0 ? swapped(bytes, grammar, &generator) : Mutate.damaged(bytes, tokens, &generator)
    let count = min(made.count, limit)
    guard count > 0 else { return fuzzerMutate(data, size, limit) }
    for index in 0..<count { data[index] = made[index] }
    return count
  }

  /// Two lines or tags changed places, or one put in twice.
  private static func swapped(_ bytes: [UInt8], _ grammar: Grammar, _ generator: inout SeededGenerator) -> [UInt8] {
    let end = grammar == .hl7 ? UInt8(0x0D) : grammar == .cda ? UInt8(ascii: ">") : grammar == .fhir ? UInt8(ascii: ",") : 0x0A
    var parts = bytes.split(separator: end, omittingEmptySubsequences: false).map(Array.init)
    let one = Int.random(in: 0..<parts.count, using: &generator), other = Int.random(in: 0..<parts.count, using: &generator)
    if Bool.random(using: &generator) { parts.swapAt(one, other) } else { parts.insert(parts[one], at: other) }
    return Array(parts.joined(separator: [end]))
  }
}

@_silgen_name("LLVMFuzzerMutate") private func fuzzerMutate(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ limit: Int) -> Int
