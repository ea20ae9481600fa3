import Core
import Store
import Trust

/// `compline store setup`: what the administrator of a PostgreSQL runs once for a site. It reads `site.yaml` only, and changes nothing.
enum StoreSetup {
  static func run(_ path: String) throws -> ExitCode {
    let folder = try SiteFolder(path)
    let settings = try SiteConfiguration.read(try DurableFile.read(folder.configuration, maximumBytes: 1 << 20), folder: folder)
    guard case .postgresql(let place, _) = settings.store else {
      Console.say("The store of this site is a file of SQLite. It needs no setup.")
      return .closed
    }
    Console.say(PostgresSetup(place).page)
    return .closed
  }
}
