import TestSupport
import XCTest

@testable import Mailroom

/// The table of leases against a dictionary that is told the same.
final class LeaseTermsTests: XCTestCase {
    private struct Term: Equatable {
        var token: UInt64
        var worker: String
        var expires: Duration

        init(token: UInt64, worker: String, expires: Duration) {
            self.token = token
            self.worker = worker
            self.expires = expires
        }

        init?(_ term: LeaseTerm?) {
            guard let term else { return nil }
            self.init(token: term.token, worker: term.worker, expires: term.expires)
        }
    }

    func testHoldsWhatADictionaryHolds() {
        for seed in 1...20 as ClosedRange<UInt64> {
            var random = SeededGenerator(seed)
            let terms = LeaseTerms()
            var model: [Slot: Term] = [:]
            // Rows that stand in each other's way, and single ones far apart.
            let slots: [Slot] = (0..<4).flatMap { row in (0..<100).map { Slot(row * 65_536 + $0) } } + [.max - 1]
            for step in 0..<4000 {
                let slot = slots.randomElement(using: &random)!
                switch random.next() % 8 {
                case 0..<4:
                    let term = Term(
                        token: UInt64(step + 1), worker: "w\(random.next() % 5)", expires: .seconds(step))
                    terms.set(slot, token: term.token, worker: term.worker, expires: term.expires)
                    model[slot] = term
                case 4:
                    terms.extend(slot, to: .seconds(step * 2))
                    model[slot]?.expires = .seconds(step * 2)
                default:
                    terms.remove(slot)
                    model[slot] = nil
                }
                XCTAssertEqual(terms.count, model.count)
                XCTAssertEqual(terms.token(of: slot), model[slot]?.token)
            }
            for slot in slots { XCTAssertEqual(Term(terms[slot]), model[slot], "seed \(seed), slot \(slot)") }
            let all = Dictionary(terms.all.map { ($0.slot, Term($0.term)) }) { one, _ in one }
            XCTAssertEqual(all, model, "seed \(seed)")
        }
    }

    func testTellsALeaseFromAnEarlierOneOfTheSameJob() {
        let terms = LeaseTerms()
        terms.set(7, token: 1, worker: "a", expires: .seconds(1))
        terms.set(7, token: 2, worker: "b", expires: .seconds(2))
        XCTAssertNil(terms.expiry(of: 7, 1))
        XCTAssertEqual(terms.expiry(of: 7, 2), .seconds(2))
        XCTAssertEqual(terms.count, 1)
    }

    func testKeepsTheNamesOfWorkersApartThroughAThousandProcesses() {
        let terms = LeaseTerms()
        terms.set(99, token: 1, worker: "one that stays", expires: .seconds(1))
        for process in 0..<1000 {
            for slot in 0..<3 as Range<Slot> {
                terms.set(slot, token: 1, worker: "\(process)/\(slot)", expires: .seconds(1))
            }
            for slot in 0..<3 as Range<Slot> { XCTAssertEqual(terms[slot]?.worker, "\(process)/\(slot)") }
            for slot in 0..<3 as Range<Slot> { terms.remove(slot) }
        }
        XCTAssertEqual(terms[99]?.worker, "one that stays")
    }
}
