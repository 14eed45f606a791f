import Synchronization
import TestSupport
import XCTest

@testable import MailroomSockets

final class ServerPauseTests: XCTestCase {
    private func server(_ script: @escaping @Sendable (ScriptedHandler) -> Void) throws -> SocketServer {
        try SocketServer(.init()) { _ in
            let handler = ScriptedHandler()
            script(handler)
            return handler
        }
    }

    func testWhatIsWrittenAfterAPauseLeavesAfterIt() throws {
        let server = try server { handler in
            handler.begins = { output in
                output.write("now")
                output.pause(for: .milliseconds(40))
                output.write("later")
                output.pause(for: .milliseconds(40))
                output.write("last")
                output.close()
            }
        }
        let began = ContinuousClock.now
        let stream = try server.connect()
        XCTAssertEqual(try stream.characters(3), "now")
        XCTAssertEqual(try stream.characters(5), "later")
        let middle = ContinuousClock.now
        XCTAssertGreaterThanOrEqual(began.duration(to: middle), .milliseconds(40))
        XCTAssertEqual(try stream.characters(), "last")
        XCTAssertGreaterThanOrEqual(began.duration(to: .now), .milliseconds(80))
    }

    func testAPauseIsKeptToSomeMilliseconds() throws {
        let server = try server { handler in
            handler.receives = { _, output in
                output.pause(for: .milliseconds(10))
                output.write("x")
            }
        }
        let stream = try server.connect()
        // The machine may be busy, so that the best of many counts.
        var best = Duration.seconds(60)
        for _ in 0..<20 {
            let began = ContinuousClock.now
            try stream.say("?")
            XCTAssertEqual(try stream.characters(1), "x")
            let took = began.duration(to: .now)
            XCTAssertGreaterThanOrEqual(took, .milliseconds(10))
            best = min(best, took)
        }
        XCTAssertLessThan(best, .milliseconds(20))
    }

    func testNothingIsReadInAPauseAndTheTimeLimitStandsStill() throws {
        let events = Mutex<[String]>([])
        let server = try server { handler in
            handler.begins = { output in
                output.restartTimer(.milliseconds(200))
                output.pause(for: .milliseconds(600))
                output.write("hello")
            }
            handler.receives = { bytes, output in
                events.withLock { $0.append("read") }
                output.write("read")
            }
            handler.expires = { output in
                events.withLock { $0.append("expired") }
                output.close()
            }
        }
        let began = ContinuousClock.now
        let stream = try server.connect()
        try stream.say("early")
        XCTAssertEqual(try stream.characters(9), "helloread")
        XCTAssertGreaterThanOrEqual(began.duration(to: .now), .milliseconds(600))
        XCTAssertEqual(try stream.characters(), "")
        XCTAssertEqual(events.withLock { $0 }, ["read", "expired"])
    }

    func testAPausingConnectionDoesNotDelayOthers() throws {
        let server = try server { handler in
            handler.receives = { bytes, output in
                if bytes == [1] { output.pause(for: .seconds(3600)) }
                output.write("x")
            }
        }
        let held = try (0..<50).map { _ in try server.connect() }
        for stream in held { try stream.write([1], deadline: soon) }
        let other = try server.connect()
        for _ in 0..<100 {
            try other.write([2], deadline: soon)
            XCTAssertEqual(try other.characters(1), "x")
        }
        XCTAssertFalse(held.contains { $0.hasInput })
    }

    func testAClientThatBreaksOffInAPauseIsDropped() throws {
        let gone = expectation(description: "gone")
        let server = try server { handler in
            handler.begins = { output in
                output.write("unread")
                output.pause(for: .seconds(3600))
            }
            handler.ends = { gone.fulfill() }
        }
        let stream = try server.connect()
        while !stream.hasInput {}
        // Closing with octets unread resets the connection.
        stream.close()
        wait(for: [gone], timeout: 10)
    }

    func testOctetsLeaveOneByOne() throws {
        let server = try server { handler in
            handler.begins = { output in
                for byte in "slowly".utf8 {
                    output.write(CollectionOfOne(byte))
                    output.pause(for: .milliseconds(15))
                }
                output.close()
            }
        }
        let began = ContinuousClock.now
        let stream = try server.connect()
        var pieces: [Int] = []
        var bytes: [UInt8] = []
        while case let count = try stream.read(appendingTo: &bytes, deadline: soon), count > 0 { pieces.append(count) }
        XCTAssertEqual(String(decoding: bytes, as: UTF8.self), "slowly")
        XCTAssertGreaterThanOrEqual(began.duration(to: .now), .milliseconds(75))
        XCTAssertGreaterThan(pieces.count, 1)
    }

    func testAnOutputWithPausesIsSentInItsPieces() {
        var output = ConnectionOutput()
        output.write("ab")
        output.pause(for: .zero)
        output.write("c")
        output.pause(for: .seconds(1))
        output.pause(for: .seconds(2))
        output.write("de")
        XCTAssertTrue(output.holdsBack)
        XCTAssertEqual(String(decoding: output.bytes, as: UTF8.self), "abcde")
        var sent: [String] = []
        var pauses = Duration.zero
        while !output.isEmpty {
            output.drain { octets in
                sent.append(String(decoding: octets, as: UTF8.self))
                return octets.count
            }
            if case .pause(let time)? = output.takeMark() { pauses += time }
        }
        XCTAssertEqual(sent, ["ab", "c", "de"])
        XCTAssertEqual(pauses, .seconds(3))
        XCTAssertFalse(output.holdsBack)
        XCTAssertEqual(output.count, 0)
    }

    func testABreakOffIsSeenAsAReset() throws {
        let server = try server { handler in
            handler.receives = { _, output in
                output.write("word")
                output.reset()
            }
        }
        let stream = try server.connect()
        try stream.say("?")
        XCTAssertThrowsError(try stream.characters()) { XCTAssertEqual(($0 as? SocketError)?.code, .reset) }
    }

    func testPausesEndInTheOrderOfTheirTimes() {
        var generator = SeededGenerator(3)
        var queue = PauseQueue()
        let now = ContinuousClock.now
        var times: [(Int, UInt64)] = []
        for token in 0..<500 as Range<UInt64> {
            let time = Int.random(in: 0..<1000, using: &generator)
            times.append((time, token))
            queue.add(token, until: now + .milliseconds(time))
        }
        queue.keep { $0 % 3 != 0 }
        let expected = times.filter { $0.1 % 3 != 0 }.map(\.0).sorted()
        XCTAssertEqual(queue.count, expected.count)
        var taken: [Int] = []
        for moment in 0..<1000 {
            while let token = queue.take(at: now + .milliseconds(moment)) { taken.append(times[Int(token)].0) }
            XCTAssertTrue(taken.allSatisfy { $0 <= moment })
        }
        XCTAssertEqual(taken, expected)
        XCTAssertNil(queue.first)
    }
}
