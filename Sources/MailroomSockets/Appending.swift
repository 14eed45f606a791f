/// Reads once into a buffer of its own and appends what came.
func append(
    to bytes: inout [UInt8], limit: Int, _ read: (UnsafeMutableRawBufferPointer) throws(SocketError) -> Int
) throws(SocketError) -> Int {
    try withUnsafeTemporaryAllocation(byteCount: limit, alignment: 1) { buffer -> Result<Int, SocketError> in
        do throws(SocketError) {
            let count = try read(buffer)
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            return .success(count)
        } catch {
            return .failure(error)
        }
    }.get()
}
