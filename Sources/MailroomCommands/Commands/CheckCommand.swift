import Foundation
import Mailroom

/// `check`: tries the connections of transport and broker.
struct CheckCommand: Command {
    let name = "check"
    let summary = "tries the connections of transport and broker, and tells what is there"
    let details = """
        Connects, encrypts and logs in as a delivery would, and sends no mail. A server's certificate is checked as for
        a delivery. Give a URL with a password in MAILROOM_TRANSPORT: other users see a command's options.
        """
    let options: [Arguments.Option] = [
        .transport, .broker,
        .init("timeout", "SECONDS", "how long each may take (30)"),
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
        var isSound = true
        var isFirst = true
        for case let adapter as any ConnectionChecking in adapters {
            for check in await adapter.checkConnection(until: .now + limit) {
                if !isFirst { console.line("") }
                isFirst = false
                show(check, withDialogue: arguments.has("verbose"), on: console)
                isSound = isSound && check.problem == nil
            }
        }
        for adapter in adapters { await adapter.shutdown() }
        if isFirst { console.line("nothing to try: these adapters have no connection") }
        return isSound ? 0 : 1
    }

    private func show(_ check: ConnectionCheck, withDialogue: Bool, on console: Console) {
        console.line(check.subject)
        if withDialogue { for line in check.dialogue { console.line("  | \(line)") } }
        let width = check.findings.map(\.name.count).max() ?? 0
        for finding in check.findings {
            let name = finding.name.padding(toLength: width, withPad: " ", startingAt: 0)
            console.line("  \(name)  \(finding.value)")
        }
        console.line(check.problem.map { "  does not work: \($0)" } ?? "  works")
    }
}
