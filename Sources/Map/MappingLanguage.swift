/// The words of the language, in the one place that the compiler, the editor's schema and the documentation agree with.
public enum MappingLanguage {
  /// Keys of a mapping file beside its entities.
  public static let headKeys = ["mapping", "version", "reads", "zone", "event_time", "owner", "why", "after", "codes", "totals", "ignore", "layout", "examples"]
  /// What only the first lines of an overlay say.
  public static let overlayKeys = ["overlays"]
  /// Keys of an entity's block.
  public static let blockKeys = [
    "subject", "main", "section", "each", "key", "absent", "set", "hold", "when", "events", "events_by_status", "events_by", "clears", "null_flavor", "negation", "repeated",
  ]
  /// Keys of an example.
  public static let exampleKeys = ["name", "given", "server", "types", "change", "replace", "expect", "does", "hold", "skipped", "findings"]
  /// Keys of a set.
  public static let setKeys = ["set", "version", "owner", "why", "mappings", "alias", "no_rows", "held"]
  /// The first words of the steps of a line.
  public static let steps = [
    "required", "default", "or absent", "or kept", "beside", "date", "time", "decimal", "integer", "money", "code", "unmapped", "ucum", "shape", "typed", "except", "mark", "suffix", "sign by",
    "trim", "upper", "lower", "join", "split", "ref", "id", "phone", "document", "narrative", "interval", "quantity",
  ]
}
