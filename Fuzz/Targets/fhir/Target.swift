import Harness

@_cdecl("LLVMFuzzerTestOneInput") public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  Harness.fhir(UnsafeBufferPointer(start: data, count: size))
  return 0
}

@_cdecl("LLVMFuzzerCustomMutator") public func mutate(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ limit: Int, _ seed: UInt32) -> Int {
  Mutator.mutate(data, size, limit: limit, seed: seed, .fhir)
}
