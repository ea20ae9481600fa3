import Glibc

/// Whole files, for tests: small ones, read and written in one go.
public enum TestFile {
  /// The bytes of a file.
  public static func read(_ path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw TestFailure("open for reading: errno \(errno)") }
    defer { close(descriptor) }
    var out: [UInt8] = [], chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      guard count >= 0 else { throw TestFailure("read: errno \(errno)") }
      if count == 0 { return out }
      out += chunk[..<count]
    }
  }

  /// Writes a file with mode 0600, over what was there; missing folders are made (0700).
  public static func write(_ bytes: [UInt8], to path: String) throws {
    try makeFolder(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]))
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw TestFailure("open for writing: errno \(errno)") }
    defer { close(descriptor) }
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { throw TestFailure("write: errno \(errno)") }
      done += count
    }
  }

  /// Makes a folder and its parents (0700).
  public static func makeFolder(_ path: String) throws {
    var built = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      built += "/\(part)"
      guard mkdir(built, 0o700) == 0 || errno == EEXIST else { throw TestFailure("mkdir: errno \(errno)") }
    }
  }

  /// Sets access and modification time, in seconds since 1970.
  public static func setModified(_ path: String, to seconds: Int) throws {
    let time = timespec(tv_sec: seconds, tv_nsec: 0)
    guard utimensat(AT_FDCWD, path, [time, time], 0) == 0 else { throw TestFailure("utimensat: errno \(errno)") }
  }

  /// The paths of all regular files below a folder, relative to it, ascending. Symbolic links are not followed.
  public static func list(under folder: String) throws -> [String] {
    var found: [String] = [], pending = [""]
    while let place = pending.popLast() {
      for entry in try entries(of: folder + "/" + place) {
        let path = place.isEmpty ? entry.name : place + "/" + entry.name
        if entry.kind == S_IFDIR { pending.append(path) } else if entry.kind == S_IFREG { found.append(path) }
      }
    }
    return found.sorted()
  }

  /// Removes a file, or a folder with everything in it; links are removed, not followed.
  public static func remove(_ path: String) {
    for entry in (try? entries(of: path)) ?? [] {
      let inner = path + "/" + entry.name
      if entry.kind == S_IFDIR { remove(inner) } else { unlink(inner) }
    }
    _ = Glibc.remove(path)
  }

  /// What stands in a folder, with the kind of each entry (`S_IFREG`, `S_IFDIR` …).
  private static func entries(of folder: String) throws -> [(name: String, kind: mode_t)] {
    guard let stream = opendir(folder) else { throw TestFailure("opendir: errno \(errno)") }
    defer { closedir(stream) }
    var found: [(String, mode_t)] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) } }
      var status = stat()
      guard name != ".", name != "..", lstat(folder + "/" + name, &status) == 0 else { continue }
      found.append((name, status.st_mode & S_IFMT))
    }
    return found
  }
}
