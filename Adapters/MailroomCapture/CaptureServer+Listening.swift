import MailroomFiles
import MailroomHTTP
import MailroomSockets

extension CaptureServer {
    /// Listens on every port, or on none.
    func listen() throws(CaptureError) -> Running {
        if let path = configuration.maildir {
            do throws(FileError) {
                try store.open(Maildir(path: path, hostname: configuration.hostname))
            } catch {
                throw CaptureError(error)
            }
        }
        let encryption = try encryption()
        let smtp = try Self.listening("The SMTP server") { () throws(SocketError) in try listenForMail(encryption) }
        var web: [HTTPServer] = []
        do throws(CaptureError) {
            let (host, port) = (configuration.webHost, configuration.webPort)
            let routes = (page: pageRoutes(smtpPort: smtp.port), api: apiRoutes())
            web.append(
                try Self.listening("The page") { () throws(SocketError) in
                    try HTTPServer(
                        SocketServer.Configuration(host: host, port: port),
                        routes: guarded(host, configuration.separatesAPI ? [routes.page] : [routes.api, routes.page]))
                })
            if configuration.separatesAPI {
                let (host, port) = (configuration.apiHost ?? host, configuration.apiPort ?? port)
                web.append(
                    try Self.listening("The API") { () throws(SocketError) in
                        try HTTPServer(
                            SocketServer.Configuration(host: host, port: port), routes: guarded(host, [routes.api]))
                    })
            }
            return Running(smtp: smtp, web: web)
        } catch {
            smtp.stop()
            for server in web { server.stop() }
            throw error
        }
    }

    private func listenForMail(_ encryption: SMTPEncryption?) throws(SocketError) -> SocketServer {
        var smtp = SocketServer.Configuration(host: configuration.smtpHost, port: configuration.smtpPort)
        smtp.refusal = Array("421 4.3.2 There are too many connections\r\n".utf8)
        smtp.maximumConnections = configuration.maximumConnections
        DescriptorLimit.raise(to: configuration.maximumConnections + 256)
        let settings = SMTPSettings(
            hostname: configuration.hostname, limits: SMTPLimits(messageBytes: configuration.maximumMessageBytes),
            encryption: encryption, requiresTLS: configuration.requiresTLS,
            requiresLogin: configuration.requiresLogin, rules: ruleBook)
        let destination = StoreDestination(
            store: store, hostname: configuration.hostname, onMessage: configuration.onMessage)
        return try SocketServer(smtp) {
            SMTPConnection(settings, remoteAddress: $0.remoteAddress, destination: destination)
        }
    }

    /// What adds the API's routes.
    private func apiRoutes() -> (inout HTTPRoutes) -> Void {
        let api = MailHogRoutes(
            store: store, prefix: configuration.normalizedWebPath, hostname: configuration.hostname)
        let rules = RuleRoutes(book: ruleBook, prefix: configuration.normalizedWebPath)
        return {
            api.add(to: &$0)
            rules.add(to: &$0)
        }
    }

    /// What adds the page's routes.
    private func pageRoutes(smtpPort: Int) -> (inout HTTPRoutes) -> Void {
        let host = configuration.smtpHost.contains(":") ? "[\(configuration.smtpHost)]" : configuration.smtpHost
        let page = Page(
            store: store, prefix: configuration.normalizedWebPath, smtpAddress: "\(host):\(smtpPort)")
        let routes = PageRoutes(page: page)
        return { routes.add(to: &$0) }
    }

    /// Routes behind what every request must pass, for a listener on `host`.
    private func guarded(_ host: String, _ additions: [(inout HTTPRoutes) -> Void]) -> HTTPRoutes {
        var routes = HTTPRoutes()
        let hostGuard = HostGuard(
            isLoopback: isLoopback(host: host),
            names: (configuration.allowedHosts + [configuration.hostname, host]).map { $0.lowercased() })
        routes.guardian = { hostGuard.refusal(for: $0) }
        routes.fallback = { _, _ in HTTPResponse(404, text: "404 page not found\n") }
        for add in additions { add(&routes) }
        return routes
    }

    private static func listening<Server>(
        _ what: String, _ listen: () throws(SocketError) -> Server
    ) throws(CaptureError) -> Server {
        do throws(SocketError) { return try listen() } catch { throw CaptureError(error, of: what) }
    }
}
