/// A stream of zlib's, used again and again: making one costs more than compressing a page does.
///
/// Unchecked, because one thread has it at a time: `ZlibCompressor` hands it out and takes it back.
final class DeflateStream: @unchecked Sendable {
    private let functions: ZlibFunctions
    /// At a fixed address, which zlib remembers.
    private let stream: UnsafeMutablePointer<ZlibFunctions.Stream>

    init(_ functions: ZlibFunctions, level: Int32) throws(LibraryError) {
        self.functions = functions
        stream = .allocate(capacity: 1)
        stream.initialize(to: ZlibFunctions.Stream())
        guard functions.initialize(stream, level: level) == ZlibFunctions.ok else {
            stream.deallocate()
            throw LibraryError("zlib cannot begin to compress: no memory is left, or its version is not 1.")
        }
    }

    deinit {
        functions.end(stream)
        stream.deallocate()
    }

    func deflate(_ content: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) throws(LibraryError) {
        // What zlib counts a piece in is 32 bits wide.
        guard content.count <= 1 << 30 else { throw LibraryError("zlib is not given more than 1 GiB at once.") }
        guard functions.reset(stream) == ZlibFunctions.ok else { throw Self.failure }
        let start = output.count
        let bound = Int(functions.bound(stream, UInt(content.count)))
        output.append(contentsOf: repeatElement(0, count: bound))
        let status = output.withUnsafeMutableBufferPointer { output in
            stream.pointee.nextIn = content.baseAddress
            stream.pointee.availableIn = UInt32(content.count)
            stream.pointee.nextOut = output.baseAddress.map { $0 + start }
            stream.pointee.availableOut = UInt32(bound)
            return functions.deflate(stream, ZlibFunctions.finish)
        }
        let unused = Int(stream.pointee.availableOut)
        stream.pointee.nextIn = nil
        stream.pointee.nextOut = nil
        guard status == ZlibFunctions.streamEnd else {
            output.removeSubrange(start...)
            throw Self.failure
        }
        output.removeLast(unused)
    }

    private static let failure = LibraryError("zlib cannot compress: no memory is left.")
}
