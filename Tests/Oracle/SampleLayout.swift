public import Core

/// Layouts that tests and fuzz targets read by.
public enum SampleLayout {
  private static func columns(_ names: [String]) -> [RowLayout.Column] { names.map { RowLayout.Column(name: $0, heading: $0) } }

  /// `mrn,last,amount` in any order, with a line of names.
  public static let named: RowLayout = {
    var layout = plain
    layout.hasNames = true
    layout.columns[2].isOptional = true
    return layout
  }()

  /// The same columns without a line of names.
  public static let plain: RowLayout = {
    var layout = RowLayout()
    (layout.delimiter, layout.quote) = (0x2C, 0x22)
    layout.columns = columns(["mrn", "last", "amount"])
    return layout
  }()

  /// `H|DATE|FACILITY`, `D|mrn|last|amount`, `T|ROWS|SUM`.
  public static let framed: RowLayout = {
    var layout = RowLayout()
    (layout.delimiter, layout.quote) = (0x7C, 0x22)
    layout.columns = columns(["kind", "mrn", "last", "amount"])
    var kinds = RowLayout.Kinds(place: .field(1))
    (kinds.header, kinds.details, kinds.trailer) = (Array("H".utf8), [Array("D".utf8)], Array("T".utf8))
    layout.kinds = kinds
    layout.carried = [RowLayout.Carried(name: "facility", place: .field(3))]
    layout.constants = [RowLayout.Constant(name: "source", value: Array("FILE".utf8))]
    layout.totals = [
      RowLayout.Total(isInHeader: false, place: .field(2), subject: .rows, text: "trailer 2"),
      RowLayout.Total(isInHeader: false, place: .field(3), subject: .sum(3), text: "trailer 3"),
    ]
    return layout
  }()

  /// A kind, six characters of mrn, eight of last, eight of amount; a trailer `T` and six digits.
  public static let fixed: RowLayout = {
    var layout = RowLayout()
    let places = [("kind", 1...1), ("mrn", 2...7), ("last", 8...15), ("amount", 16...23)]
    layout.columns = places.map { RowLayout.Column(name: $0.0, heading: $0.0, characters: $0.1) }
    var kinds = RowLayout.Kinds(place: .characters(1...1))
    kinds.trailer = Array("T".utf8)
    layout.kinds = kinds
    layout.totals = [RowLayout.Total(isInHeader: false, place: .characters(2...7), subject: .records, text: "trailer 2-7")]
    return layout
  }()
}
