import Core
import Map

/// `compline mapping dictionary`: the newest data dictionary of a folder of mappings as a page to read. It needs no site.
enum DictionaryPrint {
  static func run(mappings: String) throws -> ExitCode {
    let library = MappingLibrary(files: try MappingFolder.collect(PathPlace.absolute(mappings)))
    Console.say(DictionaryPage.text(try DictionaryFile.newest(in: library)))
    return .closed
  }
}
