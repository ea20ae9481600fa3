import Core
import Map
import Store
import Trust

/// Opens a site's store with no more keys than the caller needs.
enum SiteStores {
  /// - Parameter epoch: the run's, or nil for reading only.
  static func open(_ site: Site, keys: StoreKeys, epoch: Int?) throws -> SiteStore {
    try SiteStore(at: site.configuration.store, siteID: site.configuration.site, dictionary: site.dictionary, keys: keys, epoch: epoch)
  }

  /// Ingest, digest and export work on every class.
  static func allKeys(_ keys: KeyDirectory) throws -> StoreKeys {
    StoreKeys(columns: try columns(Set(DataClass.allCases), keys), index: try keys.load(.index))
  }

  /// Extract gets the classes that its specifications name and no index key.
  static func keys(for classes: Set<DataClass>, _ keys: KeyDirectory) throws -> StoreKeys {
    StoreKeys(columns: try columns(classes, keys), index: nil)
  }

  private static func columns(_ classes: Set<DataClass>, _ keys: KeyDirectory) throws -> [DataClass: SecretKey] {
    var columns: [DataClass: SecretKey] = [:]
    for kind in classes { columns[kind] = try keys.load(.column(kind)) }
    return columns
  }
}
