public import Mailroom
import MailroomMIME

/// Makes a transport to release captured mails by; it is shut down after one mail.
public typealias ReleaseTransportMaker = @Sendable (ReleaseTarget) throws -> any Transport

/// Hands captured mails to real servers.
struct Release: Sendable {
    /// Why a mail was not released.
    struct Failure: Error {
        /// What happened, for a person.
        let reason: String
    }

    /// How long a release may take.
    static let limit = Duration.seconds(60)

    let hostname: String
    let makeTransport: ReleaseTransportMaker

    /// Hands a mail as it was captured, with what was added on arrival, to a server.
    func send(_ message: CapturedMessage, by server: OutgoingServer, login: ReleaseTarget.Login?) async throws(Failure)
    {
        guard let port = Int(server.port), (1...65535).contains(port) else {
            throw Failure(reason: "\"\(server.port)\" is no port. Give a number from 1 to 65535.")
        }
        let target = ReleaseTarget(
            host: server.host, port: port, login: login, sender: "nobody@\(hostname)", recipient: server.email,
            helloName: "localhost")
        let sender: EmailAddress
        let transport: any Transport
        do {
            sender = try EmailAddress(target.sender)
            _ = try EmailAddress(target.recipient)
            transport = try makeTransport(target)
        } catch {
            throw Failure(reason: "\(error)")
        }
        let mail = Mail(
            id: JobID(high: .random(in: .min ... .max), low: .random(in: .min ... .max)),
            envelope: Envelope(reversePath: sender, recipients: [.to(target.recipient)]),
            bytes: MailHogMessage(message, hostname: hostname, splits: false).file(), deadline: .now + Self.limit)
        let result: Result<DeliveryReport, TransportError>
        do throws(TransportError) {
            result = .success(try await transport.deliver(mail))
        } catch {
            result = .failure(error)
        }
        await transport.shutdown()
        switch result {
        case .failure(let error): throw Failure(reason: error.description)
        case .success(let report):
            guard let outcome = report.outcomes.first, outcome.status == .accepted else {
                throw Failure(reason: report.outcomes.first?.reply.map { "\($0)" } ?? "The server's answer was lost.")
            }
        }
    }
}
