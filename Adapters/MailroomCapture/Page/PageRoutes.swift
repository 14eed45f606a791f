import MailroomHTTP
import MailroomMIME

/// The routes of the web page.
struct PageRoutes {
    let page: Page
    let store: MessageStore
    let events: PageEvents

    init(page: Page) {
        self.page = page
        store = page.store
        events = PageEvents(store: page.store)
    }

    func add(to routes: inout HTTPRoutes) {
        let prefix = page.prefix
        routes.on("GET", "\(prefix)/") { front($0) }
        if !prefix.isEmpty { routes.on("GET", prefix) { _ in .redirect(to: prefix + "/") } }
        routes.on("GET", "\(prefix)/list") { list($0) }
        routes.on("GET", "\(prefix)/events") { _ in HTTPResponse(events: HTTPEvents { events.add($0) }) }
        routes.on("GET", "\(prefix)/mail/{id}") { mail($0) }
        MailContentRoutes(page: page).add(to: &routes)
        routes.on("GET", "\(prefix)/mail/{id}/{view}") { mail($0) }
        routes.on("POST", "\(prefix)/mail/{id}/delete") { delete($0) }
        routes.on("POST", "\(prefix)/delete-all") { _ in
            store.removeAll()
            return .redirect(to: prefix + "/")
        }
        routes.on("POST", "\(prefix)/read-all") { _ in
            for entry in store.entries { store.markAsRead(entry) }
            return .redirect(to: prefix + "/")
        }
        for (name, type, bytes) in [
            ("page.css", "text/css; charset=utf-8", PackageResources.page_css),
            ("page.js", "text/javascript; charset=utf-8", PackageResources.page_js),
            ("icon.svg", "image/svg+xml", PackageResources.icon_svg),
        ] {
            routes.on("GET", "\(prefix)/assets/\(name)") { _ in
                HTTPResponse(
                    type: type, headers: ["Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"],
                    body: bytes)
            }
        }
    }

    private func place(_ request: HTTPRequest) -> Page.Place {
        Page.Place(
            query: request.queryValue("q") ?? "",
            start: max(0, request.queryValue("start").flatMap { Int($0) } ?? 0))
    }

    private func front(_ request: HTTPRequest) -> HTTPResponse {
        .page(
            page.document(title: "Mailroom: captured mail", at: place(request)) { page.writeWelcome(to: &$0) })
    }

    private func list(_ request: HTTPRequest) -> HTTPResponse {
        var markup = Markup()
        page.writeList(at: place(request), selected: request.queryValue("selected"), to: &markup)
        return .page(markup.bytes)
    }

    private func mail(_ request: HTTPRequest) -> HTTPResponse {
        let id = request.pathParameters["id"] ?? ""
        let place = place(request)
        guard let entry = store[id] else {
            let body = page.document(title: "This mail is gone", at: place, selected: id) {
                page.writeMissing(to: &$0)
            }
            return .page(body, status: 404)
        }
        let parts = MessageParts(of: entry.message)
        let views = Page.views(of: parts)
        let named = request.pathParameters["view"].map { Page.View(rawValue: $0) }
        guard let view = named ?? views.first, views.contains(view) else {
            return .redirect(to: page.address(of: id))
        }
        store.markAsRead(entry)
        return .page(
            page.document(title: entry.digest.subject, at: place, selected: id) {
                page.writeMail(
                    entry.message, parts, as: view, pdf: request.queryValue("part").flatMap { Int($0) },
                    showsRemote: request.queryValue("remote") != nil, at: place, to: &$0)
            })
    }

    /// Deletes a mail and goes on to the next older one of what is listed.
    private func delete(_ request: HTTPRequest) -> HTTPResponse {
        let id = request.pathParameters["id"] ?? ""
        let place = place(request)
        let query = SearchQuery(place.query)
        let listed = query.isEmpty ? store.entries.reversed() : store.found(query)
        let next = listed.firstIndex { $0.message.id == id }.flatMap { index in
            listed.dropFirst(index + 1).first ?? listed.prefix(index).last
        }
        _ = store.remove(id)
        return .redirect(to: (next.map { page.address(of: $0.message.id) } ?? page.prefix + "/") + place.text)
    }
}

extension HTTPResponse {
    /// Everything from this server, nothing inline, nothing from elsewhere.
    private static let pagePolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
        + "object-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

    /// HTML of this program's own.
    static func page(_ body: [UInt8], status: Int = 200, policy: String = pagePolicy) -> HTTPResponse {
        HTTPResponse(
            status, type: "text/html; charset=utf-8",
            headers: [
                "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
                // With "no-referrer" a form's Origin would be "null", and its origin could not be checked.
                "Referrer-Policy": "same-origin",
            ], body: body)
    }
}
