import Synchronization

/// An adapter that hands each mail to one of several transports, and to the next where that takes nobody's.
///
/// ```swift
/// .transport(.failover(.smtp("mail.example.org"), .smtp("backup.example.org")))
/// ```
///
/// It goes on to the next transport when one threw, which promises that nobody was accepted or is in doubt, and for
/// recipients refused for now if the reply is about the next hop itself: 421, an enhanced status of 4.3 or 4.4
/// (RFC 3463 §3.4, §3.5), or a wish to be left alone. Refusals of a recipient stay as they are, greylisting included:
/// the same next hop takes it later, another would begin to wait anew. Neither cancellation nor a passed deadline leads
/// on, so a transport that uses all of a mail's time leaves the next none: give it time limits of its own.
///
/// A recipient whose outcome an earlier attempt left in doubt stays with the transport of that attempt, found by its
/// route (see ``RouteOwning``). If that is no longer there, the recipient stays in doubt and the job ends up held.
public final class TransportGroup: Transport, RouteOwning, ConnectionChecking {
    private let name: String
    private let book: RouteBook
    private let rotates: Bool
    private let turns = Mutex(0)

    init(_ name: String, _ transports: [any Transport], rotates: Bool) {
        self.name = name
        self.rotates = rotates
        book = RouteBook(children: transports.enumerated().map { (String($0.offset + 1), $0.element) })
    }

    /// The problems of all transports, and having none of them.
    public func configurationProblems(in context: PipelineContext) -> [ConfigurationProblem] {
        let own =
            book.children.isEmpty ? [ConfigurationProblem(name, "it has no transports: give it at least one")] : []
        return own + book.children.configurationProblems(in: context, of: name)
    }

    /// Whether one of the transports owns the route.
    public func owns(_ route: String) -> Bool? { book.owns(route) }

    /// Delivers by the first transport in turn that takes the mail. Throws only if all threw that were asked.
    public func deliver(_ mail: Mail) async throws(TransportError) -> DeliveryReport {
        let count = book.children.count
        let first = rotates && count > 0 ? turns.withLock { turn in (turn, turn = (turn + 1) % count).0 } : 0
        var round = DeliveryRound(mail, book)
        var isFirst = true
        for index in 0..<count {
            let child = (first + index) % count
            guard let part = round.mail(for: child) else { continue }
            // The first is asked in any case: it has the words for a mail that comes cancelled or too late.
            guard isFirst || round.mayGoOn() else { break }
            isFirst = false
            do throws(TransportError) {
                round.take(try await book.children[child].transport.deliver(part), of: child, for: part)
            } catch {
                round.take(error, of: child, for: part)
            }
        }
        return try round.result()
    }

    /// Shuts all transports down.
    public func shutdown() async { await book.children.shutdown() }

    /// The answers of all transports whose connection can be tried.
    public func checkConnection(until deadline: ContinuousClock.Instant) async -> [ConnectionCheck] {
        await book.children.checkConnection(until: deadline)
    }
}

extension Transport where Self == TransportGroup {
    /// Hands mail to the first transport that takes it, in this order.
    public static func failover(_ transports: any Transport...) -> TransportGroup { failover(transports) }

    /// Hands mail to the first transport that takes it, in this order.
    public static func failover(_ transports: [any Transport]) -> TransportGroup {
        TransportGroup("failover", transports, rotates: false)
    }

    /// Hands mail to the transports in rotation, and to the next one where that takes nobody's.
    public static func roundRobin(_ transports: any Transport...) -> TransportGroup { roundRobin(transports) }

    /// Hands mail to the transports in rotation, and to the next one where that takes nobody's.
    public static func roundRobin(_ transports: [any Transport]) -> TransportGroup {
        TransportGroup("round robin", transports, rotates: true)
    }
}
