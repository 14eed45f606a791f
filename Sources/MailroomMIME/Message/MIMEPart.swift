/// A body part that is attached to a message or shown within it.
public struct MIMEPart: Hashable, Sendable {
    /// The name offered for saving, in any script; `nil` for none.
    public var fileName: String?
    /// What kind of content ``bytes`` are.
    public var mediaType: MediaType
    /// The content, as it is before any encoding.
    public var bytes: [UInt8]
    /// The name by which HTML refers to the part (`cid:…`), without angle brackets; the part is shown inline when set.
    public var contentID: String?

    /// Makes a part. The bytes are not looked at before writing.
    public init(
        fileName: String? = nil, mediaType: MediaType = .octetStream, bytes: [UInt8], contentID: String? = nil
    ) {
        self.fileName = fileName
        self.mediaType = mediaType
        self.bytes = bytes
        self.contentID = contentID
    }
}
