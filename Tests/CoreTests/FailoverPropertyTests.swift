import Mailroom
import MailroomTesting
import Synchronization
import XCTest

/// Random transports in random groups, over several attempts with a restart before each.
final class FailoverPropertyTests: XCTestCase {
    func testNobodyIsHandedToTwoTransportsUnlessTheEarlierOnesCertainlyDidNotAccept() async {
        for seed in 1...400 as ClosedRange<UInt64> {
            let ledger = Ledger(SeededRandom(seed: seed))
            let shape = ledger.below(5)
            var statuses = Dictionary(uniqueKeysWithValues: "abcd".map { ("\($0)@example.org", Status.owed) })
            for attempt in 1...5 {
                let owed = statuses.filter { $0.value != .settled }.keys.sorted()
                guard !owed.isEmpty else { break }
                var routes: [String: String] = [:]
                for address in owed { if case .inDoubt(let route) = statuses[address] { routes[address] = route } }
                let mail = Mail.sample(to: owed, earlierRoutes: routes)
                ledger.beginAttempt()
                let group = Self.group(shape, ledger)
                do throws(TransportError) {
                    let report = try await group.deliver(mail)
                    XCTAssertEqual(report.outcomes.map(\.recipient), owed, "seed \(seed)")
                    for outcome in report.outcomes {
                        let truth = ledger.truth(of: outcome.recipient)
                        XCTAssertEqual(outcome.status == .accepted, truth == .accepted, "seed \(seed)")
                        if truth == .unknown { XCTAssertEqual(outcome.status, .unknown, "seed \(seed)") }
                        switch outcome.status {
                        case .accepted, .refused: statuses[outcome.recipient] = .settled
                        case .unknown: statuses[outcome.recipient] = .inDoubt(outcome.route)
                        case .refusedForNow: break
                        }
                    }
                } catch {
                    XCTAssertTrue(owed.allSatisfy { ledger.truth(of: $0) == nil }, "seed \(seed), attempt \(attempt)")
                }
            }
            XCTAssertEqual(ledger.violations, [], "seed \(seed)")
        }
    }

    private enum Status: Equatable {
        case owed, settled
        case inDoubt(String)
    }

    private static func group(_ shape: Int, _ ledger: Ledger) -> any Transport {
        func known(_ name: String) -> any Transport { Known(name, ledger.transport(name)) }
        func other(_ name: String) -> any Transport { ledger.transport(name) }
        switch shape {
        case 0: return TransportGroup.failover(known("k"), known("l"), known("m"))
        case 1: return TransportGroup.failover(other("o"), known("k"), other("p"))
        case 2:
            return TransportGroup.roundRobin(
                TransportGroup.failover(other("o"), known("k")), known("l").throttled(to: 1_000_000, burst: 1_000_000),
                TransportGroup.failover(other("p"), other("q")))
        case 3:
            // The domain may be routed otherwise from one attempt to the next.
            let (home, away) = ledger.below(2) == 0 ? ("k", "l") : ("l", "k")
            return RoutedTransport.routed(
                byDomain: ["example.org": TransportGroup.failover(known(home), known("m"))], otherwise: known(away))
        default:
            // Known ones may change places between attempts.
            let members = ledger.below(2) == 0 ? ["k", "l", "m"] : ["m", "k", "l"]
            return TransportGroup.failover(members.map(known))
        }
    }

    /// Decides how transports behave and notes who may have accepted what.
    private final class Ledger: Sendable {
        private struct State {
            var mayHave: [String: Set<String>] = [:]
            var truth: [String: RecipientOutcome.Status] = [:]
            var violations: [String] = []
        }

        private let random: SeededRandom
        private let state = Mutex(State())

        init(_ random: SeededRandom) { self.random = random }

        var violations: [String] { state.withLock { $0.violations } }
        func below(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }
        func beginAttempt() { state.withLock { $0.truth = [:] } }
        func truth(of address: String) -> RecipientOutcome.Status? { state.withLock { $0.truth[address] } }

        func transport(_ name: String) -> CaptureTransport {
            CaptureTransport { [self] mail throws(TransportError) in
                state.withLock { state in
                    for address in mail.envelope.recipients.map(\.address) {
                        if let others = state.mayHave[address]?.subtracting([name]), !others.isEmpty {
                            state.violations.append("\(address) was handed to \(name) and may be at \(others)")
                        }
                    }
                }
                if below(3) == 0 {
                    throw TransportError(
                        below(2) == 0 ? .connectionFailed : .refused, "no", isTransient: below(2) == 0,
                        retryAfter: below(3) == 0 ? .seconds(1) : nil)
                }
                var outcomes: [RecipientOutcome] = []
                for recipient in mail.envelope.recipients {
                    let status: RecipientOutcome.Status = [.accepted, .refusedForNow, .refused, .unknown][below(4)]
                    let isLeftOut = below(8) == 0
                    if status == .accepted && !isLeftOut || status == .unknown || isLeftOut {
                        state.withLock { state in
                            state.mayHave[recipient.address, default: []].insert(name)
                            state.truth[recipient.address] = isLeftOut ? .unknown : status
                        }
                    }
                    guard !isLeftOut else { continue }
                    let reply = [Reply.busy, .noUser, Reply(code: 421, text: "closing"), nil][below(4)]
                    outcomes.append(
                        RecipientOutcome(recipient: recipient.address, status: status, reply: reply, route: name))
                }
                return DeliveryReport(outcomes, retryAfter: below(4) == 0 ? .seconds(1) : nil)
            }
        }
    }
}
