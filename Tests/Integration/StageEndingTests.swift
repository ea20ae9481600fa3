import Core
import Demo
import Glibc
import Support
import Testing

/// How runs end, by the real jobs.
@Suite struct StageEndingTests {
  @Test("A stage that may not go on stops the night, which ends with its very code", arguments: ["pull", "ingest", "reconcile", "extract"], [75, 77, 78] as [Int32])
  func unmasked(stage: String, code: Int32) throws {
    let site = try TestSite()
    try TestFile.makeFolder(site.root.path("jobs"))
    for job in ["nightly", "pull", "ingest", "reconcile", "extract"] {
      let place = site.root.path("jobs/compline-" + job)
      if job == "nightly" { try site.expectExit(0, of: try Tools.run("cp", [TestSite.binary("compline-nightly"), place])) } else {
        try site.root.write("#!/bin/sh\nexit \(job == stage ? code : 0)\n", to: "jobs/compline-" + job)
        chmod(place, 0o700)
      }
    }
    let ended = try Tools.run(site.root.path("jobs/compline-nightly"), site.arguments(), environment: TestSite.environment())
    #expect(ended.exit == code)
    #expect(((try? TestFile.list(under: site.path + "/var/statements")) ?? []).allSatisfy { !$0.hasSuffix(".sig") })
  }

  @Test("A partner that turns us away is tried once a day, whatever nights are run in it") func onceADay() throws {
    guard access("/usr/sbin/sshd", X_OK) == 0 else { return }
    let site = try TestSite(), server = site.root.path("sshd")
    try site.expectExit(0, of: try Tools.run(TestSite.checkout + "/Tests/sshd", ["start", server, "\(getpid())"]))
    defer { _ = try? Tools.run(TestSite.checkout + "/Tests/sshd", ["stop", server]) }
    try site.expectExit(0, of: try Tools.run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", site.root.path("stranger")]))
    try site.root.write(try partner(site), to: "site/partners/loopback.yaml")
    let feeds = "cd \(site.path)/feeds && rm clinic-ccda.yaml south-hl7.yaml && sed -i 's|from: *{drop: *\\([^,}]*\\)|from: {sftp: loopback, path: /|' north-hl7.yaml"
    try site.expectExit(0, of: try Tools.run("sh", ["-c", feeds]))
    let first = try pull(site, TestSite.night), second = try pull(site, TestSite.night.advanced(by: 1))
    #expect(first.exit == 76 && first.errorText.contains("EXC-404") && second.exit == 76 && second.errorText.contains("EXC-409"))
    #expect(String(decoding: try site.root.read("sshd/log"), as: UTF8.self).split(separator: "\n").count { $0.contains("authenticating user") } == 1)
  }

  private func pull(_ site: TestSite, _ night: BusinessDate) throws -> ToolResult {
    try Tools.run(TestSite.binary("compline-pull"), ["--site", site.path, "--night", night.description], environment: TestSite.environment())
  }

  private func partner(_ site: TestSite) throws -> String {
    let words = String(decoding: try site.root.read("sshd/host.pub"), as: UTF8.self).split(separator: " ")
    return """
      partner: loopback
      owner: interfaces@example.invalid
      purpose: turns us away
      host: 127.0.0.1
      port: \(String(decoding: try site.root.read("sshd/port"), as: UTF8.self))user: root
      identity: {file: "\(site.root.path("stranger"))"}
      host_keys: [{key: "\(words[0]) \(words[1])", since: 2026-01-01, until: 2099-12-31}]
      revoke: ends with the test
      """
  }

  /// Everything below the site, by name and content.
  private func state(_ site: TestSite) throws -> String {
    try Tools.run("sh", ["-c", "cd \(site.path) && find . -type f | sort | xargs sha256sum"]).outputText
  }

  @Test("A dry run of a night says what it would take, changes nothing and ends 0") func dryRun() throws {
    let site = try TestSite()
    try site.lay(.first)
    let before = try state(site), said = try site.job("nightly", ["--dry-run"])
    #expect(said.exit == 0 && said.outputText.contains("north-hl7: would look below") && said.outputText.contains("  files 3: take\n  files 1: wait: still arriving\n"), "\(said.outputText)\(said.errorText)")
    #expect(said.outputText.contains("billing: would be served billing-charges@1") && !said.outputText.contains("FEED-NOT-PULLED"))
    #expect(try state(site) == before)
  }

  @Test("A dry run ends as the run would where something stands in the way", arguments: [("rm -r drops/south-hl7", 76), ("rm -r delivery/billing", 76), ("echo 'receipt: {within: 24h, format: json, from: {folder: receipts/billing}}' >> consumers/billing.yaml", 76), ("sed -i 's/until: 2099-12-31/until: 2026-03-01/' agreements/billing-baa.yaml", 3)] as [(String, Int32)])
  func dryRunOfWhatCannotEndWell(change: String, code: Int32) throws {
    let site = try TestSite()
    try site.lay(.first)
    try site.expectExit(0, of: try Tools.run("sh", ["-c", "cd \(site.path) && \(change)"]))
    #expect(try site.job("nightly", ["--dry-run"]).exit == code)
  }

  @Test("A dry run in JSON is one object a line for each stage, the last with the exit code") func dryRunInJSON() throws {
    let site = try TestSite()
    try site.lay(.first)
    let lines = try site.job("nightly", ["--dry-run", "--json"]).outputText.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
    #expect(lines.map { $0["stage"]?.string } == ["pull", "ingest", "extract", "nightly"])
    #expect(lines.last?["exit"] == 0 && lines.allSatisfy { $0["dry_run"] == true })
  }

  @Test("Every executable says its version, and a dirty or unknown build says no commit that is not its own") func versions() throws {
    for name in ["", "-pull", "-ingest", "-reconcile", "-extract", "-nightly"] {
      let said = try Tools.run(TestSite.binary("compline" + name), ["--version"], environment: TestSite.environment())
      #expect(said.exit == 0 && said.outputText == "compline\(name) 0.1.0-dev, commit not known\n", "\(said.outputText)")
    }
  }

  @Test("A dry reconcile prints the statement of the ledger and ends as it would") func dryReconcile() throws {
    let site = try TestSite()
    let said = try site.job("reconcile", ["--dry-run"])
    #expect(said.exit == 3 && said.outputText.hasPrefix("would write the statement of the ledger as it stands:\n\nNight \(TestSite.night), site demo: OPEN"))
    #expect(try TestFile.list(under: site.path + "/var/statements").isEmpty)
  }

  @Test("A container that is cut ends as a file that cannot be read does, though its first members can", arguments: ["whole.gz", "cut.gz", "whole.zip", "cut.zip"])
  func cutContainer(name: String) throws {
    let root = try TemporaryFolder()
    let script = "import gzip, sys, zipfile\nd = sys.argv[1]\nm = b'MSH|^~\\\\&|A|B|C|D|20260101||ACK^A01|1|P|2.5\\rMSA|AA|1\\r' * 9\nz = zipfile.ZipFile(d + '/whole.zip', 'w')\nz.writestr('a', m)\nz.writestr('b', m)\nz.close()\nopen(d + '/whole.gz', 'wb').write(gzip.compress(m))\nfor k, n in ('zip', 700), ('gz', 70): open(d + '/cut.' + k, 'wb').write(open(d + '/whole.' + k, 'rb').read()[:n])\n"
    try #require(try Tools.run("python3", ["-c", script, root.path]).exit == 0)
    let said = try Tools.run(TestSite.binary("compline"), ["inspect", "--json", root.path(name)], environment: TestSite.environment())
    #expect(said.exit == (name.hasPrefix("cut") ? 65 : 0))
    #expect(said.outputText.contains("CONTAINER-BROKEN") == name.hasPrefix("cut"))
  }

  @Test("Packed files are inspected member by member, named by number") func packedFiles() throws {
    let root = try TemporaryFolder()
    let script = "import gzip, sys, zipfile\nd = sys.argv[1]\nm = b'MSH|^~\\\\&|A|B|C|D|20260101||ACK^A01|1|P|2.5\\rMSA|AA|1\\r'\nz = zipfile.ZipFile(d + '/two.zip', 'w')\nz.writestr('TEST^ALPHA.hl7', m)\nz.writestr('b', m + m)\nz.close()\nopen(d + '/one.hl7.gz', 'wb').write(gzip.compress(m))\nopen(d + '/bad.zip', 'wb').write(m)\n"
    #expect(try Tools.run("python3", ["-c", script, root.path]).exit == 0)
    let said = try Tools.run(TestSite.binary("compline"), ["inspect", "--json"] + ["two.zip", "one.hl7.gz", "bad.zip"].map { root.path($0) }, environment: TestSite.environment())
    let lines = try said.outputText.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
    #expect(lines.map { $0["messages"]?.integer } == [1, 2, 1, nil] && lines.map { $0["member"]?.integer } == [1, 2, 1, nil])
    #expect(lines.last?["findings"]?.array?.first?["code"] == "CONTAINER-BROKEN" && !said.outputText.contains("TEST"))
  }
}
