import MailroomMIME

extension Page {
    /// The most text shown in the page; a file has all of it.
    private static let shownOctets = 1 << 20

    /// The views that a mail has, in the order of their tabs.
    static func views(of parts: MessageParts) -> [View] {
        var views: [View] = []
        if parts.html != nil { views.append(.html) }
        if parts.plainText != nil || parts.html == nil { views.append(.text) }
        if !parts.pdfs.isEmpty { views.append(.pdf) }
        return views + [.headers, .parts, .source]
    }

    /// One mail, seen one way.
    func writeMail(
        _ message: CapturedMessage, _ parts: MessageParts, as view: View, pdf: Int?, query: String,
        to markup: inout Markup
    ) {
        markup.raw("<article class=\"mail\"><header class=\"head\">")
        writeActions(message, query: query, to: &markup)
        markup.element("h1", parts.whole.first("Subject").flatMap { $0.isEmpty ? nil : $0 } ?? "(no subject)")
        writeAddresses(message, parts, to: &markup)
        markup.raw("</header><nav class=\"tabs\" aria-label=\"Views\">")
        for other in Self.views(of: parts) {
            let count = other == .pdf ? parts.pdfs.count : other == .parts ? parts.attachments.count : 0
            markup.link(
                address(of: message.id, other.rawValue) + queryText(query, 0), isCurrent: other == view,
                count > 1 || other == .parts && count > 0 ? "\(other.title) \(count)" : other.title)
        }
        markup.raw("</nav>")
        switch view {
        case .html: writeLetter(message, to: &markup)
        case .text: writeText(parts.plainText ?? parts.whole.text ?? "", of: message, to: &markup)
        case .pdf: writePDF(message, parts, chosen: pdf, to: &markup)
        case .headers: writeHeaders(parts.whole, to: &markup)
        case .source:
            writeText(
                String(decoding: message.bytes.prefix(Self.shownOctets), as: UTF8.self), of: message, isSource: true,
                to: &markup)
        case .parts: writeParts(message, parts, to: &markup)
        }
        markup.raw("</article>")
    }

    private func writeActions(_ message: CapturedMessage, query: String, to markup: inout Markup) {
        markup.raw("<div class=\"actions\">")
        markup.link(prefix + "/" + queryText(query, 0), class: "back", "‹ All mails")
        markup.link("\(prefix)/api/v1/messages/\(percentEncoded(message.id))/download", class: "button", "Download")
        markup.raw("<form method=\"post\" action=\"")
        markup.text(address(of: message.id, "delete"))
        markup.raw("\"><button>Delete</button></form></div>")
    }

    private func writeAddresses(_ message: CapturedMessage, _ parts: MessageParts, to markup: inout Markup) {
        func row(_ name: StaticString, _ value: String?) {
            guard let value, !value.isEmpty else { return }
            markup.raw("<div><dt>")
            markup.raw(name)
            markup.raw("</dt><dd>")
            markup.text(value)
            markup.raw("</dd></div>")
        }
        markup.raw("<dl class=\"who\">")
        row("From", parts.whole.first("From"))
        row("To", parts.whole.first("To"))
        row("Cc", parts.whole.first("Cc"))
        let named = ["To", "Cc", "Bcc"].flatMap { parts.whole.mailboxes($0) }.map {
            $0.address.description.lowercased()
        }
        row("Blind copy", message.recipients.filter { !named.contains($0.lowercased()) }.joined(separator: ", "))
        let author = parts.whole.mailboxes("From").first?.address.description
        if message.reversePath?.lowercased() != author?.lowercased() {
            row("Envelope sender", message.reversePath ?? "<> (a bounce or automatic mail)")
        }
        markup.raw("<div><dt>Received</dt><dd>")
        writeTime(message.receivedAt, WallClock.readable(message.receivedAt), to: &markup)
        markup.text(" · \(sizeText(message.bytes.count)) · from \(message.helo) at \(message.remoteAddress)")
        markup.raw("</dd></div></dl>")
    }

    private func writeLetter(_ message: CapturedMessage, to markup: inout Markup) {
        // The response carries the same restrictions, for whoever opens it outside this frame.
        markup.raw(
            "<iframe class=\"letter\" title=\"The letter\" sandbox=\"allow-popups allow-popups-to-escape-sandbox\" ")
        markup.raw("referrerpolicy=\"no-referrer\" src=\"")
        markup.text(address(of: message.id, "letter"))
        markup.raw("\"></iframe><p class=\"note\">Scripts do not run here, and nothing is loaded from elsewhere.</p>")
    }

    private func writeText(_ text: String, of message: CapturedMessage, isSource: Bool = false, to markup: inout Markup)
    {
        markup.raw(isSource ? "<pre class=\"paper source\">" : "<pre class=\"paper\">")
        // The first line break after the tag would be swallowed.
        markup.raw("\n")
        markup.text(text)
        markup.raw("</pre>")
        if isSource, message.bytes.count > Self.shownOctets {
            markup.raw("<p class=\"note\">The beginning only; Download has all of it.</p>")
        }
    }

    private func writePDF(_ message: CapturedMessage, _ parts: MessageParts, chosen: Int?, to markup: inout Markup) {
        let pdfs = parts.pdfs
        guard let shown = pdfs.first(where: { $0.number == chosen }) ?? pdfs.first else { return }
        let source = address(ofPart: shown.number, of: message.id)
        markup.raw("<div class=\"files\">")
        for pdf in pdfs {
            markup.link(
                address(of: message.id, "pdf") + "?part=\(pdf.number)", class: "file",
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

    private func writeHeaders(_ entity: Entity, to markup: inout Markup) {
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

    private func writeParts(_ message: CapturedMessage, _ parts: MessageParts, to markup: inout Markup) {
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
