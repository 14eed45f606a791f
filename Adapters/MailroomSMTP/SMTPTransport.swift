public import Mailroom
import MailroomSockets

/// An adapter that hands mail to an SMTP server.
///
/// ```swift
/// let submission = SMTPTransport.smtp("mail.example.org", port: 587, security: .required) {
///     $0.credentials = .password(password, of: "club@example.org")
/// }
/// ```
///
/// It speaks RFC 5321 with PIPELINING, SIZE, 8BITMIME, SMTPUTF8, DSN, CHUNKING, STARTTLS and AUTH, each where the server
/// offers it and the configuration wants it.
///
/// Concurrent deliveries share a pool of connections, which are made when needed and kept for a while. A mail that was
/// on a connection which turned out to be dead is sent again on a fresh one, as long as none of it can have been taken.
/// Only a reply lost after the end of a message leaves recipients in doubt (RFC 5321 §4.2.5).
public final class SMTPTransport: Transport, RouteOwning, ConnectionChecking {
    /// What it was made with.
    public let configuration: SMTPConfiguration
    let pool: ConnectionPool

    /// A transport; connects when there is something to deliver.
    public init(_ configuration: SMTPConfiguration) {
        self.configuration = configuration
        pool = ConnectionPool(configuration)
    }

    /// Finds limits that are not positive or leave a mail no time, names that cannot be written in a command, and
    /// credentials that would have to cross the network in plain text.
    public func configurationProblems(in context: PipelineContext) -> [ConfigurationProblem] {
        configuration.problems(in: context.limits)
    }

    /// Delivers a mail; see ``/Mailroom/Transport/deliver(_:)``.
    ///
    /// Refusals that are known when the connection is lost are reported, and those who were not yet refused are then
    /// refused for now; with none known, the delivery throws. When cancelled after the end of the message, it waits half
    /// a second for the answer before it reports the recipients as unknown.
    ///
    /// Whatever is wrong between this side and the server as a whole, such as TLS or the login, throws an error that is
    /// transient: it is the configuration's fault and must not end the jobs that wait.
    public func deliver(_ mail: Mail) async throws(TransportError) -> DeliveryReport {
        let delivery = try Delivery(mail, route: pool.route, isNamed: configuration.notifications != nil)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if delivery.begin(continuation) { pool.submit(delivery) }
            }
        } onCancel: {
            if let grace = delivery.cancel() { pool.watch(until: grace) }
        }
        pool.forget(delivery)
        return try result.get()
    }

    /// Whether a delivery went to this server.
    public func owns(_ route: String) -> Bool? { route == pool.route }

    /// Connects, encrypts and logs in as a delivery would, and tells what the server offers; sends no mail.
    public func checkConnection(until deadline: ContinuousClock.Instant) async -> [ConnectionCheck] {
        do throws(SocketError) {
            let check = try SMTPCheck(configuration)
            return [
                await withTaskCancellationHandler {
                    await check.run(until: deadline)
                } onCancel: {
                    check.cancel()
                }
            ]
        } catch {
            return [ConnectionCheck(configuration.route, problem: error.description)]
        }
    }

    /// Closes the connections with QUIT and waits for their threads. Mail in hand is finished first, mail that waits
    /// for a connection is refused.
    public func shutdown() async { await pool.shutdown() }
}

extension Transport where Self == SMTPTransport {
    /// Hands mail to an SMTP server.
    ///
    /// - Parameters:
    ///   - host: the server's name or numeric address. Its certificate must be for this name.
    ///   - port: 25 unless given, or 465 with implicit TLS; 587 is usual for submission.
    ///   - security: whether connections are encrypted. Make it `.required` or `.implicit` outside your own network.
    ///   - adjust: changes what is not the default, such as the credentials.
    public static func smtp(
        _ host: String, port: Int? = nil, security: SMTPSecurity = .whenOffered,
        _ adjust: (inout SMTPConfiguration) -> Void = { _ in }
    ) -> SMTPTransport {
        var configuration = SMTPConfiguration(host: host, port: port, security: security)
        adjust(&configuration)
        return SMTPTransport(configuration)
    }
}
