public import MailroomMIME

/// A file sent with a message.
public struct Attachment: Hashable, Sendable {
    /// The name the recipient sees.
    public var fileName: String
    /// What kind of file it is.
    public var mediaType: MediaType
    /// The file itself.
    public var content: Content
    /// The identifier that HTML shows the file by (`cid:`, RFC 2392), without angle brackets; `nil` attaches it.
    public var contentID: String?

    /// A file of these bytes. Their digest is computed here, once: build one attachment and give it to every message
    /// that carries it.
    public init(fileName: String, mediaType: MediaType, bytes: [UInt8], contentID: String? = nil) {
        self.init(fileName: fileName, mediaType: mediaType, content: Content(bytes), contentID: contentID)
    }

    package init(fileName: String, mediaType: MediaType, content: Content, contentID: String?) {
        self.fileName = fileName
        self.mediaType = mediaType
        self.content = content
        self.contentID = contentID
    }

    /// Bytes and their digest. Brokers store the bytes once for each digest, however many messages carry them.
    public struct Content: Hashable, Sendable {
        /// Names the bytes: equal digests, equal bytes.
        public let digest: SHA256Digest
        /// The file's bytes.
        public let bytes: [UInt8]

        /// Takes the bytes and computes their digest.
        public init(_ bytes: [UInt8]) {
            self.bytes = bytes
            digest = SHA256Digest(of: bytes)
        }

        /// Bytes read back from a store that has checked them in its own way.
        package init(bytes: [UInt8], digest: SHA256Digest) {
            self.bytes = bytes
            self.digest = digest
        }

        /// Whether the digests are equal.
        public static func == (one: Content, other: Content) -> Bool { one.digest == other.digest }

        /// Hashes the digest.
        public func hash(into hasher: inout Hasher) { hasher.combine(digest) }
    }
}
