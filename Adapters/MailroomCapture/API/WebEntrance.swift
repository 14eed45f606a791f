import MailroomHTTP
import MailroomSockets

/// What every request passes before a page or the API answers it: names and origins are looked at, then who asks.
struct WebEntrance: Sendable {
    /// Names under which browsers may use the page, beside `localhost` and the host that is listened on.
    var names: [String] = []
    /// Whose pages may use the API; see ``HostGuard/allowedOrigin``.
    var corsOrigin = ""
    /// Who may come in; nil for everybody.
    var logins: Logins?
    /// Before every path.
    var prefix = ""

    /// Routes for a listener on `host`, to which `additions` add.
    func routes(on host: String, _ additions: [(inout HTTPRoutes) -> Void]) -> HTTPRoutes {
        var routes = HTTPRoutes()
        let hostGuard = HostGuard(
            isLoopback: isLoopback(host: host), names: (names + [host]).map { $0.lowercased() },
            prefix: prefix, allowedOrigin: corsOrigin, requiresLogin: logins != nil)
        routes.guardian = { hostGuard.refusal(for: $0) }
        routes.authentication = logins?.authentication
        let folders = ["images", "css", "js", "fonts"].map { "\(prefix)/\($0)/" }
        routes.fallback = { request, _ in
            // MailHog's own page asks for these.
            if request.method == "GET", folders.contains(where: { request.target.hasPrefix($0) }) {
                return HTTPResponse(404)
            }
            if let place = Self.cleaned(request.target) { return HTTPResponse(301, headers: ["Location": place]) }
            var response = HTTPResponse(404, text: "404 page not found\n")
            response.headers["X-Content-Type-Options"] = "nosniff"
            return response
        }
        for add in additions { add(&routes) }
        return routes
    }

    /// A target without doubled slashes and dots, which clients make of an address that ends in a slash and a path that
    /// begins with one; nil where it has none.
    private static func cleaned(_ target: String) -> String? {
        let sides = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let segments = sides[0].split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        // Browsers take a backslash for a slash, and two slashes for another server.
        guard !target.contains("\\"),
            segments.dropLast().contains("") || segments.contains(".") || segments.contains("..")
        else { return nil }
        var kept: [Substring] = []
        for segment in segments {
            switch segment {
            case "", ".": continue
            case "..": _ = kept.popLast()
            default: kept.append(segment)
            }
        }
        let path = "/" + kept.joined(separator: "/") + (segments.last == "" && !kept.isEmpty ? "/" : "")
        return path + (sides.count > 1 ? "?" + sides[1] : "")
    }
}
