public import MailroomSockets

/// An HTTP/1.1 server on a thread of its own.
public final class HTTPServer: Sendable {
    private let server: SocketServer

    /// Listens at once and answers by `routes` until ``stop(grace:)``.
    public init(
        _ configuration: SocketServer.Configuration, routes: HTTPRoutes, limits: HTTPLimits = HTTPLimits()
    ) throws(SocketError) {
        var configuration = configuration
        if configuration.refusal.isEmpty {
            configuration.refusal = Array(
                "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8)
        }
        server = try SocketServer(configuration) { connection in
            HTTPConnection(
                routes: routes, limits: limits, remoteAddress: connection.remoteAddress, wake: { connection.wake() })
        }
    }

    /// The port listened on.
    public var port: Int { server.port }

    /// Stops listening, and closes connections once their answers have left, at the latest after `grace`.
    public func stop(grace: Duration = .milliseconds(200)) { server.stop(grace: grace) }
}
