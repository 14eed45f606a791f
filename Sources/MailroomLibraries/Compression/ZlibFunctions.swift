/// The functions of zlib that compress (zlib.h).
///
/// Unchecked, because it holds nothing but addresses of functions in a library that stays loaded; what they write to is
/// each call's own.
struct ZlibFunctions: @unchecked Sendable {
    /// `z_stream`, its fields in C's order and types.
    struct Stream {
        var nextIn: UnsafePointer<UInt8>?
        var availableIn: UInt32 = 0
        var totalIn: UInt = 0
        var nextOut: UnsafeMutablePointer<UInt8>?
        var availableOut: UInt32 = 0
        var totalOut: UInt = 0
        var message: UnsafePointer<CChar>?
        var state: OpaquePointer?
        var allocate: OpaquePointer?
        var free: OpaquePointer?
        var opaque: OpaquePointer?
        var dataType: Int32 = 0
        var adler: UInt = 0
        var reserved: UInt = 0
    }

    static let ok: Int32 = 0
    static let streamEnd: Int32 = 1
    static let finish: Int32 = 4

    private typealias Initialize =
        @convention(c) (
            UnsafeMutableRawPointer?, Int32, Int32, Int32, Int32, Int32, UnsafePointer<CChar>?, Int32
        ) -> Int32
    private typealias Call = @convention(c) (UnsafeMutableRawPointer?) -> Int32
    private typealias Flush = @convention(c) (UnsafeMutableRawPointer?, Int32) -> Int32
    private typealias Bound = @convention(c) (UnsafeMutableRawPointer?, UInt) -> UInt

    private let initializeFunction: Initialize
    private let resetFunction: Call
    private let endFunction: Call
    private let deflateFunction: Flush
    private let boundFunction: Bound
    private static let kept = Kept<ZlibFunctions>()

    static func load() throws(LibraryError) -> ZlibFunctions {
        try kept.get { () throws(LibraryError) in
            try ZlibFunctions(SharedLibrary(["libz.so.1", "libz.1.dylib"], package: "zlib1g"))
        }
    }

    private init(_ library: SharedLibrary) throws(LibraryError) {
        initializeFunction = try library.function("deflateInit2_")
        resetFunction = try library.function("deflateReset")
        endFunction = try library.function("deflateEnd")
        deflateFunction = try library.function("deflate")
        boundFunction = try library.function("deflateBound")
    }

    /// Begins the zlib format with a window of 32 KiB (15 bits) and zlib's usual memory (8).
    func initialize(_ stream: UnsafeMutablePointer<Stream>, level: Int32) -> Int32 {
        // zlib compares the version's first figure and the size of z_stream with its own.
        initializeFunction(stream, level, 8, 15, 8, 0, "1.2.11", Int32(MemoryLayout<Stream>.size))
    }

    func reset(_ stream: UnsafeMutablePointer<Stream>) -> Int32 { resetFunction(stream) }

    func end(_ stream: UnsafeMutablePointer<Stream>) { _ = endFunction(stream) }

    func deflate(_ stream: UnsafeMutablePointer<Stream>, _ flush: Int32) -> Int32 { deflateFunction(stream, flush) }

    func bound(_ stream: UnsafeMutablePointer<Stream>, _ length: UInt) -> UInt { boundFunction(stream, length) }
}
