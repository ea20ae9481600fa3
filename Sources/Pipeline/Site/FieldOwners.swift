import Core
import Map
import Store

/// `owns: {patient: [phone, email]}` of a feed: what other feeds say of these fields is not taken.
struct OwnedField: Sendable {
  var entity: String
  var field: String
  /// Where it is written.
  var place: OutlineNode

  static func list(_ root: OutlineNode) throws(ConfigurationError) -> [OwnedField] {
    guard let block = root["owns"] else { return [] }
    var owned: [OwnedField] = []
    for entry in block.entries {
      let names = try block.texts(entry.key, code: "CFG-227")
      for (number, name) in names.enumerated() { owned.append(OwnedField(entity: entry.key, field: name, place: entry.value.items?[number] ?? entry.value)) }
    }
    guard !owned.isEmpty else { throw ConfigurationError("CFG-227", "'owns' names no field", hint: "owns: {patient: [phone, email]}", at: block) }
    return owned
  }

  /// Entity and field by their numbers.
  ///
  /// - Throws: CFG-227 for what is no field, and for one that no feed can own: keys and links say which row it is.
  func numbers(in dictionary: CanonicalDictionary) throws(ConfigurationError) -> (entity: Int, field: Int) {
    guard let number = dictionary.index(of: entity) else {
      throw ConfigurationError("CFG-227", "'\(entity)' is no entity", hint: "Legal: \(dictionary.entities.map(\.name).joined(separator: ", ")).", at: place)
    }
    let known = dictionary.entities[number], legal = known.fields.filter { !$0.isKey && !["replaced_by", "replaced_as"].contains($0.name) }.map(\.name)
    guard legal.contains(field), let place = known.index(of: field) else {
      throw ConfigurationError("CFG-227", "'\(field)' of '\(entity)' cannot be owned", hint: "Legal: \(legal.joined(separator: ", ")).", at: place)
    }
    return (number, place)
  }
}

extension Site {
  /// Refuses fields that nobody can own, and those that two feeds own: then neither would be right.
  static func checkOwners(_ feeds: [FeedFile], _ dictionary: CanonicalDictionary) throws(ConfigurationError) {
    var owners: [String: String] = [:]
    for feed in feeds {
      for owned in feed.owns {
        _ = try owned.numbers(in: dictionary)
        let name = "\(owned.entity).\(owned.field)"
        if let other = owners[name] {
          throw ConfigurationError("CFG-228", "'\(name)' is owned by '\(other)' too", hint: "Let one feed own it.", at: owned.place)
        }
        owners[name] = feed.name
      }
    }
  }

  /// What the site's files say of fields and numbers, for what a feed sends.
  func loadRules(of feed: FeedFile) throws(ConfigurationError) -> LoadRules {
    var rules = LoadRules(checkDigits: configuration.checkDigits)
    for other in feeds where other.name != feed.name {
      for owned in other.owns {
        let numbers = try owned.numbers(in: dictionary)
        rules.foreign[numbers.entity, default: []].insert(numbers.field)
      }
    }
    return rules
  }
}
