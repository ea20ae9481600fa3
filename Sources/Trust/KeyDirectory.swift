internal import Core
internal import Glibc

/// The file provider of keys: a folder of mode 0700 beside the site, one file a key.
///
/// A file of the same name in `$CREDENTIALS_DIRECTORY` (systemd's `LoadCredential=`) wins. Keys never travel in arguments or environment.
public struct KeyDirectory: Sendable {
  /// Without links.
  public let path: String
  private let credentials: String?
  /// Stands in a folder whose keys are still being made.
  private static let unfinished = ".unfinished"

  /// Opens the folder; no key is read yet.
  ///
  /// - Throws: TRU-101 when it is missing, TRU-102 when it lies inside the site, TRU-103 when others may enter it. All exit 77.
  public init(at path: String, refusedInside sitePath: String) throws(TrustError) {
    self.path = try Self.outside(path, sitePath)
    credentials = unsafe getenv("CREDENTIALS_DIRECTORY").map { unsafe String(cString: $0) }
    var status = stat()
    if unsafe stat(self.path, &status) != 0 {
      if credentials != nil { return }
      throw .key(101, self.path, "the key directory is missing", hint: "Run `compline init`, or name the directory with --keys.")
    }
    try Self.checkFolder(self.path, status)
    if DurableFile.exists(self.path + "/" + Self.unfinished) {
      throw .key(110, self.path, "the keys were not all made", hint: "Run `compline init` again; it completes them.")
    }
  }

  /// Makes the folder and every key in it, and the public halves.
  ///
  /// Safe against kills: a folder left half made is completed by the next call.
  /// - Throws: TRU-104 when a finished folder already holds a key; keys are never replaced.
  @discardableResult
  public static func create(at path: String, outside sitePath: String) throws(TrustError) -> KeyDirectory {
    let folder = try outside(path, sitePath)
    try DurableFile.makeDirectory(folder, mode: 0o700)
    var status = stat()
    guard unsafe stat(folder, &status) == 0 else { throw .system("stat", folder) }
    try checkFolder(folder, status)
    let marker = folder + "/" + unfinished
    if !DurableFile.exists(marker) {
      for name in KeyName.all where DurableFile.exists(folder + "/" + name.fileName) {
        throw .key(104, name.fileName, "exists already", hint: "Keys are never replaced: what they sealed would be lost. Choose another directory.")
      }
      try DurableFile.write([], to: marker, mode: 0o600)
    }
    try DurableFile.removeStaleTemporaries(in: folder)
    for name in KeyName.all { try make(name, in: folder) }
    try DurableFile.remove(marker)
    return try KeyDirectory(at: folder, refusedInside: sitePath)
  }

  private static func make(_ name: KeyName, in folder: String) throws(TrustError) {
    let path = folder + "/" + name.fileName
    if !DurableFile.exists(path) { try write(try SecretKey.random(), to: path) }
    guard let publicName = name.publicFileName else { return }
    let key = try KeyFile.load(path, named: name.fileName)
    let text = name.kind == .agreement ? Hex.text(try AgreementPublicKey(of: key).bytes) + "\n" : try SigningKey(key).verifyingKey.pem
    try DurableFile.write(Array(text.utf8), to: folder + "/" + publicName, mode: 0o644)
  }

  private static func write(_ key: SecretKey, to path: String) throws(TrustError) {
    var text = KeyFile.text(of: key)
    defer { Wipe.clear(&text) }
    try DurableFile.write(text, to: path, mode: 0o600)
  }

  /// The private or symmetric key of that name.
  ///
  /// - Throws: TRU-101 missing, TRU-105 not a regular file, TRU-106 owner, TRU-107 mode, TRU-108 length or content; each names the file and what to do. Exit 77.
  public func load(_ name: KeyName) throws(TrustError) -> SecretKey {
    try KeyFile.load(place(of: name.fileName), named: name.fileName)
  }

  /// The public half that drops are sealed to; needs no private key.
  public func spoolPublicKey() throws(TrustError) -> AgreementPublicKey {
    let bytes = try KeyFile.publicBytes(place(of: "spool.pub"), named: "spool.pub")
    guard let text = String(validating: bytes, as: UTF8.self), text.hasSuffix("\n"), let raw = Hex.bytes(String(text.dropLast())),
      let key = AgreementPublicKey(bytes: raw)
    else {
      throw .key(108, "spool.pub", "does not hold a public key", hint: "Take it from the key directory of the site again.")
    }
    return key
  }

  /// A signing key: `.manifestSigning`, `.statementSigning` or `.auditSigning`.
  public func signingKey(_ name: KeyName) throws(TrustError) -> SigningKey { try SigningKey(try load(name)) }

  /// The public half of a signing key; needs no private key.
  public func verifyingKey(_ name: KeyName) throws(TrustError) -> VerifyingKey {
    let file = name.publicFileName ?? name.fileName
    return try VerifyingKey(pem: String(decoding: try KeyFile.publicBytes(place(of: file), named: file), as: UTF8.self))
  }

  /// What `check` says of each private key: the error, or nil when it may be loaded.
  public func faults() -> [(name: KeyName, fault: TrustError)] {
    var faults: [(name: KeyName, fault: TrustError)] = []
    for name in KeyName.all {
      do throws(TrustError) { _ = try load(name) } catch { faults.append((name, error)) }
    }
    return faults
  }

  private func place(of file: String) -> String {
    if let credentials, DurableFile.exists(credentials + "/" + file) { return credentials + "/" + file }
    return path + "/" + file
  }

  private static func outside(_ path: String, _ sitePath: String) throws(TrustError) -> String {
    guard let keys = PathText.resolved(path) else {
      throw .key(101, path, "the folder above the key directory is missing", hint: "Make it, or name another directory with --keys.")
    }
    if let site = PathText.resolved(sitePath), PathText.isInside(keys, site) {
      throw .key(102, path, "the key directory lies inside the site", hint: "Keep keys beside the site: a copy of the site must never hold them.")
    }
    return keys
  }

  private static func checkFolder(_ path: String, _ status: stat) throws(TrustError) {
    guard status.st_mode & S_IFMT == S_IFDIR else { throw .key(103, path, "is not a directory", hint: "Name a directory with --keys.") }
    guard status.st_uid == geteuid() || status.st_uid == 0 else {
      throw .key(103, path, "belongs to another account", hint: "chown it to the account that runs the night.")
    }
    guard status.st_mode & 0o077 == 0 else { throw .key(103, path, "others may enter it", hint: "chmod 700 \(path)") }
  }
}

/// One key file: 64 hexadecimal digits in lower case and at most one line feed.
enum KeyFile {
  static func text(of key: SecretKey) -> [UInt8] {
    var raw = key.exposed()
    defer { Wipe.clear(&raw) }
    return Array(Hex.text(raw).utf8) + [0x0A]
  }

  /// Checks are made on the open file, so that nothing can change between look and read.
  static func load(_ path: String, named name: String) throws(TrustError) -> SecretKey {
    let file = try open(path, name)
    let status = try file.status()
    guard status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 else {
      throw .key(105, name, "is not a plain file with one name", hint: "Replace links by the file itself.")
    }
    guard status.st_uid == geteuid() || status.st_uid == 0 else {
      throw .key(106, name, "belongs to another account", hint: "chown it to the account that runs the night.")
    }
    guard status.st_mode & 0o077 == 0 else { throw .key(107, name, "others may read it", hint: "chmod 600 \(path); if others could read it, make new keys.") }
    guard status.st_size == 64 || status.st_size == 65 else { throw wrongContent(name) }
    var text = try file.read(upTo: 65)
    defer { Wipe.clear(&text) }
    if text.last == 0x0A { text.removeLast() }
    guard text.count == 64, var raw = hexBytes(text), let key = SecretKey(taking: &raw) else { throw wrongContent(name) }
    return key
  }

  static func publicBytes(_ path: String, named name: String) throws(TrustError) -> [UInt8] {
    let file = try open(path, name)
    let status = try file.status()
    guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= 4096 else { throw wrongContent(name) }
    guard status.st_mode & 0o022 == 0 else { throw .key(107, name, "others may write it", hint: "chmod 644 \(path)") }
    return try file.read(upTo: Int(status.st_size))
  }

  private static func open(_ path: String, _ name: String) throws(TrustError) -> OpenFile {
    // O_NONBLOCK: a FIFO in the place of a key must not hang the night.
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    if descriptor >= 0 { return OpenFile(adopting: descriptor, place: path) }
    switch errno {
    case ENOENT: throw .key(101, name, "is missing", hint: "It lies in the folder that site.yaml names under keys, or comes as a credential (CREDENTIALS_DIRECTORY). Restore it from the backup of the keys.")
    case ELOOP: throw .key(105, name, "is a symbolic link", hint: "Replace the link by the file itself.")
    case EACCES: throw .key(106, name, "may not be read by this account", hint: "Run the stage under the account that owns the key.")
    default: throw .system("open", path)
    }
  }

  private static func wrongContent(_ name: String) -> TrustError {
    .key(108, name, "does not hold a key (64 hexadecimal digits)", hint: "Restore it from the backup of the key directory.")
  }

  /// Not `Hex.bytes`: no copy of the key may stay behind in a text.
  private static func hexBytes(_ text: [UInt8]) -> [UInt8]? {
    var out: [UInt8] = []
    out.reserveCapacity(32)
    for index in stride(from: 0, to: text.count, by: 2) {
      guard let high = nibble(text[index]), let low = nibble(text[index + 1]) else { return nil }
      out.append(high << 4 | low)
    }
    return out
  }

  private static func nibble(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }
}
