import Glibc
import Testing
import Trust

@Suite struct OpenFileTests {
  let bench = Workbench()

  @Test(.timeLimit(.minutes(1))) func aFIFOIsRefusedWithoutWaiting() {
    mkfifo(bench.file("fifo"), 0o600)
    #expect(code { _ = try OpenFile.reading(bench.file("fifo")) } == "TRU-305")
  }

  @Test(arguments: ["/dev/null", "/tmp"]) func aDeviceOrFolderIsRefused(path: String) {
    #expect(code { _ = try OpenFile.reading(path) } == "TRU-305")
  }
}
