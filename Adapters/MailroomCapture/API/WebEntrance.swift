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
            allowedOrigin: corsOrigin)
        routes.guardian = { hostGuard.refusal(for: $0) }
        routes.authentication = logins?.authentication
        let folders = ["images", "css", "js", "fonts"].map { "\(prefix)/\($0)/" }
        routes.fallback = { request, _ in
            // MailHog's own page asks for these.
            if request.method == "GET", folders.contains(where: { request.target.hasPrefix($0) }) {
                return HTTPResponse(404)
            }
            var response = HTTPResponse(404, text: "404 page not found\n")
            response.headers["X-Content-Type-Options"] = "nosniff"
            return response
        }
        for add in additions { add(&routes) }
        return routes
    }
}
