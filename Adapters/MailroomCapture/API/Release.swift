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

    /// Why a release is not even tried.
    enum Refusal: Error {
        /// There is nothing to release by.
        case notOffered
        /// What was asked for is not possible, for a person.
        case refused(String)
    }

    /// A server to release to, with what it wants to know.
    struct Way: Sendable {
        let server: OutgoingServer
        let login: ReleaseTarget.Login?
        fileprivate let makeTransport: ReleaseTransportMaker
    }

    /// How long a release may take.
    static let limit = Duration.seconds(60)

    let hostname: String
    let outgoing: OutgoingServers
    /// Nothing can be released without it.
    let makeTransport: ReleaseTransportMaker?

    /// What is meant by a server that was described or only named, which is stored if its description says so.
    func way(to described: OutgoingServer) throws(Refusal) -> Way {
        var server = described
        if server.save, !outgoing.add(server) { throw .refused("There is a server \"\(server.name)\" already.") }
        if !server.name.isEmpty {
            guard var stored = outgoing[server.name] else { throw .refused("There is no server \"\(server.name)\".") }
            if !server.email.isEmpty { stored.email = server.email }
            server = stored
        }
        var login: ReleaseTarget.Login?
        if !server.username.isEmpty || !server.password.isEmpty {
            guard let mechanism = Self.mechanism(server.mechanism) else {
                throw .refused("The mechanism of a login is PLAIN or CRAMMD5.")
            }
            login = ReleaseTarget.Login(user: server.username, password: server.password, mechanism: mechanism)
        }
        guard let makeTransport else { throw .notOffered }
        return Way(server: server, login: login, makeTransport: makeTransport)
    }

    private static func mechanism(_ name: String) -> ReleaseTarget.Mechanism? {
        switch name {
        case "PLAIN": .plain
        case "CRAMMD5": .cramMD5
        default: nil
        }
    }

    /// Hands a mail as it was captured, with what was added on arrival, to a server.
    func send(_ message: CapturedMessage, by way: Way) async throws(Failure) {
        let server = way.server
        guard let port = Int(server.port), (1...65535).contains(port) else {
            throw Failure(reason: "\"\(server.port)\" is no port. Give a number from 1 to 65535.")
        }
        let target = ReleaseTarget(
            host: server.host, port: port, login: way.login, sender: "nobody@\(hostname)", recipient: server.email,
            helloName: "localhost")
        let sender: EmailAddress
        let transport: any Transport
        do {
            sender = try EmailAddress(target.sender)
            _ = try EmailAddress(target.recipient)
            transport = try way.makeTransport(target)
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
