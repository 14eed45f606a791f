import Foundation
import Mailroom
import MailroomHTTP
import MailroomSockets

/// `preview`: templates in the browser, while they are being written.
struct PreviewCommand: Command {
    let name = "preview"
    let summary = "shows templates in the browser as text, HTML mail and PDF, while they are written"
    let details = """
        The page follows every change of a file by itself. Values can be edited in it; they begin with those of NAME.json
        beside the template NAME.md, or with samples. Only this machine sees the page, and nothing is sent.
        """
    let options: [Arguments.Option] = [
        .templates,
        .init("values", "FILE.json", "values for all templates, a JSON object"),
        .init("listen", "ADDRESS", "where the page is (127.0.0.1:8027; port 0 takes a free one)"),
    ]

    func run(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> Int32 {
        let (host, port) = try address(arguments)
        let path = environment.templatePath(arguments)
        let first = try environment.templateSet(arguments)
        guard first.renderer == nil || first.renderer is any TemplateListing || !first.names.isEmpty else {
            throw UsageError("this program's renderer does not name its templates")
        }
        let values = arguments.text("values")
        if let values, !FileManager.default.isReadableFile(atPath: values) {
            throw UsageError("\(values) cannot be read: see that it is there and readable")
        }
        let templates = WatchedTemplates(at: path, valuesPath: values, shipped: environment.shipped) {
            guard let path else { return first }
            do {
                return try environment.templateSet(at: path)
            } catch let error as ConfigurationError {
                return TemplateSet(unreadable: path, because: error.problems.map(\.reason))
            } catch {
                return TemplateSet(unreadable: path, because: ["\(error)"])
            }
        }
        let time = environment.time
        // A day long the same letter is the same, octet by octet.
        let day = { @Sendable in
            Date(timeIntervalSince1970: (time.now().timeIntervalSince1970 / 86_400).rounded(.down) * 86_400)
        }
        var limits = HTTPLimits()
        limits.bodyBytes = ValuesReader.maximumOctets
        let server: HTTPServer
        do throws(SocketError) {
            server = try HTTPServer(
                SocketServer.Configuration(host: host, port: port),
                routes: PreviewRoutes(templates, date: day).routes, limits: limits)
        } catch {
            throw PageError(description: "The page cannot be offered. \(error) --listen names another address.")
        }
        await Interruption.wait {
            let shown = host.contains(":") ? "[\(host)]" : host
            environment.console.line("preview on http://\(shown):\(server.port)/")
            environment.console.line(path.map { "templates of \($0)" } ?? "the templates that come with this program")
        }
        server.stop()
        return 0
    }

    private func address(_ arguments: Arguments) throws(UsageError) -> (host: String, port: Int) {
        let text = arguments.text("listen") ?? "127.0.0.1:8027"
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw UsageError("--listen takes host:port, such as 127.0.0.1:8027, not \"\(text)\"")
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard isLoopback(host: host) else {
            throw UsageError("--listen takes an address of this machine alone, such as 127.0.0.1:8027, not \"\(text)\"")
        }
        return (host, Int(port))
    }
}

/// A page that cannot be offered.
private struct PageError: Error, CustomStringConvertible {
    let description: String
}
