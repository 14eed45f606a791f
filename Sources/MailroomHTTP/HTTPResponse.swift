/// What is answered to a request.
public struct HTTPResponse: Sendable {
    /// What follows the header fields.
    public enum Body: Sendable {
        /// Octets of known number.
        case bytes([UInt8])
        /// Events for as long as the client listens.
        case events(HTTPEvents)
        /// Another protocol, both ways, for as long as both want; the status is 101.
        case webSocket(HTTPWebSocket)
        /// Another answer, which takes the place of this one when it is there. The closure is called on the server's
        /// thread and has the pending answer completed, at once or later.
        case later(@Sendable (HTTPPendingAnswer) -> Void)
    }

    /// The status code, 200 to 599.
    public var status: Int
    /// Header fields beside Content-Length, Transfer-Encoding, Connection and Date, which are added on sending.
    public var headers: HTTPHeaders
    /// What follows the header fields.
    public var body: Body

    /// An answer of octets.
    public init(_ status: Int = 200, type: String? = nil, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = .bytes(body)
        if let type { self.headers["Content-Type"] = type }
    }

    /// An answer of plain text.
    public init(_ status: Int, text: String) {
        self.init(status, type: "text/plain; charset=utf-8", body: Array(text.utf8))
    }

    /// Server-sent events (the HTML standard's `EventSource`).
    public init(events: HTTPEvents) {
        status = 200
        headers = ["Content-Type": "text/event-stream", "Cache-Control": "no-cache"]
        body = .events(events)
    }

    /// A WebSocket (RFC 6455), where the request asks for one; 400 where it does not. The handshake's own header fields
    /// are added on sending. Whose pages may open it is for the route or the guardian to look at: browsers send Origin.
    public init(webSocket: HTTPWebSocket) {
        status = 101
        headers = [:]
        body = .webSocket(webSocket)
    }

    /// An answer that another thread completes, such as one that waits for a server elsewhere.
    public init(later begin: @escaping @Sendable (HTTPPendingAnswer) -> Void) {
        status = 200
        headers = [:]
        body = .later(begin)
    }

    /// The answer changed by `change`, now or when it is there.
    public func changed(by change: @escaping @Sendable (HTTPResponse) -> HTTPResponse) -> HTTPResponse {
        guard case .later(let begin) = body else { return change(self) }
        return HTTPResponse { answer in
            begin(HTTPPendingAnswer(changing: answer) { $0.changed(by: change) })
        }
    }

    /// Sends the client to another place, to be fetched by GET.
    public static func redirect(to location: String) -> HTTPResponse {
        HTTPResponse(303, headers: ["Location": location])
    }

    /// Tells the client to send the request's body; used by the connection only.
    static let proceed = HTTPResponse(100)

    /// The words that go with a status code.
    static func reason(_ status: Int) -> String {
        switch status {
        case 101: "Switching Protocols"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 301: "Moved Permanently"
        case 303: "See Other"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: "Status"
        }
    }
}
