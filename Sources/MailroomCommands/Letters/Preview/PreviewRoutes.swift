import Dispatch
import Foundation
import Mailroom
import MailroomCapture
import MailroomHTTP
import MailroomMIME

/// The page that shows templates, and what it asks for.
struct PreviewRoutes: Sendable {
    let templates: WatchedTemplates
    /// The day that letters are dated with.
    let date: @Sendable () -> Date
    private let contents = RenderedContents()
    /// Where files are looked at.
    private let queue = DispatchQueue(label: "mailroom.preview")
    private let changes: ChangeFeed

    init(_ templates: WatchedTemplates, date: @escaping @Sendable () -> Date) {
        (self.templates, self.date) = (templates, date)
        changes = ChangeFeed(on: queue) { templates.refresh() }
    }

    /// Everything from this server, nothing inline, nothing from elsewhere.
    private static let pagePolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
        + "object-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

    /// No scripts, nothing loaded but the mail's own pictures. The page may see where the reader has scrolled to.
    private static let letterPolicy =
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
        + "frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"

    var routes: HTTPRoutes {
        var routes = HTTPRoutes()
        routes.guardian = { PreviewGuard.refusal(for: $0) }
        for (path, type, bytes) in [
            ("/", "text/html; charset=utf-8", PackageResources.preview_html),
            ("/assets/page.css", "text/css; charset=utf-8", PageLook.style),
            ("/assets/icon.svg", "image/svg+xml", PageLook.icon),
            ("/assets/preview.css", "text/css; charset=utf-8", PackageResources.preview_css),
            ("/assets/preview.js", "text/javascript; charset=utf-8", PackageResources.preview_js),
        ] {
            routes.on("GET", path) { _ in Self.response(bytes, type: type, policy: Self.pagePolicy) }
        }
        routes.on("GET", "/events") { [changes] _ in HTTPResponse(events: HTTPEvents { changes.add($0) }) }
        routes.on("GET", "/templates") { [self] _ in
            answer { PreviewAnswer.templates(templates.current, at: templates.path) }
        }
        routes.on("GET", "/values") { [self] request in
            let name = request.queryValue("template") ?? ""
            return answer { PreviewAnswer.values(templates.values(for: name, in: templates.current)) }
        }
        routes.on("POST", "/render") { [self] request in
            let name = request.queryValue("template") ?? ""
            return HTTPResponse { pending in
                queue.async {
                    let (set, source) = (templates.current, templates.source(of: name))
                    Task {
                        let json = await rendering(of: name, values: request.body, by: set, source: source)
                        pending.complete { Self.response(json) }
                    }
                }
            }
        }
        routes.on("GET", "/content/{name}/{file}") { [contents] request in
            guard let content = contents[request.pathParameters["name"] ?? ""] else {
                return HTTPResponse(404, text: "This is gone: choose the template again.\n")
            }
            // A browser's own PDF reader does not start in a sandbox.
            return Self.response(
                content.bytes, type: content.type, policy: content.type == "application/pdf" ? nil : Self.letterPolicy)
        }
        return routes
    }

    private static func response(_ bytes: [UInt8], type: String, policy: String?) -> HTTPResponse {
        var response = HTTPResponse(
            type: type,
            headers: [
                "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
            ], body: bytes)
        if let policy { response.headers["Content-Security-Policy"] = policy }
        return response
    }

    /// An answer of JSON that is worked out beside the server's thread.
    private func answer(_ make: @escaping @Sendable () -> String) -> HTTPResponse {
        HTTPResponse { pending in
            queue.async {
                let json = make()
                pending.complete { Self.response(json) }
            }
        }
    }

    private static func response(_ json: String) -> HTTPResponse {
        response(Array(json.utf8), type: "application/json", policy: nil)
    }

    private func rendering(
        of name: String, values json: [UInt8], by set: TemplateSet, source: [Substring]
    ) async -> String {
        let values: [String: Document.Value]
        do throws(ValuesFault) {
            values = try ValuesReader.values(json)
        } catch {
            return PreviewAnswer.fault(error)
        }
        switch await set.outcome(of: Document(template: name, values: values, date: date())) {
        case .refused(let reasons):
            return PreviewAnswer.problems(reasons.map { ShownProblem($0, in: source, of: name) })
        case .rendered(let letter, let version):
            let html = letter.standaloneHTML.map { html in
                "/content/\(contents.keep(Array(Self.openingLinksOutside(html).utf8), type: "text/html; charset=utf-8"))/mail.html"
            }
            let pdf = letter.pdf.map { part in
                let file = (part.fileName ?? "letter.pdf").addingPercentEncoding(withAllowedCharacters: .alphanumerics)
                return "/content/\(contents.keep(part.bytes, type: "application/pdf"))/\(file ?? "letter.pdf")"
            }
            return PreviewAnswer.letter(letter, version, html: html, pdf: pdf, pdfName: letter.pdf?.fileName)
        }
    }

    /// Links in the letter open in a window of their own, as a mail program has it.
    private static func openingLinksOutside(_ html: String) -> String {
        let base = "<base target=\"_blank\">"
        guard let head = html.range(of: "<head>") else { return base + html }
        return html.replacingCharacters(in: head.upperBound..<head.upperBound, with: base)
    }
}
