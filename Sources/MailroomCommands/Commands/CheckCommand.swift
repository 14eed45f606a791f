import Foundation
import Mailroom

/// `check`: tries the connections of transport and broker.
struct CheckCommand: Command {
    let name = "check"
    let summary = "tries the connections of transport and broker, and tells what is there"
    let details = """
        Connects, encrypts and logs in as a delivery would, and sends no mail. A server's certificate is checked as for
        a delivery. Exit status: 0 all work, 1 one does not, 2 the URL is wrong. Give a URL with a password in
        MAILROOM_TRANSPORT: other users see a command's options.
        """
    let options: [Arguments.Option] = [
        .transport, .broker,
        .init("timeout", "SECONDS", "how long each may take in all (30); a server has half of it for its greeting"),
        .init("verbose", "shows the whole dialogue, credentials masked"),
    ]

    func run(_ arguments: Arguments, in environment: CommandEnvironment) async throws -> Int32 {
        let limit = try arguments.seconds("timeout") ?? .seconds(30)
        let composition = try environment.composition(arguments)
        let adapters: [any Adapter] = composition.currentTransports + [composition.currentBroker].compactMap(\.self)
        guard !adapters.isEmpty else {
            throw UsageError("there is nothing to check: give --transport URL or set MAILROOM_TRANSPORT")
        }
        let console = environment.console
        let context = PipelineContext(limits: composition.currentLimits)
        let problems = adapters.flatMap { $0.configurationProblems(in: context) }
        guard problems.isEmpty else { throw ConfigurationError(problems) }
        var tried = 0
        var failures = 0
        for adapter in adapters {
            let kind = adapter is any Broker ? "broker" : "transport"
            let checks = await checks(of: adapter, kind, within: limit, showingOn: console)
            if checks.isEmpty {
                console.line("\(tried == 0 ? "" : "\n")\(kind)\n  nothing to try: it has no connection")
            }
            for check in checks {
                if tried > 0 { console.line("") }
                show(check, withDialogue: arguments.has("verbose"), on: console)
                tried += 1
                if check.problem != nil { failures += 1 }
            }
        }
        for adapter in adapters { await adapter.shutdown() }
        if tried > 1, failures > 0 {
            console.line("\n\(failures) of \(tried) \(failures == 1 ? "does" : "do") not work")
        }
        return failures == 0 ? 0 : 1
    }

    /// The answers of an adapter, which may take a while to come.
    private func checks(
        of adapter: any Adapter, _ kind: String, within limit: Duration, showingOn console: Console
    ) async -> [ConnectionCheck] {
        guard let adapter = adapter as? any ConnectionChecking else { return [] }
        if console.isTerminal { console.write("trying the \(kind) …") }
        defer { if console.isTerminal { console.write("\r\u{1B}[K") } }
        return await adapter.checkConnection(until: .now + limit)
    }

    private func show(_ check: ConnectionCheck, withDialogue: Bool, on console: Console) {
        console.line(check.subject)
        if withDialogue { for line in check.dialogue { console.line("  | \(line)") } }
        let width = check.findings.map(\.name.count).max() ?? 0
        for finding in check.findings {
            let name = finding.name.padding(toLength: width, withPad: " ", startingAt: 0)
            console.line("  \(name)  \(finding.value)")
        }
        console.line(check.reason.map { "  does not work: \($0)" } ?? "  works")
    }
}

extension ConnectionCheck {
    /// The problem without the subject, under which it is shown.
    fileprivate var reason: String? {
        guard let problem, problem.hasPrefix("\(subject): ") else { return problem }
        return String(problem.dropFirst(subject.count + 2))
    }
}
