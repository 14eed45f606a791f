public struct MIMEPart: Sendable {
    public var fileName: String?; public var mediaType: MediaType; public var bytes: [UInt8]; public var contentID: String?
    public init(fileName: String?, mediaType: MediaType, bytes: [UInt8], contentID: String? = nil) { self.fileName = fileName; self.mediaType = mediaType; self.bytes = bytes; self.contentID = contentID }
}
public struct InternetMessage: Sendable {
    public init() {}
    public func encoded() -> [UInt8] { [] }
}
