import Foundation
import Mailroom
import MailroomMIME
import MailroomTesting
import XCTest

final class TransportContractTests: XCTestCase {
    /// What each clause catches.
    private static let flaws: [(clause: String, flaws: [FlawedTransport.Flaw])] = [
        (
            "Everyone of the envelope has one outcome, and their address keeps its spelling",
            [.leavesSomeoneOut, .respellsAddresses, .reportsTwice]
        ),
        ("A refused recipient does not stop the others", [.stopsAtARefusal]),
        ("Refused for now and refused for good are kept apart", [.refusesAllForGood]),
        (
            "When everyone is refused, that is reported of everyone, and nothing arrives",
            [.acceptsTheRefused, .stopsAtARefusal]
        ),
        (
            "A mail refused as a whole reaches nobody, for now or for good as was said",
            [.takesRefusalsOfMailForTransient, .acceptsTheRefused]
        ),
        ("A next hop that cannot be reached makes a transient error", [.givesUpWhenUnreachable]),
        ("Throwing means that nothing arrived", [.throwsAfterSending, .throwsDoubt, .throwsAtALateDeadline]),
        (
            "Accepted means arrived: the same bytes, sender and recipients, the blind ones too",
            [.forgetsBlindRecipients, .convertsLineEnds, .datesEachCopy]
        ),
        ("A null reverse path arrives as such", [.inventsASender]),
        ("The same mail again gives the same bytes and takes the same route", [.datesEachCopy, .numbersItsRoutes]),
        ("Deliveries at the same time do not mix", [.mixesMails]),
        ("No address becomes protocol", [.trustsAddresses, .truncatesCharacters]),
        ("A lost reply is unknown, neither thrown nor refused", [.throwsDoubt, .callsDoubtRefused]),
        (
            "Cancelled after the mail was taken, a delivery returns within a second, in doubt",
            [.throwsWhenCancelledLate, .ignoresCancellation]
        ),
        (
            "A mail that was taken and not answered for is in doubt by its deadline",
            [.throwsAtALateDeadline, .ignoresDeadlines]
        ),
        ("A delivery cancelled beforehand throws that it was, and sends nothing", [.ignoresEarlyCancellation]),
        ("Cancelled while the next hop says nothing, a delivery throws so within a second", [.ignoresCancellation]),
        ("While the next hop says nothing, a delivery throws by its deadline", [.ignoresDeadlines]),
        ("A mail whose deadline has passed is not sent", [.sendsLateMail]),
        (
            "After shutdown a delivery throws, or is made, but does not hang",
            [.hangsAfterShutdown, .acceptsAfterShutdown]
        ),
        (
            "Shutdown during a delivery returns by that mail's deadline, and so does the delivery",
            [.hangsInShutdown, .ignoresDeadlines]
        ),
        ("Neither errors nor outcomes hold a credential", [.tellsPasswords]),
    ]

    func testEveryClauseCatchesTheTransportThatBreaksIt() async {
        XCTAssertEqual(TransportContract.clauses.map(\.name), Self.flaws.map(\.clause))
        await withTaskGroup(of: String?.self) { group in
            for (clause, (_, flaws)) in zip(TransportContract.clauses, Self.flaws) {
                for flaw in flaws {
                    group.addTask {
                        do {
                            let verdict = try await clause.verify { FlawedTransport.bench($0, flaw) }
                            return "“\(clause.name)” does not catch \(flaw): \(verdict)"
                        } catch let violation as ContractViolation {
                            return violation.clause == clause.name ? nil : "\(violation)"
                        } catch {
                            return "\(error)"
                        }
                    }
                }
            }
            for await miss in group { if let miss { XCTFail(miss) } }
        }
        let used = Set(Self.flaws.flatMap(\.flaws))
        XCTAssertEqual(FlawedTransport.Flaw.allCases.filter { !used.contains($0) }, [.none], "no flaw without a clause")
    }

    func testAnHonestTransportKeepsEveryClause() async {
        let summary = await TransportContract.summary { FlawedTransport.bench($0, .none) }
        XCTAssertEqual(summary.violations.map(\.description), [])
        XCTAssertEqual(summary.kept, TransportContract.clauses.map(\.name))
    }

    func testWhatANextHopCannotDoIsNotApplicable() async {
        let summary = await TransportContract.summary { behaviour in
            behaviour == .accepts ? FlawedTransport.bench(.accepts, .none) : nil
        }
        XCTAssertEqual(summary.violations.map(\.description), [])
        XCTAssertEqual(summary.kept.count, 11)
        XCTAssertEqual(summary.kept.count + summary.notApplicable.count, TransportContract.clauses.count)
        XCTAssertTrue(summary.notApplicable.contains("A lost reply is unknown, neither thrown nor refused"))
    }

    func testDecoratorsKeepTheContractOfWhatTheyDecorate() async {
        let decorators: [(String, @Sendable (any Transport) -> any Transport)] = [
            ("failover", { TransportGroup.failover($0) }),
            ("failover behind a dead one", { TransportGroup.failover(Dead(), $0) }),
            ("round robin", { TransportGroup.roundRobin($0, Dead()) }),
            ("throttled", { $0.throttled(to: 1000, burst: 1000) }),
            ("circuit breaker", { $0.circuitBreaker() }),
            ("recording", { $0.recording { _ in } }),
            ("routed", { RoutedTransport.routed(byDomain: ["example.org": $0], otherwise: $0) }),
            (
                "all of them",
                {
                    TransportGroup.failover(
                        TransportGroup.roundRobin($0.circuitBreaker()).throttled(to: 1000, burst: 1000),
                        RoutedTransport.routed(byDomain: [:], otherwise: Dead()))
                }
            ),
        ]
        await withTaskGroup(of: (String, ContractSummary).self) { group in
            for (name, decorate) in decorators {
                group.addTask {
                    let summary = await TransportContract.summary { behaviour in
                        var bench = FlawedTransport.bench(behaviour, .none)
                        bench.transport = decorate(bench.transport)
                        return bench
                    }
                    return (name, summary)
                }
            }
            for await (name, summary) in group {
                XCTAssertEqual(summary.violations.map { "\(name): \($0)" }, [])
                XCTAssertEqual(summary.notApplicable, [])
            }
        }
    }

    func testTheCaptureTransportKeepsTheContractWithEveryFault() async {
        let summary = await TransportContract.summary { behaviour in
            let faults: [CaptureFault]
            switch behaviour {
            case .accepts: faults = []
            case .refuses(let forNow, let forGood):
                faults =
                    forNow.map { .refusing(.address($0), forNow: true) } + forGood.map { .refusing(.address($0)) }
            case .refusesMail(let forGood): faults = [.failing(.refused, forGood: forGood)]
            case .isUnreachable: faults = [.failing()]
            case .neverAnswers: faults = [.stalling]
            case .takesAndNeverAnswers: faults = [.losingReply(), .stalling]
            case .takesAndHangsUp: faults = [.losingReply()]
            }
            let capture = CaptureTransport()
            capture.faults = faults
            var bench = TransportBench(capture) { capture.mails.compactMap { $0.arrival(behaviour) } }
            bench.reached = { _ = try? await capture.mail() }
            return bench
        }
        XCTAssertEqual(summary.violations.map(\.description), [])
        XCTAssertEqual(summary.notApplicable, ["Neither errors nor outcomes hold a credential"], "it has none")
        XCTAssertEqual(summary.kept.count, TransportContract.clauses.count - 1)
    }

    func testTheSMTPTransportKeepsTheContract() async {
        let summary = await TransportContract.summary { try SMTPBench.make($0) }
        XCTAssertEqual(summary.violations.map(\.description), [])
        XCTAssertEqual(summary.notApplicable, [])
    }

    func testSMTPTransportsInAGroupKeepTheContract() async {
        let summary = await TransportContract.summary { behaviour in
            let dead = try SMTPBench.make(.isUnreachable)
            var bench = try SMTPBench.make(behaviour)
            bench.transport = TransportGroup.failover(dead.transport, bench.transport)
                .throttled(to: 1000, burst: 1000)
            return bench
        }
        XCTAssertEqual(summary.violations.map(\.description), [])
        XCTAssertEqual(summary.notApplicable, [])
    }

    func testWhoIsInDoubtAtAnSMTPServerStaysThereAfterARestartInANewOrder() async throws {
        let (doubtful, other) = (try SMTPBench.make(.takesAndHangsUp), try SMTPBench.make(.accepts))
        let message = InternetMessage(
            from: [try Mailbox("a@example.org")], subject: "Once", date: MessageDate(secondsSince1970: 0),
            messageID: "once@example.org", text: "Once\n")
        func mail(_ earlierRoutes: [String: String]) -> Mail {
            Mail(
                id: JobID(at: Date(timeIntervalSince1970: 0), random: SeededRandom(seed: 1)),
                envelope: Envelope(reversePath: nil, recipients: [.to("b@example.org")]), message: message,
                deadline: .now + .seconds(20), earlierRoutes: earlierRoutes)
        }
        let first = try await TransportGroup.failover(doubtful.transport, other.transport).deliver(mail([:]))
        XCTAssertEqual(first.outcomes.map(\.status), [.unknown])
        let restarted: TransportGroup = .failover(other.transport, doubtful.transport.throttled(to: 100))
        let second = try await restarted.deliver(mail(["b@example.org": first.outcomes[0].route]))
        XCTAssertEqual(second.outcomes.map(\.route), first.outcomes.map(\.route))
        let (there, elsewhere) = (await doubtful.arrivals().count, await other.arrivals().count)
        XCTAssertEqual([there, elsewhere], [2, 0])
        await restarted.shutdown()
    }
}

/// Nobody is ever reached by it; it keeps every clause about that.
private struct Dead: Transport {
    func deliver(_ mail: Mail) async throws(TransportError) -> DeliveryReport {
        guard !Task.isCancelled else { throw TransportError(.cancelled, "Cancelled.") }
        guard mail.deadline > .now else { throw TransportError(.timedOut, "Too late.") }
        throw TransportError(.authenticationFailed, "Nobody knows it.", isTransient: false)
    }
}

extension CapturedMail {
    /// What of it the next hop took: those whom it accepted, or whose reply it lost.
    fileprivate func arrival(_ behaviour: NextHopBehaviour) -> TransportBench.Arrival? {
        let taken: [String]
        switch answer {
        case .failure: return nil
        // It is not known yet, but where it is taken and not answered for it is there.
        case nil: taken = behaviour == .takesAndNeverAnswers ? recipients : []
        case .success(let report):
            taken = report.outcomes.filter { $0.status == .accepted || $0.status == .unknown }.map(\.recipient)
        }
        guard !taken.isEmpty else { return nil }
        return TransportBench.Arrival(
            reversePath: envelope.reversePath?.description, recipients: taken, content: bytes)
    }
}
