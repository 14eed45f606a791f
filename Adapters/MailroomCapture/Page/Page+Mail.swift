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
        _ message: CapturedMessage, _ parts: MessageParts, as view: View, pdf: Int?, showsRemote: Bool, at place: Place,
        released: ReleaseNote? = nil, to markup: inout Markup
    ) {
        markup.raw("<article class=\"mail\"><header class=\"head\">")
        writeActions(message, at: place, to: &markup)
        markup.element("h1", parts.whole.first("Subject").flatMap { $0.isEmpty ? nil : $0 } ?? "(no subject)")
        writeAddresses(message, parts, to: &markup)
        writeRelease(message, at: place, after: released, to: &markup)
        markup.raw("</header><nav class=\"tabs\" aria-label=\"Views\">")
        for other in Self.views(of: parts) {
            let count = other == .pdf ? parts.pdfs.count : other == .parts ? parts.attachments.count : 0
            markup.link(
                address(of: message.id, other.rawValue) + place.text, isCurrent: other == view,
                count > 1 || other == .parts && count > 0 ? "\(other.title) \(count)" : other.title)
        }
        markup.raw("</nav>")
        switch view {
        case .html: writeLetter(message, parts, showsRemote: showsRemote, at: place, to: &markup)
        case .text: writeText((parts.plainText ?? parts.whole.text ?? "").utf8, to: &markup)
        case .pdf: writePDF(message, parts, chosen: pdf, at: place, to: &markup)
        case .headers: writeHeaders(parts.whole, to: &markup)
        case .source:
            writeText(
                (try? message.content.read(first: Self.shownOctets + 1)) ?? [], isSource: true, to: &markup)
        case .parts: writeParts(message, parts, to: &markup)
        }
        markup.raw("</article>")
    }

    private func writeActions(_ message: CapturedMessage, at place: Place, to markup: inout Markup) {
        markup.raw("<div class=\"actions\">")
        markup.link(prefix + "/" + place.text, class: "back", "‹ All mails")
        markup.link("\(prefix)/api/v1/messages/\(percentEncoded(message.id))/download", class: "button", "Download")
        markup.raw("<form method=\"post\" action=\"")
        markup.text(address(of: message.id, "delete") + place.text)
        markup.raw("\"><button id=\"delete\">Delete</button></form></div>")
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
        markup.text(" · \(sizeText(message.size)) · from \(message.helo) at \(message.remoteAddress)")
        markup.raw("</dd></div></dl>")
    }

    private func writeLetter(
        _ message: CapturedMessage, _ parts: MessageParts, showsRemote: Bool, at place: Place, to markup: inout Markup
    ) {
        let remote = parts.html.map { RemoteContent.count(in: $0) } ?? 0
        if remote > 0 {
            markup.raw("<p class=\"note remote\">")
            let pictures = remote == 1 ? "1 thing" : "\(remote) things"
            markup.text(
                showsRemote
                    ? "What this letter refers to is loaded from elsewhere, which tells the sender that it was read."
                    : "This letter refers to \(pictures) elsewhere, which \(remote == 1 ? "is" : "are") not loaded.")
            let separator = place.text.isEmpty ? "?" : "&"
            let address = address(of: message.id, "html") + place.text
            markup.link(
                showsRemote ? address : address + separator + "remote=1", class: "button",
                showsRemote ? "Do not load" : "Load them")
            markup.raw("</p>")
        }
        // The response carries the same restrictions, for whoever opens it outside this frame.
        markup.raw(
            "<iframe class=\"letter\" title=\"The letter\" sandbox=\"allow-popups allow-popups-to-escape-sandbox\" ")
        markup.raw("referrerpolicy=\"no-referrer\" src=\"")
        markup.text(address(of: message.id, "letter") + (showsRemote ? "?remote=1" : ""))
        markup.raw("\"></iframe><p class=\"note\">Scripts do not run here.")
        if remote == 0 { markup.raw(" Nothing is loaded from elsewhere.") }
        markup.raw("</p>")
    }

    private func writeText(_ text: some Collection<UInt8>, isSource: Bool = false, to markup: inout Markup) {
        let shown = text.prefix(Self.shownOctets)
        markup.raw(isSource ? "<pre class=\"paper source\">" : "<pre class=\"paper\">")
        // The first line break after the tag would be swallowed.
        markup.raw("\n")
        markup.text(String(decoding: shown, as: UTF8.self))
        markup.raw("</pre>")
        if shown.endIndex != text.endIndex {
            markup.raw("<p class=\"note\">The beginning only; Download has all of it.</p>")
        }
    }
}
