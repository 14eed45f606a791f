import Mailroom
import MailroomLibraries
import MailroomSockets

/// Asks a server what it is and what it promises. Blocks the calling thread.
struct ServerInspection {
    private let configuration: RedisConfiguration
    private let encryption: SharedTLSContext
    private let interruption: SocketInterruption
    private let deadline: ContinuousClock.Instant

    init(
        _ configuration: RedisConfiguration, _ encryption: SharedTLSContext, _ interruption: SocketInterruption,
        _ deadline: ContinuousClock.Instant
    ) {
        self.configuration = configuration
        self.encryption = encryption
        self.interruption = interruption
        self.deadline = deadline
    }

    func check() -> ConnectionCheck {
        var check = ConnectionCheck("\(configuration)")
        do throws(LinkFailure) {
            let link = try RedisLink.open(
                configuration, encryption: encryption, interruption: interruption, until: deadline)
            check.findings.append(.init("address", link.remoteAddress))
            if let facts = link.facts {
                check.findings.append(.init("TLS", "\(facts.protocolVersion), \(facts.cipher)"))
            } else {
                check.findings.append(.init("TLS", "none"))
            }
            if configuration.password != nil {
                check.findings.append(.init("logged in", configuration.user ?? "default"))
            }
            inspect(link, &check)
        } catch {
            check.problem = error.brokerError("\(configuration)", mayHaveStored: false).reason
        }
        return check
    }

    private func inspect(_ link: RedisLink, _ check: inout ConnectionCheck) {
        var forbidden: [String] = []
        func ask(_ words: String...) -> RESPValue? {
            var writer = RESPWriter()
            for word in words { writer.write(word) }
            let reply = link.ask(writer.command(), until: deadline)
            if case .error(let text) = reply, text.hasPrefix("NOPERM") { forbidden.append(words[0]) }
            if case .error = reply { return nil }
            return reply
        }
        let facts = ServerFacts(ask("INFO")?.string ?? "")
        if let name = facts.server { check.findings.append(.init("server", name)) }
        if let role = ask("ROLE")?.array?.first?.string ?? facts["role"] {
            check.findings.append(.init("role", role == "slave" ? "replica" : role))
            if role == "slave" {
                check.problem =
                    ErrorReply("READONLY You can't write against a read only replica.")
                    .brokerError("\(configuration)").reason
            }
        }
        if facts.isTooOld {
            check.problem = "\(configuration): it is too old: Redis 7 or Valkey is needed."
        }
        func setting(_ name: String) -> String? { ask("CONFIG", "GET", name)?.array?.last?.string }
        let policy = setting("maxmemory-policy") ?? facts["maxmemory_policy"]
        if let policy {
            check.findings.append(
                .init(
                    "memory",
                    policy == "noeviction"
                        ? "noeviction: where memory is used up, jobs are refused and none is lost"
                        : "warning: maxmemory-policy is \(policy), so that the server may throw jobs away: "
                            + "set noeviction"))
        }
        check.findings.append(
            .init(
                "persistence",
                facts.persistence(
                    appendOnly: setting("appendonly") ?? facts["aof_enabled"], sync: setting("appendfsync"),
                    snapshots: setting("save"))))
        if !forbidden.isEmpty {
            check.findings.append(
                .init(
                    "not allowed",
                    "\(Set(forbidden).sorted().joined(separator: ", ")): the access list forbids this user to ask, "
                        + "so that not everything could be looked at"))
        }
        if check.problem == nil {
            // Reads only, and is what the broker does first of all.
            var writer = RESPWriter()
            writer.write("EVAL")
            writer.write(Scripts.counts.source)
            for word in ["1", configuration.keyPrefix, "", ""] { writer.write(word) }
            let reply = link.ask(writer.command(), until: deadline)
            if case .error(let text) = reply { check.problem = ErrorReply(text).brokerError("\(configuration)").reason }
            if case .array(let queues) = reply {
                check.findings.append(.init("queues", queues.isEmpty ? "none yet" : String(queues.count)))
            }
        }
    }
}
