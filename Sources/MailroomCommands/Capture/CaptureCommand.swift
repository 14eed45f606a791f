import Foundation
import Mailroom
import MailroomCapture

/// `capture`: shows what is sent in a web page, and delivers nothing. Takes MailHog's place with its flags and
/// environment variables.
struct CaptureCommand: Command {
    let name = "capture"
    let summary = "accepts all mail by SMTP, delivers none, and shows it in a web page"
    let details = """
        Takes MailHog's place: its ports, API, flags (with one dash or two) and environment variables MH_…, but listens
        on this machine only unless told otherwise. An ADDRESS is host:port; :1025 means every address of this machine.
        A RULE says how to misbehave, such as "rcpt to=*@full.example reply='452 4.2.2 Mailbox full' limit=2".
        """
    let subcommands: [any Command] = [CaptureSendmailCommand(), CaptureBcryptCommand()]
    let acceptsOneDash = true
    let options: [Arguments.Option] = [
        .init("smtp-port", "PORT", "where mail is accepted (1025; 0 takes a free one)"),
        .init("web-port", "PORT", "where the page and the API are (8025; 0 takes a free one)"),
        .init("host", "ADDRESS", "where to listen (127.0.0.1: this machine only)"),
        .init("smtp-bind-addr", "ADDRESS", "where mail is accepted (MH_SMTP_BIND_ADDR)"),
        .init("ui-bind-addr", "ADDRESS", "where the page is (MH_UI_BIND_ADDR)"),
        .init("api-bind-addr", "ADDRESS", "where the API is, if not where the page is (MH_API_BIND_ADDR)"),
        .init(
            "api-host", "ADDRESS", "for MailHog's sake, without effect: the page knows where the API is (MH_API_HOST)"),
        .init("ui-web-path", "PATH", "what stands before every path, such as mail (MH_UI_WEB_PATH)"),
        .init("hostname", "NAME", "what the server calls itself (MH_HOSTNAME)"),
        .init("allow-host", "NAME", "a name under which a browser may use the page; may be repeated"),
        .init("auth-file", "FILE", "lines of name:bcrypt; only these may use page and API (MH_AUTH_FILE)"),
        .init("cors-origin", "ORIGIN", "whose pages may use the API, or * (MH_CORS_ORIGIN)"),
        .init("storage", "KIND", "memory or maildir (MH_STORAGE)"),
        .init(
            "maildir-path", "FOLDER", "where mails are kept as a Maildir, a new folder unless given (MH_MAILDIR_PATH)"),
        .init("max-mails", "NUMBER", "keeps so many, the newest (10000)"),
        .init("max-memory", "MEGABYTES", "memory for mails (256); large ones lie on the disk"),
        .init("max-disk", "MEGABYTES", "disk for large mails, or for the Maildir (4096)"),
        .init("max-message", "MEGABYTES", "refuses larger mails (64)"),
        .init("outgoing-smtp", "FILE", "servers to release to, as JSON (MH_OUTGOING_SMTP)"),
        .init("tls", "offers STARTTLS, with a certificate that is made and signed by itself unless one is given"),
        .init("tls-certificate", "FILE", "offers STARTTLS with the certificate of a PEM file"),
        .init("tls-key", "FILE", "its key, if not in the same file"),
        .init("print-certificate", "with --tls, prints the certificate for clients to trust"),
        .init("require-tls", "refuses mail before STARTTLS"),
        .init("require-login", "refuses mail before AUTH; any password will do"),
        .init("rule", "RULE", "how to misbehave; may be repeated, the first that applies decides"),
        .init("rules-file", "FILE", "a rule a line"),
        .init("seed", "NUMBER", "what the rules' chances are drawn from, to repeat a run"),
        .init("invite-jim", "misbehaves at random, as MailHog's monkey (MH_INVITE_JIM)"),
        .init("jim-accept", "CHANCE", "takes a connection (0.99)"),
        .init("jim-disconnect", "CHANCE", "closes it at a read (0.005)"),
        .init("jim-reject-sender", "CHANCE", "refuses MAIL (0.05)"),
        .init("jim-reject-recipient", "CHANCE", "refuses RCPT (0.05)"),
        .init("jim-reject-auth", "CHANCE", "refuses AUTH (0.05)"),
        .init("jim-linkspeed-affect", "CHANCE", "kept for the API, without effect, as are the next two"),
        .init("jim-linkspeed-min", "SPEED", "octets a second"),
        .init("jim-linkspeed-max", "SPEED", "octets a second"),
        .init("verbose", "prints a line for each mail"),
    ]

    func run(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> Int32 {
        var configuration = try CaptureSettings(arguments, environment.variables).configuration()
        configuration.release = Self.releases(by: environment.schemes)
        let console = environment.console
        if arguments.has("verbose") {
            configuration.onMessage = { message in
                let recipients = message.recipients.joined(separator: ", ")
                console.line(Console.printable("from \(message.reversePath ?? "<>") to \(recipients)"))
            }
        }
        let server = CaptureServer(configuration)
        let ports = try server.start()
        await Interruption.wait {
            let path = configuration.webPath.split(separator: "/").map { $0 + "/" }.joined()
            console.line("SMTP on \(Self.address(configuration.smtpHost, ports.smtp))")
            console.line("web page on http://\(Self.address(configuration.webHost, ports.web))/\(path)")
            if ports.api != ports.web {
                let host = configuration.apiHost ?? configuration.webHost
                console.line("API on http://\(Self.address(host, ports.api))/\(path)api/")
            }
            if arguments.text("maildir-path") == nil, let folder = configuration.maildir {
                console.line("mails in \(folder)")
            }
            if arguments.has("print-certificate"), let certificate = server.certificatePEM {
                console.write(String(decoding: certificate, as: UTF8.self))
            }
        }
        server.stop()
        return 0
    }

    private static func address(_ host: String, _ port: Int) -> String {
        if host == "*" { return "\(ProcessInfo.processInfo.hostName):\(port)" }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// A way to release by whatever speaks SMTP here; none where nothing does.
    private static func releases(by schemes: AdapterSchemes) -> ReleaseTransportMaker? {
        guard schemes.transports.contains(where: { $0.name == "smtp" }) else { return nil }
        return { target in
            // What is no letter or digit might mean something in a URL.
            func encoded(_ text: String) -> String {
                text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            }
            var url = target.port == 465 ? "smtps://" : "smtp://"
            if let login = target.login {
                url += "\(encoded(login.user)):\(encoded(login.password))@"
            }
            url += "\(Self.address(target.host, target.port))?name=\(encoded(target.helloName))&connections=1"
            if let login = target.login { url += "&auth=\(login.mechanism.rawValue.lowercased())" }
            return try schemes.transport(url)
        }
    }
}
