import MailroomHTTP
import MailroomSockets
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
/// Mails are kept until they are deleted or room is needed; those in memory go with the server. SMTP and the web have a
/// thread each. Any thread may use it.
public final class CaptureServer: Sendable {
    /// The ports listened on.
    public struct Ports: Sendable, Hashable {
        /// Where to send mail.
        public let smtp: Int
        /// Where the page is, and the API unless it has a port of its own.
        public let web: Int
        /// Where the API is.
        public let api: Int
    }

    struct Running {
        let smtp: SocketServer
        let web: [HTTPServer]

        var ports: Ports { Ports(smtp: smtp.port, web: web[0].port, api: web[web.count - 1].port) }
    }

    let configuration: Configuration
    let store: MessageStore
    let ruleBook: RuleBook
    private let encryption = Mutex<SMTPEncryption?>(nil)
    private let running = Mutex<Running?>(nil)

    /// A server that does not listen yet.
    public init(_ configuration: Configuration = Configuration()) {
        self.configuration = configuration
        store = MessageStore(limits: configuration.storeLimits)
        ruleBook = RuleBook(configuration.rules, seed: configuration.seed, jim: configuration.jim)
    }

    /// Listens on all ports; where it does already, says which they are.
    ///
    /// Throws ``CaptureError/Code/addressInUse`` when another program has one of them; none is listened on then. A
    /// Maildir is read before.
    @discardableResult
    public func start() throws(CaptureError) -> Ports {
        let result = running.withLock { running -> Result<Ports, CaptureError> in
            do throws(CaptureError) {
                let servers: Running
                if let already = running { servers = already } else { servers = try listen() }
                running = servers
                return .success(servers.ports)
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
        for server in servers?.web ?? [] { server.stop() }
    }

    /// The certificate that signed itself, for clients to trust; nil where there is none, before ``start()`` too.
    public var certificatePEM: [UInt8]? { encryption.withLock { $0 }?.certificatePEM }

    func show(_ encryption: SMTPEncryption?) { self.encryption.withLock { $0 = encryption } }

    // MARK: Mails

    /// All captured mails, oldest first.
    public var messages: [CapturedMessage] { store.entries.map(\.message) }

    /// The mails that a search of the page finds, newest first: words that must all occur, `"words in a row"`, `from:`,
    /// `to:`, `subject:`, `is:unread`, `has:pdf`, `has:attachment`.
    public func messages(matching search: String) -> [CapturedMessage] {
        store.found(SearchQuery(search)).map(\.message)
    }

    /// Forgets all captured mails.
    public func removeAll() { store.removeAll() }

    /// Waits until there are at least so many mails.
    /// - Returns: all of them, oldest first.
    /// - Throws: ``CaptureError`` when the time is over or the task is cancelled.
    public func messages(atLeast count: Int, within time: Duration) async throws(CaptureError) -> [CapturedMessage] {
        // Asked for none, there are enough at once.
        guard count > 0 else { return messages }
        let found = try await wait(ArrivingMails(enough: count), within: time) { $0.isEmpty ? nil : $0.map(\.message) }
        if let found { return found }
        throw .tooFew(wanted: count, found: store.count, waited: time)
    }

    /// Waits until there is such a mail; the first that arrived, if there are several. `isWanted` is called once for each
    /// mail, in the order of arrival, by the waiting task itself: where the caller runs, and never on the server's
    /// threads. It may take its time and call the server; mails that arrive meanwhile are kept for it.
    /// - Throws: ``CaptureError`` when the time is over or the task is cancelled.
    public func message(
        within time: Duration, where isWanted: @escaping @Sendable (CapturedMessage) -> Bool
    ) async throws(CaptureError) -> CapturedMessage {
        let found = try await wait(ArrivingMails(), within: time) { entries in
            entries.first { isWanted($0.message) }?.message
        }
        if let found { return found }
        throw .missing(among: messages, waited: time)
    }

    /// What is found first among mails as they arrive; nil when the time is over.
    private func wait<Found>(
        _ arriving: ArrivingMails, within time: Duration, for wanted: ([MessageStore.Entry]) -> Found?
    ) async throws(CaptureError) -> Found? {
        let token = store.wait(arriving)
        defer { store.stopWaiting(token) }
        let limit = Task {
            try? await Task.sleep(for: time)
            arriving.end()
        }
        defer { limit.cancel() }
        while true {
            let entries = await withTaskCancellationHandler {
                await arriving.next()
            } onCancel: {
                arriving.end()
            }
            // Out here, for what the handler is around does not run where the caller does.
            if let found = wanted(entries) { return found }
            guard entries.isEmpty else { continue }
            if Task.isCancelled { throw .cancelled }
            return nil
        }
    }
}
