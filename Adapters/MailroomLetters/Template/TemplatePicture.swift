import Mailroom
import MailroomMIME
import MailroomPDF

/// A picture that a template shows.
struct TemplatePicture: Sendable {
    /// What HTML refers to it by, which depends on its bytes alone.
    let contentID: String
    let mediaType: MediaType
    let fileName: String
    let bytes: [UInt8]
    let image: PDFImage

    init(path: String, bytes: [UInt8], digest: SHA256Digest) throws(TemplateFileFault) {
        do throws(PDFError) { image = try PDFImage(bytes) } catch {
            throw .unusable(path, because: error.description)
        }
        let isPNG = bytes.starts(with: [0x89, 0x50, 0x4E, 0x47])
        mediaType = isPNG ? .png : .jpeg
        fileName = path.split(separator: "/").last.map(String.init) ?? path
        contentID = "\(digest.description.prefix(24))@letter"
        self.bytes = bytes
    }

    /// The picture as a part of a mail.
    var part: MIMEPart { MIMEPart(fileName: fileName, mediaType: mediaType, bytes: bytes, contentID: contentID) }
}
