import MailroomCapture

/// `capture`: shows what is sent in a web page, and delivers nothing.
struct CaptureCommand: Command {
    let name = "capture"
    let summary = "accepts all mail by SMTP, delivers none, and shows it in a web page"
    let options: [Arguments.Option] = [
        .init("smtp-port", "PORT", "where mail is accepted (1025; 0 takes a free one)"),
        .init("web-port", "PORT", "where the page is shown (8025; 0 takes a free one)"),
        .init("host", "ADDRESS", "where to listen (127.0.0.1: this machine only)"),
        .init("verbose", "prints a line for each mail"),
    ]

    func run(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> Int32 {
        var configuration = CaptureServer.Configuration()
        if let host = arguments.text("host") {
            configuration.smtpHost = host
            configuration.webHost = host
        }
        configuration.smtpPort = try port(arguments, "smtp-port") ?? configuration.smtpPort
        configuration.webPort = try port(arguments, "web-port") ?? configuration.webPort
        let console = environment.console
        if arguments.has("verbose") {
            configuration.onMessage = { message in
                console.line("from \(message.reversePath ?? "<>") to \(message.recipients.joined(separator: ", "))")
            }
        }
        let server = CaptureServer(configuration)
        let ports = try server.start()
        await Interruption.wait {
            console.line("SMTP on \(configuration.smtpHost):\(ports.smtp)")
            console.line("web page on http://\(configuration.webHost):\(ports.web)/")
        }
        server.stop()
        return 0
    }

    private func port(_ arguments: Arguments, _ name: String) throws(UsageError) -> Int? {
        guard let text = arguments.text(name) else { return nil }
        guard let port = UInt16(text) else { throw UsageError("--\(name) takes 0 to 65535, not \"\(text)\"") }
        return Int(port)
    }
}
