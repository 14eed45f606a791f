import Foundation
import Mailroom
import MailroomMIME

extension RenderedDocument {
    /// The letter as PDF, where the template makes one.
    var pdf: MIMEPart? { attachments.first { $0.mediaType.essence == "application/pdf" && $0.contentID == nil } }

    /// The HTML with the mail's own pictures (`cid:…`) within, to be looked at alone.
    var standaloneHTML: String? {
        guard var html else { return nil }
        for picture in attachments {
            guard let name = picture.contentID, html.contains("cid:\(name)") else { continue }
            let content = "data:\(picture.mediaType.essence);base64,\(Data(picture.bytes).base64EncodedString())"
            for quote in ["\"", "'", ")"] {
                html = html.replacingOccurrences(of: "cid:\(name)\(quote)", with: content + quote)
            }
        }
        return html
    }

    /// What the template makes, in words.
    var kinds: [String] {
        [(text != nil, "text"), (html != nil, "HTML"), (pdf != nil, "PDF")].filter(\.0).map(\.1)
    }
}
