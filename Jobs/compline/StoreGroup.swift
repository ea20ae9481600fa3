import ArgumentParser
import JobOptions
import Pipeline

struct StoreGroup: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "store", abstract: "What the site's store is built on.", subcommands: [StoreSetupCommand.self, StoreCopyCommand.self])
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

struct StoreCopyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "copy",
    abstract: "Takes the site's store over to another engine or place, and proves it by the digest.",
    discussion: """
      FILE is the site's coming site.yaml: the same site with another store. The store there is made, every row taken over in one transaction, and the \
      digests of both are compared. The site's own store stays as it is until FILE is put in the place of site.yaml. No night runs meanwhile.
      """)

  @OptionGroup var site: SiteOption

  @Option(name: .customLong("to"), help: ArgumentHelp("The coming site.yaml.", valueName: "file"))
  var file: String

  func run() throws { throw JobEnding(Compline.storeCopy(site: site.site, to: file)) }
}
