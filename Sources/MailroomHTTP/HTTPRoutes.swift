/// Answers by method and path.
///
///     var routes = HTTPRoutes()
///     routes.on("GET", "/mails/{id}") { request in HTTPResponse(200, text: request.pathParameters["id"] ?? "") }
///
/// A segment in braces matches any one segment, which is handed over percent-decoded. The first route that matches
/// answers; HEAD is answered by the route of GET.
public struct HTTPRoutes: Sendable {
    /// What answers a request: called on the server's thread, so brief.
    public typealias Answer = @Sendable (HTTPRequest) -> HTTPResponse

    private struct Route: Sendable {
        let method: String
        let segments: [String]
        let answer: Answer

        func parameters(of path: [String]) -> [String: String]? {
            guard path.count == segments.count else { return nil }
            var parameters: [String: String] = [:]
            for (pattern, segment) in zip(segments, path) {
                if pattern.utf8.first == UInt8(ascii: "{") {
                    parameters[String(pattern.dropFirst().dropLast())] = segment
                } else if pattern != segment {
                    return nil
                }
            }
            return parameters
        }
    }

    private var routes: [Route] = []
    /// Looked at before any route; an answer of its own ends the matter.
    public var guardian: @Sendable (HTTPRequest) -> HTTPResponse? = { _ in nil }
    /// Asks for a name and a password, after the ``guardian`` and before any route.
    public var authentication: HTTPBasicAuthentication?
    /// Answers what no route matches; `methods` are those that the path has. 405 with them, or 404, unless set.
    public var fallback: @Sendable (HTTPRequest, _ methods: [String]) -> HTTPResponse = { _, methods in
        if methods.isEmpty { return HTTPResponse(404, text: "There is nothing here.\n") }
        var response = HTTPResponse(405, text: "That method is not possible here.\n")
        response.headers["Allow"] = methods.joined(separator: ", ")
        return response
    }

    /// No routes yet.
    public init() {}

    /// Adds a route; `pattern` begins with a slash and is not percent-encoded.
    public mutating func on(_ method: String, _ pattern: String, _ answer: @escaping Answer) {
        let segments = pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        routes.append(Route(method: method, segments: segments, answer: answer))
    }

    /// The answer to a request.
    public func answer(to request: HTTPRequest) -> HTTPResponse { admit(request) { answerOfRoute(to: request) } }

    /// What is answered before a request's body is asked for: a refusal, or ``HTTPResponse/proceed``.
    func answer(beforeBodyOf request: HTTPRequest) -> HTTPResponse { admit(request) { .proceed } }

    private func admit(_ request: HTTPRequest, by route: @escaping @Sendable () -> HTTPResponse) -> HTTPResponse {
        if let refusal = guardian(request) { return refusal }
        return authentication?.answer(to: request, by: route) ?? route()
    }

    private func answerOfRoute(to request: HTTPRequest) -> HTTPResponse {
        let method = request.method == "HEAD" ? "GET" : request.method
        var methods: [String] = []
        for route in routes {
            guard let parameters = route.parameters(of: request.path) else { continue }
            if route.method == method {
                var request = request
                request.pathParameters = parameters
                return route.answer(request)
            }
            if !methods.contains(route.method) { methods.append(route.method) }
        }
        return fallback(request, methods)
    }
}
