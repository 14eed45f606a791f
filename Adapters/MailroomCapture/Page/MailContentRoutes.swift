import MailroomHTTP
import MailroomMIME

/// The routes of what a mail brings along: none of it may run, or load more than is allowed.
struct MailContentRoutes {
    let page: Page

    /// No scripts, no plugins, no origin, nothing loaded but the mail's own pictures.
    private static let policy = policy(elsewhere: "")
    /// The same, with pictures, styles and fonts from anywhere: what the reader has asked for.
    private static let openPolicy = policy(elsewhere: " http: https:")

    private static func policy(elsewhere: String) -> String {
        "default-src 'none'; img-src 'self' data:\(elsewhere); style-src 'unsafe-inline'\(elsewhere); "
            + "font-src data:\(elsewhere); form-action 'none'; base-uri 'none'; frame-ancestors 'self'; "
            + "sandbox allow-popups allow-popups-to-escape-sandbox"
    }

    func add(to routes: inout HTTPRoutes) {
        for (path, answer) in [("letter", letter), ("part/{number}", part)] as [(String, HTTPRoutes.Answer)] {
            routes.on("GET", "\(page.prefix)/mail/{id}/\(path)") { request in
                page.answers.answer { _ in answer(request) }
            }
        }
    }

    private func letter(_ request: HTTPRequest) -> HTTPResponse {
        let id = request.pathParameters["id"] ?? ""
        let letter = page.store[id].flatMap { entry in
            MessageParts(of: entry.message).html { page.address(ofPart: $0, of: id) }
        }
        guard var letter else { return HTTPResponse(404, text: "There is no letter.\n") }
        let showsRemote = request.queryValue("remote") != nil
        if !showsRemote { letter = RemoteContent.withoutLinks(letter) }
        var response = HTTPResponse.page(
            Array(Self.openingLinksOutside(letter).utf8), policy: showsRemote ? Self.openPolicy : Self.policy)
        response.headers["Referrer-Policy"] = "no-referrer"
        // A browser would ask for the addresses of hosts that are only linked to.
        response.headers["X-DNS-Prefetch-Control"] = "off"
        return response
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
        guard let entry = page.store[request.pathParameters["id"] ?? ""], let number,
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
        if type != "application/pdf" { response.headers["Content-Security-Policy"] = Self.policy }
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
