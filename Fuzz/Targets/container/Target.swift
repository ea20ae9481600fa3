import Harness

@_cdecl("LLVMFuzzerTestOneInput") public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  Harness.container(UnsafeBufferPointer(start: data, count: size))
  return 0
}
