public import Core

/// A code set's file, `Mappings/codes/<id>/<version>.csv`.
public enum CodeSetFile {
  /// Reads it whole, as a mapping that names it would.
  ///
  /// - file: how errors name it.
  /// - Throws: `ConfigurationError` MAP-15x with file and line.
  public static func check(_ bytes: [UInt8], name: String, file: String) throws(ConfigurationError) {
    guard try !CodeSet.read(bytes, name: name, file: file).rows.isEmpty else {
      throw ConfigurationError("MAP-150", "the code set has no line", hint: "A line like 'F,female,equivalent,,,steward' below the header.", file: file)
    }
  }
}
