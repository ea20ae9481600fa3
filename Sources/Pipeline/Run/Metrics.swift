import Core
import Reconcile
import Trust

/// `var/metrics/compline.prom`: Prometheus text, counts only, written at the close.
enum Metrics {
  static func write(_ judgement: Judgement, waiting: (drop: BusinessDate?, delivery: BusinessDate?), to path: String) throws {
    var text = ""
    gauge(&text, "compline_last_close_timestamp_seconds", "When the last night was closed.", [("", Clock.secondsSinceEpoch())])
    gauge(&text, "compline_oldest_unread_drop_timestamp_seconds", "The night of the oldest drop that was pulled and not loaded; no sample where there is none.", midnight(waiting.drop))
    gauge(
      &text, "compline_oldest_unacknowledged_delivery_timestamp_seconds", "The night of the oldest delivery that expects a receipt and has none; no sample where there is none.",
      midnight(waiting.delivery))
    let late = judgement.consumers.map { ("{consumer=\"\($0.consumer)\"}", $0.ledger?.overdue.count ?? 0) }
    gauge(&text, "compline_receipts_overdue", "Deliveries whose receipt is overdue, by consumer.", late)
    gauge(&text, "compline_night_state", "State of the last night: 0 closed, 1 closed with breaks, 2 open.", [("", number(judgement.state))])
    gauge(&text, "compline_breaks", "Breaks of the last night.", [("", judgement.breaks.count)])
    gauge(&text, "compline_exceptions", "Exceptions of the last night.", [("", judgement.exceptions.values.reduce(0, +))])
    let messages = judgement.feeds.flatMap { feed in
      Disposition.allCases.map { ("{feed=\"\(feed.feed)\",disposition=\"\($0.rawValue)\"}", feed.intake.tally[$0]) }
    }
    gauge(&text, "compline_messages", "Messages of the last night by feed and disposition.", messages)
    let rows = judgement.consumers.flatMap { item in
      [("{consumer=\"\(item.consumer)\",outcome=\"sent\"}", item.ledger?.sent ?? 0), ("{consumer=\"\(item.consumer)\",outcome=\"withheld\"}", item.ledger?.withheld.values.reduce(0, +) ?? 0)]
    }
    gauge(&text, "compline_extract_rows", "Rows of the last night by consumer and outcome.", rows)
    try Folder.make(String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.endIndex)))
    try DurableFile.write(Array(text.utf8), to: path, mode: 0o644)
  }

  private static func midnight(_ night: BusinessDate?) -> [(labels: String, value: Int)] { night.map { [("", $0.daysSinceEpoch * 86_400)] } ?? [] }

  private static func number(_ state: NightState) -> Int {
    switch state {
    case .closed: 0
    case .closedWithBreaks: 1
    case .open: 2
    }
  }

  private static func gauge(_ text: inout String, _ name: String, _ help: String, _ samples: [(labels: String, value: Int)]) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) gauge\n"
    for sample in samples { text += "\(name)\(sample.labels) \(sample.value)\n" }
  }
}
