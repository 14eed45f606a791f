import MailroomHTTP
public import MailroomSockets
import Synchronization

/// A mail server for development and tests: it accepts every mail by SMTP, delivers none, and shows them in a web page,
/// by MailHog's HTTP API and to Swift.
///
///     var configuration = CaptureServer.Configuration()
///     configuration.smtpPort = 0
///     configuration.webPort = 0
///     let server = CaptureServer(configuration)
///     let ports = try server.start()
///     // … send mail to 127.0.0.1, port ports.smtp …
///     let messages = try await server.messages(atLeast: 1, within: .seconds(5))
///
/// Mails are kept in memory until they are deleted, room is needed, or the server is released. SMTP and the web have a
/// thread each. Any thread may use it.
public final class CaptureServer: Sendable {
    /// The ports listened on.
    public struct Ports: Sendable, Hashable {
        /// Where to send mail.
        public let smtp: Int
        /// Where the page and the API are.
        public let web: Int
    }

    private struct Running {
        let smtp: SocketServer
        let web: HTTPServer
    }

    private let configuration: Configuration
    private let store: MessageStore
    private let ruleBook = RuleBook()
    private let running = Mutex<Running?>(nil)

    /// A server that does not listen yet.
    public init(_ configuration: Configuration = Configuration()) {
        self.configuration = configuration
        store = try! MessageStore()
    }

    /// Listens on both ports; where it does already, says which they are.
    ///
    /// Throws ``/MailroomSockets/SocketError/Code/addressInUse`` when another program has one of them; neither is
    /// listened on then.
    @discardableResult
    public func start() throws(SocketError) -> Ports {
        let result = running.withLock { running -> Result<Ports, SocketError> in
            do throws(SocketError) {
                let servers: Running
                if let already = running { servers = already } else { servers = try listen() }
                running = servers
                return .success(Ports(smtp: servers.smtp.port, web: servers.web.port))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Stops listening and closes all connections, at the latest after a fifth of a second; the mails stay. Blocks
    /// until then.
    public func stop() {
        let servers = running.withLock { running in
            defer { running = nil }
            return running
        }
        servers?.smtp.stop()
        servers?.web.stop()
    }

    // MARK: Mails

    /// All captured mails, oldest first.
    public var messages: [CapturedMessage] { store.entries.map(\.message) }

    /// Forgets all captured mails.
    public func removeAll() { store.removeAll() }

    /// Waits until there are at least so many mails.
    /// - Returns: all of them, oldest first.
    /// - Throws: ``CaptureError`` when the time is over or the task is cancelled.
    public func messages(atLeast count: Int, within time: Duration) async throws(CaptureError) -> [CapturedMessage] {
        let store = store
        let waiting = Waiting()
        let found = await withTaskCancellationHandler {
            let limit = Task {
                try? await Task.sleep(for: time)
                waiting.giveUp(store)
            }
            defer { limit.cancel() }
            return await withCheckedContinuation { continuation in
                let token = store.wait(for: { $0.count >= count ? $0.map(\.message) : nil }) {
                    continuation.resume(returning: $0)
                }
                waiting.begin(token, store)
            }
        } onCancel: {
            waiting.giveUp(store)
        }
        if let found { return found }
        throw Task.isCancelled ? .cancelled : .tooFew(wanted: count, found: store.count, waited: time)
    }

    // MARK: Listening

    private func listen() throws(SocketError) -> Running {
        var smtp = SocketServer.Configuration(host: configuration.smtpHost, port: configuration.smtpPort)
        smtp.refusal = Array("421 4.3.2 There are too many connections\r\n".utf8)
        smtp.maximumConnections = 10_000
        let settings = SMTPSettings(
            hostname: configuration.hostname, limits: SMTPLimits(messageBytes: configuration.maximumMessageBytes),
            encryption: SMTPEncryption(selfSignedFor: configuration.hostname), rules: ruleBook)
        let destination = StoreDestination(
            store: store, hostname: configuration.hostname, onMessage: configuration.onMessage)
        let smtpServer = try SocketServer(smtp) {
            SMTPConnection(settings, remoteAddress: $0.remoteAddress, destination: destination)
        }
        do throws(SocketError) {
            let web = SocketServer.Configuration(host: configuration.webHost, port: configuration.webPort)
            return Running(smtp: smtpServer, web: try HTTPServer(web, routes: routes(smtpPort: smtpServer.port)))
        } catch {
            smtpServer.stop()
            throw error
        }
    }

    private func routes(smtpPort: Int) -> HTTPRoutes {
        let host = configuration.smtpHost.contains(":") ? "[\(configuration.smtpHost)]" : configuration.smtpHost
        let prefix = configuration.normalizedWebPath
        var routes = HTTPRoutes()
        let hostGuard = HostGuard(
            isLoopback: configuration.isWebHostLoopback,
            names: (configuration.allowedHosts + [configuration.hostname, configuration.webHost]).map {
                $0.lowercased()
            })
        routes.guardian = { hostGuard.refusal(for: $0) }
        routes.fallback = { _, _ in HTTPResponse(404, text: "404 page not found\n") }
        MailHogRoutes(store: store, prefix: prefix, hostname: configuration.hostname).add(to: &routes)
        PageRoutes(page: Page(store: store, prefix: prefix, smtpAddress: "\(host):\(smtpPort)"), store: store)
            .add(to: &routes)
        return routes
    }
}

/// The token of a wait that may be given up before it is known.
private final class Waiting: Sendable {
    private struct State {
        var token: Int?
        var isGivenUp = false
    }

    private let state = Mutex(State())

    func begin(_ token: Int, _ store: MessageStore) {
        let isGivenUp = state.withLock { state in
            state.token = token
            return state.isGivenUp
        }
        if isGivenUp { store.giveUp(token) }
    }

    func giveUp(_ store: MessageStore) {
        let token = state.withLock { state in
            state.isGivenUp = true
            return state.token
        }
        if let token { store.giveUp(token) }
    }
}
