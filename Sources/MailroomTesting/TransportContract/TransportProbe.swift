import Foundation
import Mailroom
import MailroomMIME
import Synchronization

/// What clauses do with transports under test.
final class TransportProbe: Sendable {
    struct NotApplicable: Error {}

    /// How long something may take that ought to be over at once.
    static let patience = Duration.seconds(10)
    /// A second, as promised, and half of one for a busy machine.
    static let promptness = Duration.milliseconds(1500)

    let clause: String
    private let makeBench: @Sendable (NextHopBehaviour) async throws -> TransportBench?
    private let benches = Mutex<[TransportBench]>([])
    private let random = SeededRandom(seed: 7)

    init(clause: String, _ makeBench: @escaping @Sendable (NextHopBehaviour) async throws -> TransportBench?) {
        self.clause = clause
        self.makeBench = makeBench
    }

    /// A bench whose next hop behaves so; ends a clause that cannot do without it.
    func bench(_ behaviour: NextHopBehaviour) async throws -> TransportBench {
        guard let bench = try await makeBench(behaviour) else { throw NotApplicable() }
        benches.withLock { $0.append(bench) }
        return bench
    }

    /// Does something with the benches of those behaviours that the next hop is capable of.
    func eachBench(
        _ behaviours: [NextHopBehaviour], _ body: (NextHopBehaviour, TransportBench) async throws -> Void
    ) async throws {
        var isApplicable = false
        for behaviour in behaviours {
            do {
                try await body(behaviour, try await bench(behaviour))
                isApplicable = true
            } catch is NotApplicable {}
        }
        if !isApplicable { throw NotApplicable() }
    }

    func shutdown() async {
        for bench in benches.withLock({ $0 }) { _ = await Race.run(.seconds(2)) { await bench.transport.shutdown() } }
    }

    // MARK: Mail

    /// A message whose lines try what a transport may do to them.
    func mail(
        _ subject: String = "Lines", to addresses: [String] = ["a@example.org"], from: String? = "sender@example.org",
        role: Recipient.Role = .bcc, within time: Duration = .seconds(30)
    ) throws -> Mail {
        mail(
            subject, to: addresses.map { Recipient(channel: .email, address: $0, role: role) },
            from: try from.map { try EmailAddress($0) }, within: time)
    }

    func mail(
        _ subject: String, to recipients: [Recipient], from: EmailAddress?, within time: Duration = .seconds(30)
    ) -> Mail {
        let visible = recipients.filter { $0.role == .to }.compactMap { try? Mailbox($0.address) }
        return Mail(
            id: JobID(at: Date(timeIntervalSince1970: 1_700_000_000), random: random),
            envelope: Envelope(reversePath: from, recipients: recipients),
            message: InternetMessage(
                from: (try? Mailbox("Zoé <author@example.org>")).map { [$0] } ?? [], to: visible, subject: subject,
                date: MessageDate(secondsSince1970: 1_700_000_000), messageID: "\(subject)@example.org",
                text: ".\n..\n.a dot first\nFrom the beginning\n\ttab\n\n.\nQUIT\n\n",
                html: "<p>\(String(repeating: "é ", count: 1000))</p>",
                attachments: [
                    MIMEPart(fileName: "a.bin", mediaType: .octetStream, bytes: (0...255).map { UInt8($0) })
                ]),
            deadline: .now + time)
    }

    // MARK: Deliveries

    /// A delivery under way.
    typealias Run = Task<Result<DeliveryReport, TransportError>, Never>

    func begin(_ mail: Mail, _ bench: TransportBench, cancelled: Bool = false) -> Run {
        let transport = bench.transport
        return Task {
            if cancelled { withUnsafeCurrentTask { $0?.cancel() } }
            do throws(TransportError) {
                return .success(try await transport.deliver(mail))
            } catch {
                return .failure(error)
            }
        }
    }

    /// What a delivery came to, if that is in time.
    func end(
        _ run: Run, within limit: Duration = TransportProbe.patience, _ moment: String = "it was begun"
    ) async throws -> Result<DeliveryReport, TransportError> {
        guard let result = await Race.run(limit, { await run.value }) else {
            run.cancel()
            throw violation("a delivery had not returned \(limit) after \(moment)")
        }
        return result
    }

    func deliver(_ mail: Mail, _ bench: TransportBench) async throws -> Result<DeliveryReport, TransportError> {
        try await end(begin(mail, bench))
    }

    /// The report of a delivery that must not throw.
    func report(_ mail: Mail, _ bench: TransportBench) async throws -> DeliveryReport {
        switch try await deliver(mail, bench) {
        case .success(let report): return report
        case .failure(let error): throw violation("the delivery threw \(error.code.rawValue): \(error)")
        }
    }

    // MARK: What was seen

    func violation(_ observation: String) -> ContractViolation {
        ContractViolation(clause: clause, observation: observation)
    }

    func require(_ holds: Bool, _ observation: @autoclosure () -> String) throws {
        if !holds { throw violation(observation()) }
    }

    func requireEqual<Value: Equatable>(_ seen: Value, _ promised: Value, _ what: String) throws {
        try require(seen == promised, "\(what) was \(seen), not \(promised)")
    }

    /// Requires that this mail, and nothing else, arrived for these recipients, in one piece or several.
    func requireArrived(_ mail: Mail, for recipients: [String], _ bench: TransportBench) async throws {
        let arrivals = await bench.arrivals()
        try requireEqual(
            arrivals.flatMap(\.recipients).map(Self.canonical).sorted(), recipients.map(Self.canonical).sorted(),
            "whom the mail arrived for")
        let promised = bench.content(mail.bytes)
        for arrival in arrivals {
            try requireEqual(
                arrival.reversePath.map(Self.canonical),
                mail.envelope.reversePath.map { Self.canonical($0.description) },
                "the sender that arrived")
            try require(arrival.content == promised, Self.difference(arrival.content, promised))
        }
    }

    func requireNothingArrived(_ bench: TransportBench, _ why: String) async throws {
        let arrivals = await bench.arrivals()
        try require(arrivals.isEmpty, "mail arrived for \(arrivals.flatMap(\.recipients)) \(why)")
    }

    func requireAll(_ status: RecipientOutcome.Status, _ report: DeliveryReport, of mail: Mail) throws {
        try requireEqual(
            report.outcomes.map(\.recipient), mail.envelope.recipients.map(\.address), "who was reported on")
        try requireEqual(report.outcomes.map(\.status), mail.envelope.recipients.map { _ in status }, "the outcomes")
    }

    /// Requires that whom the mail arrived for is in doubt, and so is everyone else unless certainly not reached.
    func requireDoubt(_ report: DeliveryReport, of mail: Mail, _ bench: TransportBench) async throws {
        try requireEqual(
            report.outcomes.map(\.recipient), mail.envelope.recipients.map(\.address), "who was reported on")
        let reached = Set(await bench.arrivals().flatMap(\.recipients).map(Self.canonical))
        for outcome in report.outcomes
        where outcome.status != .unknown && (outcome.status != .refusedForNow || reached.contains(outcome.recipient)) {
            throw violation("the outcome of \(outcome.recipient) was \(outcome.status), not unknown")
        }
        try require(report.outcomes.contains { $0.status == .unknown }, "nobody was in doubt")
    }

    /// An address in one spelling: a domain has several, and may go out in ASCII.
    static func canonical(_ address: String) -> String {
        guard let known = try? EmailAddress(address) else { return address }
        return "\(known.localPart)@\(known.asciiDomain.lowercased())"
    }

    private static func difference(_ seen: [UInt8], _ promised: [UInt8]) -> String {
        let place = zip(seen, promised).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        let from = place ?? min(seen.count, promised.count)
        func excerpt(_ bytes: [UInt8]) -> String {
            String(
                String(decoding: bytes[max(0, from - 20)..<min(bytes.count, from + 20)], as: UTF8.self).debugDescription
            )
        }
        return
            "the content that arrived has \(seen.count) octets instead of \(promised.count), and differs at \(from): "
            + "\(excerpt(seen)), not \(excerpt(promised))"
    }
}

/// Something that is given up on when it takes too long, even if it cannot be cancelled.
enum Race {
    static func run<Value: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () async -> Value
    ) async -> Value? {
        await FirstAnswer.wait(until: .now + limit, late: nil) { answer in Task { answer.give(await body()) } }
    }
}
