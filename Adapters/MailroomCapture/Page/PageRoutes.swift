import MailroomHTTP
import MailroomMIME

/// The routes of the web page.
struct PageRoutes: Sendable {
    let page: Page
    let store: MessageStore
    let events: PageEvents
    let rules: RulePageRoutes

    init(page: Page, rules: RulePageRoutes) {
        self.page = page
        self.rules = rules
        store = page.store
        events = PageEvents(store: page.store)
    }

    func add(to routes: inout HTTPRoutes) {
        let prefix = page.prefix
        func onPage(_ path: String, _ answer: @escaping HTTPRoutes.Answer) {
            routes.on("GET", prefix + path) { request in
                Self.refusal(of: request) ?? page.answers.answer { _ in answer(request) }
            }
        }
        func onForm(_ path: String, _ answer: @escaping HTTPRoutes.Answer) {
            routes.on("POST", prefix + path) { request in page.answers.answer { _ in answer(request) } }
        }
        onPage("/") { front($0) }
        if !prefix.isEmpty { routes.on("GET", prefix) { _ in .redirect(to: prefix + "/") } }
        onPage("/list") { list($0) }
        routes.on("GET", "\(prefix)/events") { _ in HTTPResponse(events: HTTPEvents { events.add($0) }) }
        onPage("/mail/{id}") { mail($0) }
        MailContentRoutes(page: page).add(to: &routes)
        rules.add(to: &routes)
        onPage("/mail/{id}/{view}") { mail($0) }
        onForm("/mail/{id}/delete") { delete($0) }
        routes.on("POST", "\(prefix)/mail/{id}/release") { release($0) }
        onForm("/delete-all") { _ in
            guard store.removeAll() else {
                return HTTPResponse(
                    500, text: "Some files could not be removed. Look at the rights of the Maildir, and try again.\n")
            }
            return .redirect(to: prefix + "/")
        }
        onForm("/read-all") { _ in
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

    /// A page is for looking at: a mail, or another site, cannot have it fetched as a picture or the like.
    private static func refusal(of request: HTTPRequest) -> HTTPResponse? {
        let destinations = ["document", "iframe", "empty", nil]
        if destinations.contains(request.headers["Sec-Fetch-Dest"]?.lowercased()) { return nil }
        return HTTPResponse(403, text: "This is a page, and nothing to be embedded.\n")
    }

    private func place(_ request: HTTPRequest) -> Page.Place {
        Page.Place(
            query: request.queryValue("q") ?? "",
            start: min(max(0, request.queryValue("start").flatMap { Int($0) } ?? 0), Page.Place.furthest))
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
        guard let entry = store[id] else { return missing(request, id) }
        let parts = MessageParts(of: entry.message)
        let views = Page.views(of: parts)
        let named = request.pathParameters["view"].map { Page.View(rawValue: $0) }
        guard let view = named ?? views.first, views.contains(view) else {
            return .redirect(to: page.address(of: id))
        }
        store.markAsRead(entry)
        return show(entry, parts, as: view, request)
    }

    private func missing(_ request: HTTPRequest, _ id: String) -> HTTPResponse {
        let body = page.document(title: "This mail is gone", at: place(request), selected: id) {
            page.writeMissing(to: &$0)
        }
        return .page(body, status: 404)
    }

    private func show(
        _ entry: MessageStore.Entry, _ parts: MessageParts, as view: Page.View, _ request: HTTPRequest,
        released: ReleaseNote? = nil
    ) -> HTTPResponse {
        let place = place(request)
        return .page(
            page.document(title: entry.digest.subject, at: place, selected: entry.message.id) {
                page.writeMail(
                    entry.message, parts, as: view, pdf: request.queryValue("part").flatMap { Int($0) },
                    showsRemote: request.queryValue("remote") != nil, at: place, released: released, to: &$0)
            })
    }

    /// Hands a mail to a real server and shows it again, with what came of it.
    private func release(_ request: HTTPRequest) -> HTTPResponse {
        let id = request.pathParameters["id"] ?? ""
        guard let entry = store[id] else { return missing(request, id) }
        func field(_ name: String) -> String { (request.formValue(name) ?? "").filter { !$0.isNewline } }
        var server = OutgoingServer()
        server.name = field("name")
        server.email = field("email")
        server.host = field("host")
        server.port = field("port")
        server.username = field("username")
        server.password = field("password")
        server.mechanism = field("mechanism")
        let show = { @Sendable (note: ReleaseNote) in
            let parts = MessageParts(of: entry.message)
            return self.show(entry, parts, as: Page.views(of: parts)[0], request, released: note)
        }
        let way: Release.Way
        do throws(Release.Refusal) {
            way = try page.release.way(to: server)
        } catch .refused(let reason) {
            return show(.failed(reason: reason))
        } catch {
            return show(.failed(reason: "This server has nothing to release mails by."))
        }
        return HTTPResponse { [release = page.release] answer in
            Task {
                var note = ReleaseNote.done(to: way.server.email, by: "\(way.server.host):\(way.server.port)")
                do throws(Release.Failure) {
                    try await release.send(entry.message, by: way)
                } catch {
                    note = .failed(reason: error.reason)
                }
                answer.complete { [note] in show(note) }
            }
        }
    }

    /// Deletes a mail and goes on to the next older one of what is listed.
    private func delete(_ request: HTTPRequest) -> HTTPResponse {
        let id = request.pathParameters["id"] ?? ""
        let place = place(request)
        let listed = page.listed(at: place, selected: id)
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
