internal import Synchronization

/// What makes a document's streams smaller: to the zlib format (RFC 1950), which PDF calls `FlateDecode`.
///
///     let document = PDFDocument(properties, compressor: PDFCompressor { content, output in
///         output = try deflate(content)
///     })
///
/// The same content must give the same output, or the same calls no longer give the same octets.
public struct PDFCompressor: Sendable {
    /// Every compressor made has a number of its own, so that what one has compressed can be kept for it alone.
    let number: Int
    private static let made = Atomic<Int>(0)
    private let compress: @Sendable (_ content: UnsafeBufferPointer<UInt8>, _ output: inout [UInt8]) throws -> Void

    /// Makes a compressor of a function.
    ///
    /// - Parameter compress: appends the compressed content to an output that is empty, but keeps its room from
    ///   one stream to the next. What it throws ends the document, with `PDFError` code `.compressionFailed`.
    public init(
        _ compress: @escaping @Sendable (_ content: UnsafeBufferPointer<UInt8>, _ output: inout [UInt8]) throws -> Void
    ) {
        self.compress = compress
        number = Self.made.wrappingAdd(1, ordering: .relaxed).newValue
    }

    /// The compressed content.
    func callAsFunction(_ content: [UInt8]) throws(PDFError) -> [UInt8] {
        var output: [UInt8] = []
        try content.withUnsafeBufferPointer { buffer throws(PDFError) in try self(buffer, into: &output) }
        return output
    }

    /// Puts the compressed content in the place of what the output holds.
    func callAsFunction(_ content: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) throws(PDFError) {
        output.removeAll(keepingCapacity: true)
        do { try compress(content, &output) } catch { throw .compressionFailed("\(error)") }
    }
}
