import Foundation
import Mailroom
import MailroomMIME
import MailroomPDF

/// Writes a template with a document's values in all its forms.
struct LetterWriting {
    private let template: Template
    private let document: Document
    private let expansion: Expansion
    private let letter: Letter
    private let printed: Letter
    private let isSound: Bool

    init(_ template: Template, _ document: Document) {
        self.template = template
        self.document = document
        expansion = Expansion(template, document)
        let (letter, faults) = MarkupParser.parse(expansion.body)
        self.letter = letter
        var isSound = faults.isEmpty && expansion.problems.isEmpty
        if let body = expansion.pdfBody {
            let (printed, faults) = MarkupParser.parse(body)
            self.printed = printed
            isSound = isSound && faults.isEmpty
        } else {
            printed = letter
        }
        self.isSound = isSound && (letter.images + printed.images).allSatisfy { template.pictures[$0.path] != nil }
    }

    /// The letter in all its forms.
    func rendered() throws(RenderError) -> RenderedDocument {
        if !isSound, let error = LetterCheck(template, document).error { throw error }
        var attachments: [MIMEPart] = []
        if let fileName = expansion.fileName {
            do throws(PDFError) {
                attachments.append(MIMEPart(fileName: fileName, mediaType: .pdf, bytes: try pdf()))
            } catch {
                if let error = LetterCheck(template, document).error { throw error }
                let reason = error.reason(in: template.setting?.format)
                throw RenderError(.invalidValues, "Template “\(template.name)”: \(reason)")
            }
        }
        return RenderedDocument(
            subject: expansion.subject,
            text: expansion.text ?? TextLetterWriter.write(letter, placement: template.placement),
            html: expansion.html ?? html, attachments: attachments + shownPictures)
    }

    /// The letter as a PDF.
    func pdf() throws(PDFError) -> [UInt8] {
        guard let setting = template.setting else { return [] }
        return try PDFWriter.write(
            printed, setting, pictures: template.pictures, properties: properties(setting))
    }

    private func properties(_ setting: PDFSetting) -> PDFProperties {
        // In UTC: a zone's rules may differ between two machines, and the same letter must be the same octets.
        let date = PDFDate(secondsSince1970: Int64(exactly: document.date.timeIntervalSince1970.rounded(.down)) ?? 0)
        var properties = PDFProperties(
            title: expansion.title, language: template.language, created: date, page: setting.page,
            margins: setting.format.margins, firstPageTop: setting.format.bodyTop,
            header: line(expansion.header, setting), footer: line(expansion.footer, setting))
        // The first page has the letterhead.
        properties.header?.isOnFirstPage = false
        properties.conformance = setting.conformance
        return properties
    }

    /// One text stands in the middle, two at the left and the right.
    private func line(_ texts: [String], _ setting: PDFSetting) -> PDFRunningLine? {
        switch texts.count {
        case 0: nil
        case 1: PDFRunningLine(centre: texts[0], family: setting.family)
        case 2: PDFRunningLine(left: texts[0], right: texts[1], family: setting.family)
        default: PDFRunningLine(left: texts[0], centre: texts[1], right: texts[2], family: setting.family)
        }
    }

    private var html: String {
        HTMLLetterWriter.write(
            letter, title: expansion.title, look: template.look,
            sources: letter.images.map { template.pictures[$0.path].map { "cid:\($0.contentID)" } ?? "" })
    }

    /// The pictures of the HTML, each once.
    private var shownPictures: [MIMEPart] {
        guard expansion.html == nil else { return [] }
        var shown: Set<String> = []
        return letter.images.compactMap { image in
            shown.insert(image.path).inserted ? template.pictures[image.path]?.part : nil
        }
    }
}
