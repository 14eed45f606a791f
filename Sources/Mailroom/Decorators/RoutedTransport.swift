/// An adapter that chooses a transport by each recipient's domain.
///
/// ```swift
/// .transport(.routed(byDomain: ["example.org": .smtp("127.0.0.1")], otherwise: .smtp("relay.example.net")))
/// ```
///
/// A mail to several domains is delivered in parts, at the same time and with the same bytes. If only some of the parts
/// throw, their recipients count as refused, for now or for good as the error says. A recipient whom an earlier attempt
/// left in doubt stays with the transport of that attempt, also when domains are routed otherwise by now; if that is no
/// longer there, the recipient stays in doubt and the job ends up held.
public final class RoutedTransport: Transport, RouteOwning, ConnectionChecking {
    private let book: RouteBook
    private let table: DomainTable
    /// Which child serves each pattern, and last the one for all others. Patterns with one transport share it, so that
    /// a mail to both goes once.
    private let places: [Int]

    init(_ routes: [String: any Transport], otherwise: any Transport) {
        let sorted = routes.sorted { $0.key < $1.key }
        table = DomainTable(sorted.map(\.key), for: "routed")
        var children: [(name: String, transport: any Transport)] = []
        var known: [ObjectIdentifier: Int] = [:]
        var places: [Int] = []
        for (name, transport) in sorted.map({ ($0.key, $0.value) }) + [("otherwise", otherwise)] {
            if let identity = transport.identity, let place = known[identity] {
                places.append(place)
                continue
            }
            if let identity = transport.identity { known[identity] = children.count }
            places.append(children.count)
            children.append((name, transport))
        }
        self.places = places
        book = RouteBook(children: children)
    }

    /// The problems of all transports, and patterns that are no domains.
    public func configurationProblems(in context: PipelineContext) -> [ConfigurationProblem] {
        table.problems + book.children.configurationProblems(in: context, of: "routed")
    }

    /// Whether one of the transports owns the route.
    public func owns(_ route: String) -> Bool? { book.owns(route) }

    /// Delivers each part by its transport. Throws only if all of them threw.
    public func deliver(_ mail: Mail) async throws(TransportError) -> DeliveryReport {
        var parts: [Int: [Recipient]] = [:]
        var routes: [String: String] = [:]
        var outcomes: [String: RecipientOutcome] = [:]
        for recipient in mail.envelope.recipients {
            guard let route = mail.earlierRoutes[recipient.address] else {
                parts[child(for: recipient), default: []].append(recipient)
                continue
            }
            guard let owner = book.owner(of: route) else {
                outcomes[recipient.address] = RouteBook.held(recipient, on: route)
                continue
            }
            parts[owner.child, default: []].append(recipient)
            if !owner.route.isEmpty { routes[recipient.address] = owner.route }
        }
        let results = await deliver(mail, parts, routes)
        var waits: [Duration?] = []
        var errors: [(name: String, error: TransportError)] = []
        for (child, result) in results.sorted(by: { $0.child < $1.child }) {
            let recipients = parts[child, default: []]
            switch result {
            case .success(let report):
                let report = book.report(report, of: child, for: recipients)
                for outcome in report.outcomes { outcomes[outcome.recipient] = outcome }
                if report.outcomes.contains(where: { $0.status == .refusedForNow }) { waits.append(report.retryAfter) }
            case .failure(let error):
                errors.append((book.children[child].name, error))
                if error.isTransient { waits.append(error.retryAfter) }
                for recipient in recipients {
                    outcomes[recipient.address] = RecipientOutcome(recipient, error, in: mail)
                }
            }
        }
        guard errors.count < parts.count || parts.values.map(\.count).reduce(0, +) < mail.envelope.recipients.count
        else { throw TransportError.combined(errors, "No transport took its part of the mail.") }
        let all = mail.envelope.recipients.compactMap { outcomes[$0.address] }
        return DeliveryReport(all, retryAfter: waits.commonWait)
    }

    /// Shuts all transports down.
    public func shutdown() async { await book.children.shutdown() }

    /// The answers of all transports whose connection can be tried.
    public func checkConnection(until deadline: ContinuousClock.Instant) async -> [ConnectionCheck] {
        await book.children.checkConnection(until: deadline)
    }

    private func child(for recipient: Recipient) -> Int {
        let pattern = recipient.channel == .email ? table.index(for: recipient.address) : nil
        return places[pattern ?? places.count - 1]
    }

    private func deliver(
        _ mail: Mail, _ parts: [Int: [Recipient]], _ routes: [String: String]
    ) async -> [(child: Int, result: Result<DeliveryReport, TransportError>)] {
        await withTaskGroup(of: (child: Int, result: Result<DeliveryReport, TransportError>).self) { group in
            for (child, recipients) in parts {
                let transport = book.children[child].transport
                let part = mail.restricted(to: recipients, earlierRoutes: routes)
                group.addTask {
                    do throws(TransportError) {
                        return (child, .success(try await transport.deliver(part)))
                    } catch {
                        return (child, .failure(error))
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }
}

extension Transport where Self == RoutedTransport {
    /// Chooses by each recipient's domain: `example.org` is that domain alone, `*.example.org` all below it; the closest
    /// fit counts. Case does not matter, and international domains are the same in either spelling.
    ///
    /// - Parameters:
    ///   - routes: the transports by domain.
    ///   - otherwise: for other domains, and for channels without domains.
    public static func routed(byDomain routes: [String: any Transport], otherwise: any Transport) -> RoutedTransport {
        RoutedTransport(routes, otherwise: otherwise)
    }
}
