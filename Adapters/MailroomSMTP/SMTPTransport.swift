public import Mailroom

/// An adapter that hands mail to an SMTP server.
///
/// ```swift
/// let pipeline = try PipelineBuilder().broker(.memory()).transport(.smtp("127.0.0.1", port: 1025)).build()
/// ```
///
/// It speaks plain text (RFC 5321), without TLS and without AUTH.
///
/// Concurrent deliveries share a pool of connections, which are made when needed and kept for a while. A mail that was
/// on a connection which turned out to be dead is sent again on a fresh one, as long as none of it can have been taken.
/// Only a reply lost after the end of a message leaves recipients in doubt (RFC 5321 §4.2.5).
public final class SMTPTransport: Transport {
    /// What it was made with.
    public let configuration: SMTPConfiguration
    let pool: ConnectionPool

    /// A transport; connects when there is something to deliver.
    public init(_ configuration: SMTPConfiguration) {
        self.configuration = configuration
        pool = ConnectionPool(configuration)
    }

    /// Finds limits that are not positive or leave a mail no time, and names that cannot be written in a command.
    public func configurationProblems(in context: PipelineContext) -> [ConfigurationProblem] {
        configuration.problems(in: context.limits)
    }

    /// Delivers a mail; see ``/Mailroom/Transport/deliver(_:)``.
    ///
    /// Refusals that are known when the connection is lost are reported, and those who were not yet refused are then
    /// refused for now; with none known, the delivery throws. When cancelled after the final dot, it waits half a
    /// second for the answer before it reports the recipients as unknown.
    public func deliver(_ mail: Mail) async throws(TransportError) -> DeliveryReport {
        let delivery = try Delivery(mail, route: pool.route)
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

    /// Closes the connections with QUIT and waits for their threads. Mail in hand is finished first, mail that waits
    /// for a connection is refused.
    public func shutdown() async { await pool.shutdown() }
}

extension Transport where Self == SMTPTransport {
    /// Hands mail to an SMTP server in plain text.
    ///
    /// - Parameters:
    ///   - host: the server's name or numeric address.
    ///   - port: 25, or 1025 for a capture server.
    ///   - adjust: changes what is not the default.
    public static func smtp(
        _ host: String, port: Int = 25, _ adjust: (inout SMTPConfiguration) -> Void = { _ in }
    ) -> SMTPTransport {
        var configuration = SMTPConfiguration(host: host, port: port)
        adjust(&configuration)
        return SMTPTransport(configuration)
    }
}
