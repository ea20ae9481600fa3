/// An exact decimal number in canonical form: no leading plus, no leading or trailing zeros, `-0` is `0`.
public struct DecimalNumber: Sendable, Hashable, CustomStringConvertible {
  public let isNegative: Bool
  /// Digits before the point, at least one.
  public let whole: String
  /// Digits after the point, trailing zeros cut.
  public let fraction: String

  /// From text like `-12.50` or `+7`; nil for anything else (exponents, groups and blanks inside included).
  public init?(_ text: some Collection<UInt8>) {
    let bytes = Array(text)
    guard let form = DecimalForm(bytes.span, 0..<bytes.count) else { return nil }
    isNegative = form.isNegative
    whole = form.whole.isEmpty ? "0" : String(decoding: bytes[form.whole], as: UTF8.self)
    fraction = String(decoding: bytes[form.fraction], as: UTF8.self)
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

/// Where the parts of a decimal number stand in bytes: the same number as `DecimalNumber`, without a copy.
public struct DecimalForm: Sendable {
  public let isNegative: Bool
  /// Digits before the point without leading zeros; empty for none.
  public let whole: Range<Int>
  /// Digits after the point without trailing zeros.
  public let fraction: Range<Int>

  /// From a sign, digits and one point, with a digit on one side of it at least; nil for anything else.
  public init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    let end = range.upperBound
    var at = range.lowerBound
    let sign = at < end ? bytes[at] : 0
    if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { at += 1 }
    let begin = at
    var point = -1
    while at < end {
      let byte = bytes[at]
      if byte == UInt8(ascii: "."), point < 0 { point = at } else if byte < 0x30 || byte > 0x39 { return nil }
      at += 1
    }
    guard end - begin > (point < 0 ? 0 : 1) else { return nil }
    let wholeEnd = point < 0 ? end : point
    var first = begin
    while first < wholeEnd, bytes[first] == 0x30 { first += 1 }
    let fractionStart = point < 0 ? end : point + 1
    var last = end
    while last > fractionStart, bytes[last - 1] == 0x30 { last -= 1 }
    whole = first..<wholeEnd
    fraction = fractionStart..<last
    isNegative = sign == UInt8(ascii: "-") && !(whole.isEmpty && fraction.isEmpty)
  }

  /// Appends the canonical text.
  public func append(_ bytes: Span<UInt8>, to out: inout [UInt8]) {
    out.append(addingCapacity: whole.count + fraction.count + 3) { out in
      if isNegative { out.append(UInt8(ascii: "-")) }
      if whole.isEmpty { out.append(0x30) }
      for at in whole { out.append(bytes[at]) }
      if !fraction.isEmpty { out.append(UInt8(ascii: ".")) }
      for at in fraction { out.append(bytes[at]) }
    }
  }

  /// The number of hundredths, or nil when it is not a whole number of them or leaves Int64.
  public func hundredths(_ bytes: Span<UInt8>) -> Int? {
    guard fraction.count <= 2, whole.count <= 17 else { return nil }
    var value = 0
    for at in whole { value = value * 10 + Int(bytes[at] - 0x30) }
    for place in 0..<2 {
      let at = fraction.lowerBound + place
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, more) = product.addingReportingOverflow(at < fraction.upperBound ? Int(bytes[at] - 0x30) : 0)
      if overflow || more { return nil }
      value = sum
    }
    return isNegative ? -value : value
  }
}

/// An amount in whole cents; canonical text `12.30`.
public struct Money: Sendable, Hashable, CustomStringConvertible {
  public let cents: Int

  public init(cents: Int) { self.cents = cents }

  public var description: String {
    var out: [UInt8] = []
    append(to: &out)
    return String(decoding: out, as: UTF8.self)
  }

  /// Appends the canonical text.
  public func append(to out: inout [UInt8]) {
    let magnitude = cents.magnitude
    var place: UInt = 1
    while magnitude / 100 / place >= 10 { place *= 10 }
    out.append(addingCapacity: 24) { out in
      if cents < 0 { out.append(UInt8(ascii: "-")) }
      var rest = place
      while rest > 0 {
        out.append(UInt8(truncatingIfNeeded: 0x30 + magnitude / 100 / rest % 10))
        rest /= 10
      }
      out.append(UInt8(ascii: "."))
      out.append(UInt8(truncatingIfNeeded: 0x30 + magnitude / 10 % 10))
      out.append(UInt8(truncatingIfNeeded: 0x30 + magnitude % 10))
    }
  }
}
