public import Core

/// The printed dictionary: one table an entity, in Markdown. `docs/formats/dictionary.md` is this text.
public enum DictionaryPage {
  /// - Shape: lines joined by line feeds, without one at the end.
  public static func text(_ dictionary: CanonicalDictionary) -> String {
    var lines = head(dictionary)
    lines += [""] + table(["entity", "fields", "key", "FHIR R4", "a row is"], dictionary.entities.map(summary))
    for entity in dictionary.entities { lines += section(entity) }
    return lines.joined(separator: "\n")
  }

  private static func head(_ dictionary: CanonicalDictionary) -> [String] {
    [
      "# The data dictionary, version \(dictionary.version)",
      "",
      "Printed from `Mappings/canonical/\(dictionary.version).yaml` by `make docs`; change that file, not this page. The tables of the store, the sealing of",
      "columns, the lint of extracts and the types that a mapping must give all come from it.",
      "",
      "- **type**: `identifier` is a value at its assigner; `reference X` is the key of a row of X; `time` keeps the precision and the offset that were",
      "  sent; `money USD` is exact to the cent.",
      "- **class** decides which key seals a field and which agreement permits it: \(DataClass.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")).",
      "  Numbers, dates and amounts of the classes financial and operational stand open, so that sums need no key.",
      "- **key**: the fields that name a row, in this order. A number that senders may give out again names a row only together with its patient.",
      "- **codes, unit**: the system that a code is drawn from, or the field that holds it (`sender`: each sender's own); the UCUM unit of a number.",
      "- **(b)(2)(i)**: the identifier of 45 CFR 164.514(b)(2)(i) that the field falls under, A to R. Free text may hold any of them: see its class.",
      "  A key may hold the number of the patient too, where a sender gives none of its own: what an extract may carry is decided by the class alone.",
    ]
  }

  private static func summary(_ entity: CanonicalEntity) -> [String] {
    ["[\(entity.name)](#\(entity.name))", String(entity.fields.count), entity.keyNames.joined(separator: ", "), entity.fhir, entity.note]
  }

  private static func section(_ entity: CanonicalEntity) -> [String] {
    let rows = entity.fields.map { field in
      [
        field.isKey ? "**\(field.name)**" : field.name, type(field.kind), field.dataClass.rawValue, codes(field), field.fhir, hipaa(field), field.note,
      ]
    }
    return ["", "## \(entity.name)", "", "\(entity.note) FHIR: \(entity.fhir). Key: \(entity.keyNames.joined(separator: ", ")).", ""]
      + table(["field", "type", "class", "codes, unit", "FHIR R4 element", "(b)(2)(i)", "note"], rows)
  }

  private static func type(_ kind: CanonicalField.Kind) -> String {
    switch kind {
    case .text: "text"
    case .identifier: "identifier"
    case .date: "date"
    case .time: "time"
    case .decimal: "decimal"
    case .integer: "integer"
    case .money(let currency): "money \(currency)"
    case .code: "code"
    case .boolean: "boolean"
    case .reference(let entity): "reference \(entity)"
    }
  }

  private static func codes(_ field: CanonicalField) -> String {
    [field.codeSystem, field.unit].compactMap { origin in
      switch origin {
      case .named(let name): name
      case .field(let name): "in \(name)"
      case nil: nil
      }
    }.joined(separator: ", ")
  }

  /// The letter by which the regulation counts.
  private static func hipaa(_ field: CanonicalField) -> String {
    field.hipaa.map { String(UnicodeScalar(UInt8(0x40 + $0))) } ?? ""
  }

  /// Columns are padded, so that the page reads as text too.
  private static func table(_ head: [String], _ rows: [[String]]) -> [String] {
    let widths = head.indices.map { column in ([head] + rows).map { $0[column].count }.max() ?? 0 }
    func line(_ cells: [String]) -> String {
      "| " + zip(cells, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: " | ") + " |"
    }
    return [line(head), "|" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "|") + "|"] + rows.map(line)
  }
}
