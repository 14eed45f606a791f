/// A message or a part of one, as read: a header and a body (RFC 2045 §2.4).
///
/// Reading never fails: what is malformed is understood as far as it can be and otherwise taken as text. Nothing in an
/// entity may be trusted: anyone can write anything into a message.
public struct Entity: Sendable {
    /// A field of the header as it stands there, unfolded, encoded words not decoded.
    public struct Field: Hashable, Sendable {
        /// The name as written.
        public let name: String
        /// The value without the blanks around it. What is not UTF-8 is read as windows-1252.
        public let value: String
    }

    /// The header in order.
    public let fields: [Field]
    /// The media type with its parameters decoded; `text/plain` where it is missing or malformed (RFC 2045 §5.2).
    public let contentType: MediaType
    /// The parts of a multipart, or the message within a `message/rfc822`.
    public let parts: [Entity]
    /// The content, its transfer encoding undone; empty for a multipart with parts.
    public let body: [UInt8]
    /// `inline`, `attachment` or another word in small letters (RFC 2183); `nil` for none.
    public let disposition: String?
    /// The name offered for saving, without folders and controls.
    public let fileName: String?
    /// The Content-ID without angle brackets.
    public let contentID: String?
    /// Whether a limit kept the reader from reading all of it, parts included.
    public let isTruncated: Bool

    /// Reads a message; line endings may be CRLF or LF.
    public init(parsing bytes: [UInt8], limits: ReaderLimits = .standard) {
        self = bytes.withUnsafeBufferPointer { buffer in
            var reading = EntityReading(limits)
            return reading.entity(buffer, 0..<buffer.count, depth: 0, inDigest: false)
        }
    }

    init(
        fields: [Field], contentType: MediaType, parts: [Entity], body: [UInt8], disposition: String?,
        fileName: String?, contentID: String?, isTruncated: Bool
    ) {
        self.fields = fields
        self.contentType = contentType
        self.parts = parts
        self.body = body
        self.disposition = disposition
        self.fileName = fileName
        self.contentID = contentID
        self.isTruncated = isTruncated
    }

    /// The first field of that name, letter case aside, encoded words decoded and controls made blanks; `nil` for none.
    public func first(_ name: String) -> String? {
        raw(name).map { EncodedWordReading.decoded($0.value) }
    }

    /// All fields of that name in order, as ``first(_:)`` gives them.
    public func all(_ name: String) -> [String] {
        fields.filter { ASCII.equalIgnoringCase($0.name, name) }.map { EncodedWordReading.decoded($0.value) }
    }

    /// The mailboxes in all fields of that name; what is no address is left out.
    public func mailboxes(_ name: String) -> [Mailbox] {
        fields.filter { ASCII.equalIgnoringCase($0.name, name) }.flatMap { AddressListReading.mailboxes(in: $0.value) }
    }

    func raw(_ name: String) -> Field? {
        fields.first { ASCII.equalIgnoringCase($0.name, name) }
    }

    /// The body as text in its character set, for `text/*` and reports; `nil` for everything else.
    public var text: String? {
        let readable = contentType.type == "text" || contentType.type == "message" && parts.isEmpty
        return readable ? Charset.text(body, contentType["charset"]) : nil
    }
}
