import Dispatch
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

        /// A server is to be stored under a name that another has.
        fileprivate static func exists(_ server: OutgoingServer) -> Refusal {
            .refused("There is a server \"\(server.name)\" already.")
        }
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

    /// What is meant by a server that was described or only named. It is stored if its description says so, once all else
    /// about it is right.
    func way(to described: OutgoingServer) throws(Refusal) -> Way {
        var server = described
        if described.save {
            guard outgoing[described.name] == nil else { throw .exists(described) }
        } else if !described.name.isEmpty {
            guard var stored = outgoing[described.name] else {
                throw .refused("There is no server \"\(described.name)\".")
            }
            if !described.email.isEmpty { stored.email = described.email }
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
        // One without a port is stored as MailHog stores it; one with a wrong port is not, and its release fails.
        if described.save, described.port.isEmpty || Self.port(described.port) != nil {
            switch outgoing.add(described) {
            case .stored: break
            case .exists: throw .exists(described)
            case .isTooLong:
                throw .refused("A stored server's fields have \(OutgoingServers.maximumFieldBytes) octets at most.")
            case .noRoom:
                throw .refused(
                    "\(OutgoingServers.maximumCount) servers are stored already, which is the limit. Release without storing."
                )
            }
        }
        return Way(server: server, login: login, makeTransport: makeTransport)
    }

    private static func port(_ text: String) -> Int? { Int(text).flatMap { (1...65535).contains($0) ? $0 : nil } }

    /// A mail with what was added on arrival, read on a queue of its own: tasks' threads must not wait for the disk.
    private func file(of message: CapturedMessage) async -> [UInt8] {
        await withCheckedContinuation { continuation in
            Self.reading.async { [hostname] in
                continuation.resume(returning: MailHogMessage(message, hostname: hostname, splits: false).file())
            }
        }
    }

    private static let reading = DispatchQueue(label: "mailroom.capture.release")

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
        guard let port = Self.port(server.port) else {
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
        let bytes = await file(of: message)
        let mail = Mail(
            id: JobID(high: .random(in: .min ... .max), low: .random(in: .min ... .max)),
            envelope: Envelope(reversePath: sender, recipients: [.to(target.recipient)]),
            bytes: bytes, deadline: .now + Self.limit)
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
