import MailroomMIME

/// The views of what a mail consists of.
extension Page {
    func writePDF(
        _ message: CapturedMessage, _ parts: MessageParts, chosen: Int?, at place: Place, to markup: inout Markup
    ) {
        let pdfs = parts.pdfs
        guard let shown = pdfs.first(where: { $0.number == chosen }) ?? pdfs.first else { return }
        let source = address(ofPart: shown.number, of: message.id)
        markup.raw("<div class=\"files\">")
        for pdf in pdfs {
            markup.link(
                address(of: message.id, "pdf") + place.text + (place.text.isEmpty ? "?" : "&") + "part=\(pdf.number)",
                class: "file",
                isCurrent: pdf.number == shown.number,
                "\(pdf.name) · \(sizeText(pdf.entity.body.count))")
        }
        markup.link(source + "?download", class: "button", "Download")
        markup.link(source, class: "button", "Open alone")
        markup.raw("</div><object class=\"pdf\" type=\"application/pdf\" aria-label=\"The PDF\" data=\"")
        markup.text(source)
        // What Adobe's reader and the browsers' own take as wishes: the page's width, no list of pages.
        markup.raw("#view=FitH&amp;navpanes=0")
        markup.raw(
            "\"><p class=\"note\">This browser shows no PDF within a page; open it alone or download it.</p></object>")
    }

    func writeHeaders(_ entity: Entity, to markup: inout Markup) {
        markup.raw("<dl class=\"fields\">")
        var seen: [String: Int] = [:]
        var decoded: [String: [String]] = [:]
        for field in entity.fields {
            let name = field.name.lowercased()
            let values = decoded[name] ?? entity.all(field.name)
            decoded[name] = values
            let index = seen[name, default: 0]
            seen[name] = index + 1
            markup.raw("<div><dt>")
            markup.text(field.name)
            markup.raw("</dt><dd>")
            markup.text(field.value)
            if values.indices.contains(index), values[index] != field.value, field.value.contains("=?") {
                markup.element("span", class: "decoded", values[index])
            }
            markup.raw("</dd></div>")
        }
        markup.raw("</dl>")
    }

    func writeParts(_ message: CapturedMessage, _ parts: MessageParts, to markup: inout Markup) {
        markup.raw("<ol class=\"parts\">")
        for part in parts.all {
            markup.raw("<li class=\"depth")
            markup.number(min(part.depth, 5))
            markup.raw("\"><span class=\"type\">")
            markup.text(part.entity.contentType.essence)
            markup.raw("</span>")
            if part.entity.contentType.type == "multipart" {
                markup.element(
                    "span", class: "what", part.entity.parts.count == 1 ? "1 part" : "\(part.entity.parts.count) parts")
            } else {
                let source = address(ofPart: part.number, of: message.id)
                markup.raw("<span class=\"what\">")
                markup.link(source, part.name)
                markup.text(" \(sizeText(part.entity.body.count))")
                if let disposition = part.entity.disposition { markup.text(" · \(disposition)") }
                if let id = part.entity.contentID { markup.text(" · cid:\(id)") }
                markup.raw("</span>")
                markup.link(source + "?download", class: "button", "Download")
            }
            markup.raw("</li>")
        }
        markup.raw("</ol>")
    }
}
