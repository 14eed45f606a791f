extension Entity {
    /// The text for readers that show no HTML: the first `text/plain` that is not attached.
    public var plainText: String? { firstBody("plain")?.text }

    /// The HTML: the first `text/html` that is not attached.
    public var html: String? { firstBody("html")?.text }

    /// Everything but ``plainText``, ``html`` and the multiparts, flattened in order; inline parts are among them, a
    /// message within the message is one of them.
    public var attachments: [Entity] {
        var found: [Entity] = []
        var text = true
        var html = true
        collect(&found, &text, &html)
        return found
    }

    private var isBody: Bool {
        contentType.type == "text" && (contentType.subtype == "plain" || contentType.subtype == "html")
            && disposition != "attachment" && fileName == nil
    }

    private var isOpened: Bool { contentType.type == "multipart" && !parts.isEmpty }

    private func firstBody(_ subtype: String) -> Entity? {
        guard isOpened else { return isBody && contentType.subtype == subtype ? self : nil }
        for part in parts { if let body = part.firstBody(subtype) { return body } }
        return nil
    }

    private func collect(_ found: inout [Entity], _ text: inout Bool, _ html: inout Bool) {
        if isOpened {
            for part in parts { part.collect(&found, &text, &html) }
        } else if isBody, contentType.subtype == "plain", text {
            text = false
        } else if isBody, contentType.subtype == "html", html {
            html = false
        } else {
            found.append(self)
        }
    }
}
