extension Page {
    /// The mails of one page of the list, newest first, and how many there are.
    private func found(_ query: String, start: Int) -> (entries: [MessageStore.Entry], total: Int) {
        if query.isEmpty { return store.newest(from: start, limit: Self.mailsPerPage) }
        let matches = store.found(SearchQuery(query))
        return (Array(matches.dropFirst(start).prefix(Self.mailsPerPage)), matches.count)
    }

    /// The list with its count and its way to older ones; also sent alone, to be put in place of the old one.
    func writeList(query: String, start: Int, selected: String?, to markup: inout Markup) {
        let (entries, total) = found(query, start: start)
        if total == 0, query.isEmpty { return }
        markup.raw("<p class=\"count\">")
        markup.text(total == 1 ? "1 mail" : "\(total) mails")
        if !query.isEmpty {
            markup.raw(" found ")
            markup.link(prefix + "/", "show all")
        }
        markup.raw("</p><ol class=\"mails\">")
        let now = WallClock.now
        for entry in entries { writeItem(entry, query: query, start: start, selected: selected, now: now, to: &markup) }
        markup.raw("</ol>")
        writePager(query: query, start: start, total: total, to: &markup)
        if total > 0, query.isEmpty { writeDeleteAll(to: &markup) }
    }

    private func writeItem(
        _ entry: MessageStore.Entry, query: String, start: Int, selected: String?, now: Duration,
        to markup: inout Markup
    ) {
        let summary = entry.digest
        let message = entry.message
        markup.raw("<li data-id=\"")
        markup.text(message.id)
        markup.raw("\"><a href=\"")
        markup.text(address(of: message.id) + queryText(query, start))
        markup.raw(message.id == selected ? "\" aria-current=\"true\">" : "\">")
        markup.raw("<span class=\"line\">")
        markup.element("span", class: "from", summary.sender)
        writeTime(message.receivedAt, WallClock.brief(message.receivedAt, now: now), to: &markup)
        markup.raw("</span><span class=\"line\">")
        markup.element("span", class: "subject", summary.subject)
        if summary.hasPDF {
            markup.raw("<span class=\"mark\">PDF</span>")
        } else if summary.attachmentCount > 0 {
            markup.element(
                "span", class: "mark", summary.attachmentCount == 1 ? "1 file" : "\(summary.attachmentCount) files")
        }
        markup.raw("</span><span class=\"line\"><span class=\"beginning\"><span class=\"to\">")
        markup.text("to \(summary.recipients)")
        markup.raw("</span>")
        if !summary.beginning.isEmpty { markup.text(" · \(summary.beginning)") }
        markup.raw("</span></span></a></li>")
    }

    private func writePager(query: String, start: Int, total: Int, to markup: inout Markup) {
        guard total > Self.mailsPerPage else { return }
        markup.raw("<p class=\"pager\">")
        if start > 0 {
            markup.link(prefix + "/" + queryText(query, max(0, start - Self.mailsPerPage)), "‹ newer")
        }
        markup.element("span", "\(start + 1) to \(min(total, start + Self.mailsPerPage))")
        if start + Self.mailsPerPage < total {
            markup.link(prefix + "/" + queryText(query, start + Self.mailsPerPage), "older ›")
        }
        markup.raw("</p>")
    }

    private func writeDeleteAll(to markup: inout Markup) {
        markup.raw("<details class=\"delete-all\"><summary>Delete all mails</summary><form method=\"post\" action=\"")
        markup.text(prefix + "/delete-all")
        markup.raw("\"><button class=\"danger\">Yes, delete all</button></form></details>")
    }

    /// A moment as text that a script may turn to the reader's own time zone.
    func writeTime(_ time: Duration, _ text: String, to markup: inout Markup) {
        markup.raw("<time datetime=\"")
        markup.text(WallClock.rfc3339(time))
        markup.raw("\">")
        markup.text(text)
        markup.raw("</time>")
    }

    func queryText(_ query: String, _ start: Int) -> String {
        var pairs: [String] = []
        if !query.isEmpty { pairs.append("q=\(percentEncoded(query))") }
        if start > 0 { pairs.append("start=\(start)") }
        return pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
    }
}
