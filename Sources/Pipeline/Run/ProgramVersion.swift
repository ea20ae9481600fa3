import Core
import Trust

/// What program this is: the version of its source, and the commit where the build wrote it down for exactly this executable.
public enum ProgramVersion {
  /// Semantic Versioning; CHANGELOG.md says what is in it.
  public static let number = "0.1.0-dev"
  private static let maximumBytes = 1 << 29

  /// Like `compline-pull 0.1.0-dev, commit 0b1c…`; no clock and no machine is in it.
  public static func text(of job: String) -> String {
    let folder = String(Installation.path(of: "").dropLast())
    guard let record = try? DurableFile.read(folder + "/compline.commit", maximumBytes: 1 << 16), let own = try? digest(of: folder + "/" + job),
      let commit = commit(in: String(decoding: record, as: UTF8.self), of: job, digest: own)
    else { return "\(job) \(number), commit not known" }
    return "\(job) \(number), commit \(commit)"
  }

  /// The first line of a record names the commit, each further one an executable, as sha256sum prints it. Nil where the executable is another one:
  /// it was built anew since.
  static func commit(in record: String, of job: String, digest: String) -> String? {
    let lines = record.split(separator: "\n")
    guard let first = lines.first, lines.dropFirst().contains(where: { $0 == "\(digest)  \(job)" }) else { return nil }
    let isPlain = first.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D }
    return isPlain && first.utf8.count <= 64 ? String(first) : nil
  }

  private static func digest(of path: String) throws -> String { Hex.text(try OpenSSLHash.digest(try DurableFile.read(path, maximumBytes: maximumBytes))) }
}
