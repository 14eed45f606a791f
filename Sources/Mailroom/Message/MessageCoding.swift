import Foundation
import MailroomMIME

extension Message {
    /// What a job carries of a message: everything but recipients, Message-ID and options, which its submission holds,
    /// and the attachments' bytes, which are stored by digest. No dates or identifiers, so that equal content gives
    /// equal bytes.
    package func encodedContent() -> [UInt8] {
        var writer = ByteWriter(reserving: 256 + (text?.utf8.count ?? 0) + (html?.utf8.count ?? 0))
        // The second edition only where it is needed: workers of the first hold what they cannot read.
        let isSecond = sender != nil || unsubscribe != nil
        writer.write(UInt8(isSecond ? 2 : 1))
        writer.write(from)
        switch reversePath {
        case nil: writer.write(UInt8(0))
        case .null: writer.write(UInt8(1))
        case .address(let address):
            writer.write(UInt8(2))
            writer.write(address)
        }
        writer.write(replyTo) { $0.write($1) }
        writer.write(subject)
        writer.write(text)
        writer.write(html)
        writer.write(document != nil)
        if let document { document.encode(into: &writer) }
        writer.write(attachments) { writer, attachment in
            writer.write(attachment.fileName)
            writer.write(attachment.mediaType.description)
            writer.write(attachment.contentID)
            attachment.content.digest.encode(into: &writer)
        }
        writer.write(inReplyTo) { $0.write($1) }
        writer.write(references) { $0.write($1) }
        writer.write(fields) { writer, field in
            writer.write(field.name)
            writer.write(field.value)
        }
        if isSecond {
            writer.write(sender)
            writer.write(unsubscribe != nil)
            if let unsubscribe {
                writer.write(unsubscribe.links) { $0.write($1) }
                writer.write(unsubscribe.isOneClick)
            }
        }
        return writer.bytes
    }

    /// The message of a leased job.
    package init(submission: Submission) throws(ByteReader.Malformed) {
        var reader = ByteReader(submission.payload)
        let edition = try reader.byte()
        guard (1...2).contains(edition) else { throw ByteReader.Malformed(offset: 0) }
        self.init(from: try reader.optionalString(), to: submission.recipients)
        messageID = submission.messageID
        switch try reader.byte() {
        case 0: break
        case 1: reversePath = .null
        case 2: reversePath = .address(try reader.string())
        default: throw ByteReader.Malformed(offset: 0)
        }
        replyTo = try reader.list { reader throws(ByteReader.Malformed) in try reader.string() }
        subject = try reader.string()
        text = try reader.optionalString()
        html = try reader.optionalString()
        if try reader.flag() {
            document = try Document(decoding: &reader)
            document?.date = submission.createdAt
        }
        var contents = submission.attachments[...]
        attachments = try reader.list { reader throws(ByteReader.Malformed) in
            let fileName = try reader.string()
            let mediaType = try reader.string()
            let contentID = try reader.optionalString()
            let digest = try SHA256Digest(decoding: &reader)
            guard let content = contents.popFirst(), content.digest == digest,
                let type = try? MediaType(mediaType)
            else { throw ByteReader.Malformed(offset: 0) }
            return Attachment(fileName: fileName, mediaType: type, content: content, contentID: contentID)
        }
        inReplyTo = try reader.list { reader throws(ByteReader.Malformed) in try reader.string() }
        references = try reader.list { reader throws(ByteReader.Malformed) in try reader.string() }
        fields = try reader.list { reader throws(ByteReader.Malformed) in
            let (name, value) = (try reader.string(), try reader.string())
            guard let field = try? HeaderField(name, value) else { throw ByteReader.Malformed(offset: 0) }
            return field
        }
        guard edition == 2 else { return }
        sender = try reader.optionalString()
        guard try reader.flag() else { return }
        let links = try reader.list { reader throws(ByteReader.Malformed) in try reader.string() }
        unsubscribe = try? ListUnsubscribe(links, oneClick: try reader.flag())
        guard unsubscribe != nil else { throw ByteReader.Malformed(offset: 0) }
    }
}

extension Document {
    fileprivate func encode(into writer: inout ByteWriter) {
        writer.write(template)
        writer.write(locale)
        writer.write(timeZone)
        writer.write(version != nil)
        version?.digest.encode(into: &writer)
        Value.object(values).encode(into: &writer)
    }

    fileprivate init(decoding reader: inout ByteReader) throws(ByteReader.Malformed) {
        self.init(template: try reader.string())
        locale = try reader.optionalString()
        timeZone = try reader.string()
        if try reader.flag() { version = TemplateVersion(digest: try SHA256Digest(decoding: &reader)) }
        guard case .object(let values) = try Value(decoding: &reader, depth: 0) else {
            throw ByteReader.Malformed(offset: 0)
        }
        self.values = values
    }
}

extension SHA256Digest {
    package func encode(into writer: inout ByteWriter) {
        for index in 0..<8 { writer.write(fixed: words[index]) }
    }

    package init(decoding reader: inout ByteReader) throws(ByteReader.Malformed) {
        var words = SIMD8<UInt32>()
        for index in 0..<8 { words[index] = try reader.fixed32() }
        self.init(words: words)
    }
}
