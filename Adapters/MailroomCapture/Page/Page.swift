/// The web page: a list of mails beside one of them, complete without JavaScript.
struct Page {
    /// What is shown of a mail.
    enum View: String {
        case html, text, pdf, headers, source, parts

        var title: String {
            switch self {
            case .html: "Letter"
            case .text: "Text"
            case .pdf: "PDF"
            case .headers: "Headers"
            case .source: "Source"
            case .parts: "Parts"
            }
        }
    }

    /// Which part of the list is shown, as an address tells it.
    struct Place {
        /// Beyond this no list goes.
        static let furthest = 1 << 40

        var query = ""
        var start = 0

        /// What is behind an address that keeps to this place, with `?`; empty at the list's beginning.
        var text: String {
            var pairs: [String] = []
            if !query.isEmpty { pairs.append("q=\(percentEncoded(query))") }
            if start > 0 { pairs.append("start=\(start)") }
            return pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
        }
    }

    static let mailsPerPage = 50

    let store: MessageStore
    /// The path before all routes, without a final slash.
    let prefix: String
    /// Where mail is to be sent, `127.0.0.1:1025`.
    let smtpAddress: String
    let release: Release
    /// Where pages are made that read mails or look through them: a slow one holds up other pages only.
    let answers = AnswerQueue("pages")

    func address(of id: String, _ view: String = "") -> String {
        "\(prefix)/mail/\(percentEncoded(id))\(view.isEmpty ? "" : "/\(view)")"
    }

    func address(ofPart number: Int, of id: String) -> String { address(of: id, "part/\(number)") }

    /// A whole page; `body` writes what stands beside the list.
    func document(
        title: String, at place: Place, selected: String? = nil, isAside: Bool = false,
        body: (inout Markup) -> Void
    ) -> [UInt8] {
        var markup = Markup()
        markup.raw("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        markup.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
        markup.raw("<meta name=\"color-scheme\" content=\"light dark\">")
        markup.element("title", title)
        for (before, path, after) in [
            ("<link rel=\"stylesheet\" href=\"", "/assets/page.css", "\">"),
            ("<link rel=\"icon\" href=\"", "/assets/icon.svg", "\">"),
            ("<script defer src=\"", "/assets/page.js", "\"></script>"),
        ] as [(StaticString, String, StaticString)] {
            markup.raw(before)
            markup.text(prefix + path)
            markup.raw(after)
        }
        markup.raw("</head><body class=\"")
        markup.raw(selected != nil || isAside ? "reading" : store.count == 0 ? "browsing empty" : "browsing")
        markup.raw("\" data-prefix=\"")
        markup.text(prefix)
        markup.raw("\" data-selected=\"")
        markup.text(selected ?? "")
        markup.raw("\"><a class=\"skip\" href=\"#main\">Skip the list</a><header class=\"top\">")
        markup.link(prefix + "/", class: "brand", "Mailroom")
        markup.raw("<span class=\"role\">captured mail, nothing is delivered</span><span class=\"where\">SMTP <b>")
        markup.text(smtpAddress)
        markup.raw("</b></span><span class=\"live\" id=\"live\" hidden>live</span>")
        markup.link(prefix + "/rules", class: "aside", isCurrent: isAside, "Rules")
        markup.raw("<button class=\"aside\" id=\"help\" hidden>Keys</button></header>")
        markup.raw("<div class=\"split\"><nav class=\"side\" aria-label=\"Mails\">")
        writeSearch(place, to: &markup)
        markup.raw("<div id=\"list\">")
        writeList(at: place, selected: selected, to: &markup)
        markup.raw("</div></nav><main class=\"main\" id=\"main\" tabindex=\"-1\">")
        body(&markup)
        markup.raw("</main></div>")
        writeKeys(to: &markup)
        markup.raw("</body></html>\n")
        return markup.bytes
    }

    /// What stands beside the list when no mail is chosen.
    func writeWelcome(to markup: inout Markup) {
        markup.raw("<div class=\"welcome\"><div class=\"envelope\" aria-hidden=\"true\"></div>")
        if store.count == 0 {
            markup.raw("<h1>No mail yet</h1><p>Whatever is sent to <code>")
            markup.text(smtpAddress)
            markup.raw("</code> by SMTP appears here, whomever it is for. Try:</p><pre>swaks --server ")
            markup.text(smtpAddress)
            markup.raw(" --to someone@example.org</pre>")
        } else {
            markup.raw("<h1>")
            markup.text(store.count == 1 ? "One mail" : "\(store.count) mails")
            markup.raw("</h1><p>Choose one to read it.</p>")
        }
        markup.raw("</div>")
    }

    func writeMissing(to markup: inout Markup) {
        markup.raw(
            "<div class=\"welcome\"><h1>This mail is gone</h1><p>It was deleted, or made room for newer ones.</p></div>"
        )
    }

    private func writeSearch(_ place: Place, to markup: inout Markup) {
        markup.raw("<form class=\"search\" action=\"")
        markup.text(prefix + "/")
        markup.raw("\"><input type=\"search\" name=\"q\" placeholder=\"Search sender, recipient, subject, text\" ")
        markup.raw("aria-label=\"Search\" autocomplete=\"off\" spellcheck=\"false\" title=\"")
        markup.raw("Words that must all occur; &quot;words in a row&quot;; from: to: subject: is:unread has:pdf ")
        markup.raw("has:attachment\" value=\"")
        markup.text(place.query)
        markup.raw("\"></form>")
    }

    /// What the keys do; shown by the script that makes them work.
    private func writeKeys(to markup: inout Markup) {
        markup.raw("<dialog id=\"keys\" aria-label=\"Keys\"><h2>Keys</h2><dl>")
        for (keys, meaning) in [
            ("j k", "next and previous mail"), ("/", "search"), ("1 … 6", "the views of a mail"),
            ("u", "back to the list"), ("d", "delete the mail"), ("r", "release the mail"), ("?", "these keys"),
        ] {
            markup.raw("<div><dt>")
            for key in keys.split(separator: " ") {
                if key == "…" { markup.text(" … ") } else { markup.element("kbd", String(key)) }
            }
            markup.raw("</dt><dd>")
            markup.text(meaning)
            markup.raw("</dd></div>")
        }
        markup.raw("</dl><form method=\"dialog\"><button>Close</button></form></dialog>")
    }
}
