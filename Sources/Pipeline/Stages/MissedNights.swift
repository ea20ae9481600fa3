import Core
import Trust

/// Business dates that nobody closed since the last one that was.
///
/// Each is run as it would have been at its time: with what had been written by its latest `arrival.by`, so that drops stand in the nights they
/// came for. The last night takes everything.
struct MissedNights {
  /// Oldest first; more wait for the next run.
  static let most = 31

  struct Night: Equatable {
    let date: BusinessDate
    /// What was written from this moment on belongs to a later night, in seconds since the epoch.
    let until: Int
  }

  let nights: [Night]
  /// Those that wait for the next run.
  let left: Int

  /// Like `catch-up 2 nights were missed and run first: 2026-03-08, 2026-03-09`.
  var words: String {
    let dates = nights.map(\.date.description).joined(separator: ", "), count = nights.count
    return "catch-up \(count) \(count == 1 ? "night was" : "nights were") missed and \(count == 1 ? "runs" : "run") first: \(dates)\(left > 0 ? "; \(left) more wait for the next run" : "")"
  }

  /// - Parameters:
  ///   - closed: the nights that a close has signed.
  ///   - next: the night that is due now.
  init(closed: [BusinessDate], next: BusinessDate, by due: ClockTime, in zone: ZoneRules) {
    guard let last = closed.filter({ $0 < next }).max() else {
      (nights, left) = ([], 0)
      return
    }
    let missed = (last.daysSinceEpoch + 1)..<next.daysSinceEpoch
    nights = missed.prefix(Self.most).map { day in
      let date = BusinessDate(daysSinceEpoch: day)
      return Night(date: date, until: due.moment(on: date, in: zone))
    }
    left = missed.count - nights.count
  }

  /// None where the night, or a part of the site, was asked for by name.
  static func before(_ request: StageRequest) throws -> MissedNights? {
    guard request.night == nil, request.feeds.isEmpty, request.consumers.isEmpty else { return nil }
    let site = try Site.open(request.site)
    guard let due = site.feeds.map(\.dueBy).max(by: { $0.minutes < $1.minutes }) else { return nil }
    let closed = try Folder.names(site.folder.variable + "/statements").compactMap { BusinessDate($0) }.filter {
      DurableFile.exists(site.folder.statements($0) + "/statement.json.sig")
    }
    return MissedNights(closed: closed, next: try NightChoice.resolve(nil, site: site), by: due, in: site.configuration.zone)
  }
}
