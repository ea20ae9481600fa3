/// An exact decimal number in canonical form: no leading plus, no leading or trailing zeros, `-0` is `0`.
public struct DecimalNumber: Sendable, Hashable, CustomStringConvertible {
  public let isNegative: Bool
  /// Digits before the point, at least one.
  public let whole: String
  /// Digits after the point, trailing zeros cut.
  public let fraction: String

  /// From text like `-12.50` or `+7`; nil for anything else (exponents, groups and blanks inside included).
  public init?(_ text: some Collection<UInt8>) {
    var rest = Substring(String(decoding: text, as: UTF8.self))
    var negative = false
    if rest.first == "+" || rest.first == "-" { negative = rest.removeFirst() == "-" }
    let parts = rest.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.contains(where: { !$0.isEmpty }), parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else { return nil }
    let cutWhole = parts[0].drop { $0 == "0" }
    var cutFraction = parts.count == 2 ? parts[1] : ""
    while cutFraction.last == "0" { cutFraction.removeLast() }
    whole = cutWhole.isEmpty ? "0" : String(cutWhole)
    fraction = String(cutFraction)
    isNegative = negative && !(cutWhole.isEmpty && cutFraction.isEmpty)
  }

  public var description: String { (isNegative ? "-" : "") + whole + (fraction.isEmpty ? "" : "." + fraction) }

  /// The number of hundredths, or nil when it is not a whole number of them or leaves Int64.
  public var hundredths: Int? {
    guard fraction.utf8.count <= 2, let major = Int(whole) else { return nil }
    let minor = Int((fraction + "00").prefix(2)) ?? 0
    let (product, overflow) = major.multipliedReportingOverflow(by: 100)
    let (sum, more) = product.addingReportingOverflow(minor)
    return overflow || more ? nil : (isNegative ? -sum : sum)
  }
}

/// An amount in whole cents; canonical text `12.30`.
public struct Money: Sendable, Hashable, CustomStringConvertible {
  public let cents: Int

  public init(cents: Int) { self.cents = cents }

  public var description: String {
    let magnitude = cents.magnitude
    return (cents < 0 ? "-" : "") + String(magnitude / 100) + "." + CalendarDay.padded(Int(magnitude % 100), 2)
  }
}
