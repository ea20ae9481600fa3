import Core
import Store
import Trust

/// `compline store copy`: the store of a site into another one, under the site's lock.
enum StoreCopyCommand {
  static func run(_ path: String, to file: String) throws -> ExitCode {
    let desk = try OperatorDesk(path, .export)
    let place = try coming(file, desk.site)
    let store = try SiteStores.open(desk.site, keys: try SiteStores.allKeys(desk.keys), epoch: nil)
    let tenure = try Tenure(alone: desk.site.folder.lock, job: "compline") { try store.storedEpoch() }
    // The lock goes with the tenure: it must outlive its last use by name.
    defer { withExtendedLifetime(tenure) {} }
    let digest = try store.digest()
    let rows = try StoreCopy.run(from: store, to: place)
    let copy = try SiteStore(
      at: place, siteID: desk.site.configuration.site, dictionary: desk.site.dictionary, keys: try SiteStores.allKeys(desk.keys), epoch: nil)
    guard try copy.digest() == digest else {
      throw PipelineError("PIP-410", .internalError, "the copy has another digest than the store", hint: "Keep site.yaml as it is, and report it.")
    }
    try desk.record(night: nil, outcome: .closed)
    Console.say("copied   \(rows) rows of all tables\ndigest   \(digest), the same on both\nnext     put \(file) in the place of site.yaml")
    return .closed
  }

  /// Where the coming site file says that the store is.
  private static func coming(_ file: String, _ site: Site) throws -> StorePlace {
    let coming = try SiteConfiguration.read(try DurableFile.read(PathPlace.absolute(file), maximumBytes: 1 << 20), folder: site.folder)
    guard coming.site == site.configuration.site else {
      throw PipelineError("PIP-411", .configuration, "\(file) is of another site", hint: "It differs from site.yaml in the store only.")
    }
    guard coming.store != site.configuration.store else {
      throw PipelineError("PIP-412", .usage, "\(file) names the store that the site has", hint: "Name another one under 'store'.")
    }
    return coming.store
  }
}
