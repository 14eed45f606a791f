import MailroomHTTP
import MailroomMIME

/// The routes of the web page.
struct PageRoutes {
    let page: Page
    let store: MessageStore

    /// Everything from this server, nothing inline, nothing from elsewhere.
    private static let policy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
        + "object-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    /// For what a mail brings along: no scripts, no plugins, no origin, nothing loaded but its own pictures.
    private static let letterPolicy =
        "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; font-src data:; form-action 'none'; "
        + "base-uri 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"

    func add(to routes: inout HTTPRoutes) {
        let prefix = page.prefix
        routes.on("GET", "\(prefix)/") { front($0) }
        if !prefix.isEmpty { routes.on("GET", prefix) { _ in .redirect(to: prefix + "/") } }
        routes.on("GET", "\(prefix)/list") { list($0) }
        routes.on("GET", "\(prefix)/events") { _ in events() }
        routes.on("GET", "\(prefix)/mail/{id}") { mail($0) }
        routes.on("GET", "\(prefix)/mail/{id}/letter") { letter($0) }
        routes.on("GET", "\(prefix)/mail/{id}/part/{number}") { part($0) }
        routes.on("GET", "\(prefix)/mail/{id}/{view}") { mail($0) }
        routes.on("POST", "\(prefix)/mail/{id}/delete") { request in
            _ = store.remove(request.pathParameters["id"] ?? "")
            return .redirect(to: prefix + "/")
        }
        routes.on("POST", "\(prefix)/delete-all") { _ in
            store.removeAll()
            return .redirect(to: prefix + "/")
        }
        for (name, type, text) in [
            ("page.css", "text/css; charset=utf-8", PageStyle.css),
            ("page.js", "text/javascript; charset=utf-8", PageScript.javascript),
            ("icon.svg", "image/svg+xml", PageScript.icon),
        ] {
            routes.on("GET", "\(prefix)/assets/\(name)") { _ in
                HTTPResponse(
                    type: type, headers: ["Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"],
                    body: Array(text.utf8))
            }
        }
    }

    private func html(_ body: [UInt8], status: Int = 200, policy: String = policy) -> HTTPResponse {
        HTTPResponse(
            status, type: "text/html; charset=utf-8",
            headers: [
                "Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
                // With "no-referrer" a form's Origin would be "null", and its origin could not be checked.
                "Referrer-Policy": "same-origin",
            ], body: body)
    }

    private func query(_ request: HTTPRequest) -> (text: String, start: Int) {
        (request.queryValue("q") ?? "", max(0, request.queryValue("start").flatMap { Int($0) } ?? 0))
    }

    private func front(_ request: HTTPRequest) -> HTTPResponse {
        let (text, start) = query(request)
        return html(
            page.document(title: "Mailroom: captured mail", query: text, start: start, selected: nil) {
                page.writeWelcome(to: &$0)
            })
    }

    private func list(_ request: HTTPRequest) -> HTTPResponse {
        let (text, start) = query(request)
        var markup = Markup()
        page.writeList(query: text, start: start, selected: request.queryValue("selected"), to: &markup)
        return html(markup.bytes)
    }

    private func events() -> HTTPResponse {
        HTTPResponse(
            events: HTTPEvents { stream in
                let token = store.listen { _ in stream.send(event: "change", lines: Array("list".utf8)) }
                stream.onEnd { store.stopListening(token) }
            })
    }

    private func mail(_ request: HTTPRequest) -> HTTPResponse {
        let id = request.pathParameters["id"] ?? ""
        let (text, start) = query(request)
        guard let entry = store[id] else {
            let body = page.document(title: "This mail is gone", query: text, start: start, selected: id) {
                page.writeMissing(to: &$0)
            }
            return html(body, status: 404)
        }
        let parts = MessageParts(of: entry.message)
        let views = Page.views(of: parts)
        let named = request.pathParameters["view"].map { Page.View(rawValue: $0) }
        guard let view = named ?? views.first, views.contains(view) else {
            return .redirect(to: page.address(of: id))
        }
        return html(
            page.document(title: entry.digest.subject, query: text, start: start, selected: id) {
                page.writeMail(
                    entry.message, parts, as: view, pdf: request.queryValue("part").flatMap { Int($0) }, query: text,
                    to: &$0)
            })
    }

    private func letter(_ request: HTTPRequest) -> HTTPResponse {
        let id = request.pathParameters["id"] ?? ""
        let letter = store[id].flatMap { entry in
            MessageParts(of: entry.message).html { page.address(ofPart: $0, of: id) }
        }
        guard let letter else { return HTTPResponse(404, text: "There is no letter.\n") }
        return html(Array(Self.openingLinksOutside(letter).utf8), policy: Self.letterPolicy)
    }

    /// Links in the letter open in a window of their own, as a mail program has it.
    private static func openingLinksOutside(_ letter: String) -> String {
        let base = "<base target=\"_blank\">"
        var rest = letter[...]
        while let open = rest.firstIndex(of: "<"), letter.utf8.distance(from: letter.startIndex, to: open) < 4096 {
            guard let close = letter[open...].firstIndex(of: ">") else { break }
            let next = letter.index(after: close)
            let tag = letter[open...].dropFirst().prefix(5).lowercased()
            if tag == "head>" || tag == "head " { return letter[..<next] + base + letter[next...] }
            if !tag.hasPrefix("!") && !tag.hasPrefix("?") && !tag.hasPrefix("html") {
                return letter[..<open] + base + letter[open...]
            }
            rest = letter[next...]
        }
        return letter
    }

    private func part(_ request: HTTPRequest) -> HTTPResponse {
        let number = request.pathParameters["number"].flatMap { Int($0) }
        guard let entry = store[request.pathParameters["id"] ?? ""], let number,
            let part = MessageParts(of: entry.message)[number]
        else { return HTTPResponse(404, text: "There is no such part.\n") }
        let type = Self.safeType(of: part)
        let attaches = request.queryValue("download") != nil || type == nil
        var response = HTTPResponse(
            type: type ?? "application/octet-stream",
            headers: [
                "Content-Disposition": Self.disposition(attaches ? "attachment" : "inline", part.name),
                "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
            ], body: part.entity.text.map { Array($0.utf8) } ?? part.entity.body)
        if attaches { response.body = .bytes(part.entity.body) }
        // A browser's own PDF reader does not start in a sandbox; that the octets are a PDF has been looked at.
        if type != "application/pdf" { response.headers["Content-Security-Policy"] = Self.letterPolicy }
        return response
    }

    /// The type under which a part may be shown by a browser; nil for what is only to be saved.
    private static func safeType(of part: MessageParts.Part) -> String? {
        let type = part.entity.contentType
        switch type.essence {
        case "text/html": return "text/html; charset=utf-8"
        case "image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml": return type.essence
        default:
            if part.isPDF, part.entity.body.starts(with: "%PDF-".utf8) { return "application/pdf" }
            return type.type == "text" ? "text/plain; charset=utf-8" : nil
        }
    }

    /// RFC 6266, with a plain name for old clients.
    static func disposition(_ kind: String, _ name: String) -> String {
        let plain = String(
            name.unicodeScalars.map {
                $0.value >= 32 && $0.value < 127 && !"\"\\%/".unicodeScalars.contains($0) ? Character($0) : "_"
            })
        return "\(kind); filename=\"\(plain)\"; filename*=UTF-8''\(percentEncoded(name))"
    }
}
