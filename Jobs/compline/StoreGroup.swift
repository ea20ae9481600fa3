import ArgumentParser
import JobOptions
import Pipeline

struct StoreGroup: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "store", abstract: "What the site's store is built on.", subcommands: [StoreSetupCommand.self])
}

struct StoreSetupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "setup",
    abstract: "Prints the roles and the schema that a PostgreSQL needs for the site, as SQL.",
    discussion: """
      For a site whose site.yaml says 'store: postgresql'. The page goes to the administrator of the database: an owner that cannot log in, one \
      role a stage that owns nothing, and their grants. It reads site.yaml only, and changes nothing.
      """)

  @OptionGroup var site: SiteOption

  func run() throws { throw JobEnding(Compline.storeSetup(site: site.site)) }
}
