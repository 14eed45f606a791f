import MailroomFiles
import MailroomHTTP
import MailroomLibraries
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
        let encryption = try makeEncryption()
        show(encryption)
        let entrance = try makeEntrance()
        let release = try makeRelease()
        let smtp = try Self.listening("The SMTP server") { () throws(SocketError) in try listenForMail(encryption) }
        var web: [HTTPServer] = []
        do throws(CaptureError) {
            let (host, port) = (configuration.webHost, configuration.webPort)
            let page = pageRoutes(smtpPort: smtp.port, release)
            let api = apiRoutes(release)
            web.append(
                try Self.listening("The page") { () throws(SocketError) in
                    try HTTPServer(
                        SocketServer.Configuration(host: host, port: port),
                        routes: entrance.routes(on: host, configuration.separatesAPI ? [page] : [api, page]))
                })
            if configuration.separatesAPI {
                let (host, port) = (configuration.apiHost ?? host, configuration.apiPort ?? port)
                web.append(
                    try Self.listening("The API") { () throws(SocketError) in
                        try HTTPServer(
                            SocketServer.Configuration(host: host, port: port),
                            routes: entrance.routes(on: host, [api]))
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
        let web = SocketServer.Configuration().maximumConnections * (configuration.separatesAPI ? 2 : 1)
        smtp.maximumConnections = Self.mailConnections(
            wanted: configuration.maximumConnections, web: web, listeners: configuration.separatesAPI ? 3 : 2,
            raise: DescriptorLimit.raise)
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

    /// How many connections may bring mail: as many as wanted, unless the system opens too few files for them. Then what
    /// is missing is missing here, so that the page can still be seen, but for a quarter of what there is.
    ///
    /// A listener holds up to 256 more connections while it turns them away, and 256 files are for all else.
    static func mailConnections(wanted: Int, web: Int, listeners: Int, raise: (Int) -> Int) -> Int {
        let files = wanted + web + 256 * (listeners + 1)
        let possible = raise(files)
        return possible >= files ? wanted : min(wanted, max(wanted - (files - possible), possible / 4, 1))
    }

    private func makeEncryption() throws(CaptureError) -> SMTPEncryption? {
        switch configuration.encryption {
        case .none: return nil
        case .selfSigned: return SMTPEncryption(selfSignedFor: configuration.hostname)
        case .files(let certificate, let key):
            do throws(LibraryError) {
                return try SMTPEncryption(TLSServerConfiguration(certificateFile: certificate, keyFile: key))
            } catch {
                throw CaptureError(code: .misconfigured, description: "TLS cannot be offered. \(error)")
            }
        }
    }

    private func makeEntrance() throws(CaptureError) -> WebEntrance {
        WebEntrance(
            names: configuration.allowedHosts + [configuration.hostname], corsOrigin: configuration.corsOrigin,
            logins: try configuration.loginFile.map { path throws(CaptureError) in try Logins(file: path) },
            prefix: configuration.normalizedWebPath)
    }

    private func makeRelease() throws(CaptureError) -> Release {
        Release(
            hostname: configuration.hostname,
            outgoing: try configuration.outgoingServersFile.map { path throws(CaptureError) in
                try OutgoingServers(file: path)
            } ?? OutgoingServers(),
            makeTransport: configuration.release)
    }

    /// What adds the API's routes.
    private func apiRoutes(_ release: Release) -> (inout HTTPRoutes) -> Void {
        let prefix = configuration.normalizedWebPath
        let api = MailHogRoutes(
            store: store, prefix: prefix, hostname: configuration.hostname, rules: ruleBook,
            invitedJim: configuration.invitedJim, release: release, corsOrigin: configuration.corsOrigin)
        let rules = RuleRoutes(book: ruleBook, prefix: prefix, corsOrigin: configuration.corsOrigin)
        return { routes in
            api.add(to: &routes)
            rules.add(to: &routes)
        }
    }

    /// What adds the page's routes.
    private func pageRoutes(smtpPort: Int, _ release: Release) -> (inout HTTPRoutes) -> Void {
        let host = configuration.smtpHost.contains(":") ? "[\(configuration.smtpHost)]" : configuration.smtpHost
        let page = Page(
            store: store, prefix: configuration.normalizedWebPath, smtpAddress: "\(host):\(smtpPort)",
            release: release)
        let rules = RulePageRoutes(page: page, book: ruleBook, invitedJim: configuration.invitedJim)
        let routes = PageRoutes(page: page, rules: rules)
        return { routes.add(to: &$0) }
    }

    private static func listening<Server>(
        _ what: String, _ listen: () throws(SocketError) -> Server
    ) throws(CaptureError) -> Server {
        do throws(SocketError) { return try listen() } catch { throw CaptureError(error, of: what) }
    }
}
