import Core

extension NodeCoverage {
  /// Adds what was counted since `begin`.
  func write(into tally: inout FeedTally) {
    forEachRare { tally.sights[$0, default: .init()].merge($1) }
    for place in touched.map({ Int($0) }) {
      let (item, sight) = self.place(place)
      var whole = sight
      whole.lengths = cells[place].counts.sight.lengths
      tally.sights[item, default: .init()].merge(whole)
      forEachCode(of: place, item) { tally.sights[$0, default: .init()].merge($1) }
    }
  }

  /// Writes the same in the form of the wire, without a table in between; gives the number of items. Each item stands once.
  func write(to writer: inout ByteWriter) -> Int {
    var count = touched.count
    func put(_ item: FeedTally.Item, _ sight: FeedTally.Sight) {
      count += 1
      item.write(to: &writer)
      sight.write(to: &writer)
    }
    forEachRare(put)
    for place in touched.map({ Int($0) }) {
      let (item, sight) = self.place(place)
      item.write(to: &writer)
      sight.write(to: &writer, lengths: cells[place].counts.lengths)
      forEachCode(of: place, item, put)
    }
    return count
  }

  /// Sections and their templates.
  private func forEachRare(_ body: (FeedTally.Item, FeedTally.Sight) -> Void) {
    for (code, seen) in sections {
      var sight = FeedTally.Sight()
      (sight.messages, sight.occurrences, sight.most) = (seen.messages, seen.occurrences, seen.most)
      body(.init(.part, scope: "document", path: code), sight)
    }
    for (code, counts) in templates {
      counts.forEach { body(.init(.code, scope: code, path: "h:section/h:templateId/@root", value: $0), $1) }
    }
  }

  /// A place with its fate, without the lengths.
  private func place(_ number: Int) -> (FeedTally.Item, FeedTally.Sight) {
    let place = places.list[number]
    var sight = cells[number].counts.counts
    if isRead(number) {
      sight.fate = .read
    } else if let line = rules.ignored.first(where: { readers.contains($0.mapping) && Self.covers($0.path, place.path) }) {
      (sight.fate, sight.reason) = (.ignored, line.reason)
    }
    sight.isOpen = cells[number].codes?.isOpen ?? false
    return (FeedTally.Item(.field, scope: place.scope, path: place.path), sight)
  }

  private func forEachCode(of place: Int, _ item: FeedTally.Item, _ body: (FeedTally.Item, FeedTally.Sight) -> Void) {
    cells[place].codes?.forEach { body(.init(.code, scope: item.scope, path: item.path, value: $0), $1) }
  }

  /// A line of `ignore:` names an element or attribute by the end of its path; what is below an element goes with it.
  private static func covers(_ line: String, _ path: String) -> Bool {
    let line = line.hasPrefix("//") ? String(line.dropFirst(2)) : line
    return ("/" + path + "/").utf8.contains(subsequence: "/" + line + "/")
  }
}

extension String.UTF8View {
  fileprivate func contains(subsequence text: String) -> Bool {
    let wanted = Array(text.utf8), own = Array(self)
    guard wanted.count <= own.count else { return false }
    return (0...(own.count - wanted.count)).contains { own[$0..<($0 + wanted.count)].elementsEqual(wanted) }
  }
}
