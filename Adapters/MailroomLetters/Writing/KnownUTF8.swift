extension String {
    /// A string of bytes that were put together from whole strings and ASCII, and so need no checking: that costs a
    /// tenth of a letter.
    init(knownUTF8 bytes: [UInt8]) {
        if #available(macOS 26, iOS 26, tvOS 26, watchOS 26, visionOS 26, *) {
            self.init(copying: UTF8Span(unchecked: bytes.span))
        } else {
            self.init(decoding: bytes, as: UTF8.self)
        }
    }
}
