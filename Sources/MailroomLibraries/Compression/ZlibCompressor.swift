import Synchronization

/// Makes bytes smaller, to the zlib format (RFC 1950), by the system's zlib, which is loaded at run time.
///
///     let zlib = try ZlibCompressor()
///     var smaller: [UInt8] = []
///     try bytes.withUnsafeBufferPointer { try zlib.compress($0, into: &smaller) }
///
/// The same bytes and level give the same result wherever the same version of zlib is. May be used from many threads at
/// once; what zlib needs to work is kept between calls, one of it for each thread that compresses at the same moment.
public struct ZlibCompressor: Sendable {
    private let functions: ZlibFunctions
    private let level: Int32
    private let idle = IdleStreams()

    /// Loads zlib.
    ///
    /// - Parameter level: from 1, the fastest, to 9, the smallest.
    /// - Throws: where the system has no zlib, naming the package to install.
    public init(level: Int = 6) throws(LibraryError) {
        guard (1...9).contains(level) else { throw LibraryError("The level \(level) of zlib is not from 1 to 9.") }
        self.level = Int32(level)
        functions = try ZlibFunctions.load()
    }

    /// Appends the compressed bytes to `output`.
    ///
    /// - Throws: where zlib has no memory left to work with; `output` is then as it was.
    public func compress(_ content: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) throws(LibraryError) {
        let stream: DeflateStream
        if let kept = idle.take() { stream = kept } else { stream = try DeflateStream(functions, level: level) }
        try stream.deflate(content, into: &output)
        // A stream that failed is not used again.
        idle.give(back: stream)
    }
}

/// Streams that no thread uses at the moment.
private final class IdleStreams: Sendable {
    private let streams = Mutex<[DeflateStream]>([])

    func take() -> DeflateStream? { streams.withLock { $0.popLast() } }

    func give(back stream: DeflateStream) { streams.withLock { $0.append(stream) } }
}
