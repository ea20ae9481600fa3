/// What a server answers.
enum SFTPReply: Equatable, Sendable {
  /// A status code (draft-ietf-secsh-filexfer-02, 7); its text is dropped unread, since servers put names of files there.
  case status(UInt32)
  case handle([UInt8])
  case data([UInt8])
  case names([SFTPName])
  case attributes(SFTPAttributes)
  case extended([UInt8])

  enum Code {
    static let done: UInt32 = 0, end: UInt32 = 1, missing: UInt32 = 2, denied: UInt32 = 3, failure: UInt32 = 4, badMessage: UInt32 = 5
    static let noConnection: UInt32 = 6, connectionLost: UInt32 = 7, unsupported: UInt32 = 8
  }

  /// Reads the packet behind its length: type, request id, body.
  static func read(_ fields: inout SFTPFields) throws(SFTPFault) -> (id: UInt32, reply: SFTPReply) {
    let type = try fields.byte(), id = try fields.number()
    let reply = try body(type, &fields)
    try fields.finish()
    return (id, reply)
  }

  private static func body(_ type: UInt8, _ fields: inout SFTPFields) throws(SFTPFault) -> SFTPReply {
    switch type {
    case 101: return try status(&fields)
    case 102:
      let handle = try fields.string()
      guard (1...256).contains(handle.count) else { throw .handleLength }
      return .handle(handle)
    case 103: return .data(try fields.string())
    case 104: return try names(&fields)
    case 105: return .attributes(try SFTPAttributes(reading: &fields))
    case 201: return .extended(fields.rest())
    default: throw .unknownType
    }
  }

  /// Old servers end after the code, others after the message.
  private static func status(_ fields: inout SFTPFields) throws(SFTPFault) -> SFTPReply {
    let code = try fields.number()
    for _ in 0..<2 where fields.left > 0 { try fields.skipString() }
    return .status(code)
  }

  /// Twelve bytes a name at least, so the count is bounded by the packet.
  private static func names(_ fields: inout SFTPFields) throws(SFTPFault) -> SFTPReply {
    let count = Int(try fields.number())
    guard count <= fields.left / 12 else { throw .lyingLength }
    var names: [SFTPName] = []
    names.reserveCapacity(count)
    for _ in 0..<count {
      let name = try fields.string()
      try fields.skipString()
      names.append(SFTPName(name: name, attributes: try SFTPAttributes(reading: &fields)))
    }
    return .names(names)
  }
}

/// What a server says of itself before anything is asked.
struct SFTPGreeting: Equatable, Sendable {
  private(set) var extensions: Set<String> = []

  /// Reads the VERSION packet behind its length. Servers of a later version must answer a client of version 3 in version 3.
  init(reading fields: inout SFTPFields) throws(SFTPFault) {
    guard try fields.byte() == 2, try fields.number() == 3 else { throw .version }
    while fields.left > 0 {
      let name = String(decoding: try fields.string(), as: UTF8.self), version = String(decoding: try fields.string(), as: UTF8.self)
      if Self.known.contains(where: { $0.name == name && $0.version == version }) { extensions.insert(name) }
    }
  }

  private static let known: [(name: String, version: String)] = [
    ("limits@openssh.com", "1"), ("fsync@openssh.com", "1"), ("statvfs@openssh.com", "2"),
  ]

  func offers(_ name: String) -> Bool { extensions.contains(name) }
}
