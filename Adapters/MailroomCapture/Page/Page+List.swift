extension Page {
    /// All mails that a place lists, newest first. The one that is being looked at stays, though it may have been found
    /// for being unread.
    func listed(at place: Place, selected: String?) -> [MessageStore.Entry] {
        let query = SearchQuery(place.query)
        return store.entries.reversed().filter { query.matches($0) || $0.message.id == selected }
    }

    /// The mails of one page of the list, newest first, where it begins, and how many there are in all.
    private func found(
        at place: Place, selected: String?
    ) -> (entries: [MessageStore.Entry], start: Int, total: Int) {
        let isWhole = SearchQuery(place.query).isEmpty
        let matches = isWhole ? [] : listed(at: place, selected: selected)
        let total = isWhole ? store.count : matches.count
        // Mails may have gone since the address was made: it shows the last page then.
        let last = max(0, total - 1) / Self.mailsPerPage * Self.mailsPerPage
        let start = min(place.start, last)
        if isWhole { return (store.newest(from: start, limit: Self.mailsPerPage).entries, start, total) }
        return (Array(matches.dropFirst(start).prefix(Self.mailsPerPage)), start, total)
    }

    /// The list with its count and its way to older ones; also sent alone, to be put in place of the old one.
    func writeList(at place: Place, selected: String?, to markup: inout Markup) {
        var place = place
        let (entries, start, total) = found(at: place, selected: selected)
        place.start = start
        if total == 0, place.query.isEmpty {
            markup.raw("<div class=\"count\" data-unread=\"0\"></div>")
            return
        }
        writeCount(total, at: place, to: &markup)
        markup.raw("<ol class=\"mails\">")
        let now = WallClock.now
        for entry in entries { writeItem(entry, at: place, selected: selected, now: now, to: &markup) }
        markup.raw("</ol>")
        writePager(at: place, total: total, to: &markup)
        if total > 0, place.query.isEmpty { writeDeleteAll(to: &markup) }
    }

    private func writeCount(_ total: Int, at place: Place, to markup: inout Markup) {
        let unread = store.unreadCount
        markup.raw("<div class=\"count\" data-unread=\"")
        markup.number(unread)
        markup.raw("\"><span role=\"status\">")
        markup.text(total == 1 ? "1 mail" : "\(total) mails")
        if !place.query.isEmpty { markup.raw(" found") }
        markup.raw("</span>")
        if !place.query.isEmpty {
            markup.link(prefix + "/", "show all")
        } else if unread > 0 {
            markup.link(prefix + "/" + Place(query: "is:unread").text, "\(unread) unread")
            markup.raw("<form method=\"post\" action=\"")
            markup.text(prefix + "/read-all")
            markup.raw("\"><button class=\"plain\">mark as read</button></form>")
        }
        markup.raw("</div>")
    }

    private func writeItem(
        _ entry: MessageStore.Entry, at place: Place, selected: String?, now: Duration, to markup: inout Markup
    ) {
        let digest = entry.digest
        let message = entry.message
        let isRead = entry.isRead || message.id == selected
        markup.raw(isRead ? "<li data-id=\"" : "<li class=\"unread\" data-id=\"")
        markup.text(message.id)
        markup.raw("\"><a href=\"")
        markup.text(address(of: message.id) + place.text)
        markup.raw(message.id == selected ? "\" aria-current=\"true\">" : "\">")
        markup.raw("<span class=\"line\">")
        if !isRead { markup.raw("<span class=\"dot\" role=\"img\" aria-label=\"unread\"></span>") }
        markup.element("span", class: "from", digest.sender)
        writeTime(message.receivedAt, WallClock.brief(message.receivedAt, now: now), to: &markup)
        markup.raw("</span><span class=\"line\">")
        markup.element("span", class: "subject", digest.subject)
        if digest.hasPDF {
            markup.raw("<span class=\"mark\">PDF</span>")
        } else if digest.attachmentCount > 0 {
            markup.element(
                "span", class: "mark", digest.attachmentCount == 1 ? "1 file" : "\(digest.attachmentCount) files")
        }
        markup.raw("</span><span class=\"line\"><span class=\"beginning\"><span class=\"to\">")
        markup.text("to \(digest.recipients)")
        markup.raw("</span>")
        if !digest.beginning.isEmpty { markup.text(" · \(digest.beginning)") }
        markup.raw("</span></span></a></li>")
    }

    private func writePager(at place: Place, total: Int, to markup: inout Markup) {
        guard total > Self.mailsPerPage else { return }
        let (start, size) = (place.start, Self.mailsPerPage)
        func link(to start: Int, _ text: String) {
            markup.link(prefix + "/" + Place(query: place.query, start: start).text, text)
        }
        markup.raw("<p class=\"pager\">")
        if start > 0 { link(to: max(0, start - size), "‹ newer") } else { markup.raw("<span></span>") }
        markup.element("span", "\(start + 1) to \(min(total, start + size))")
        if start + size < total { link(to: start + size, "older ›") } else { markup.raw("<span></span>") }
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
}
