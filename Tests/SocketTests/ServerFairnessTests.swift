import MailroomLibraries
import Synchronization
import TestSupport
import XCTest

@testable import MailroomSockets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What a busy connection leaves to others.
final class ServerFairnessTests: XCTestCase {
    func testAConnectionWithMuchWorkLeavesTurnsToOthers() throws {
        let total = 200
        let turns = Mutex(0)
        let server = try SocketServer(.init()) { _ in
            let handler = ScriptedHandler()
            var left = 0
            handler.receives = { bytes, output in
                if bytes == Array("work".utf8) { left = total } else if left == 0 { return output.write(bytes) }
                let end = ContinuousClock.now + .milliseconds(2)
                while .now < end {}
                left -= 1
                turns.withLock { $0 += 1 }
                output.write("x")
                if left > 0 { output.waitForRoom() }
            }
            return handler
        }
        let (greedy, other) = (try server.connect(), try server.connect())
        try other.say("?")
        XCTAssertEqual(try other.characters(1), "?")
        try greedy.say("work")
        XCTAssertEqual(try greedy.characters(1), "x")
        for _ in 0..<3 {
            try other.say("?")
            XCTAssertEqual(try other.characters(1), "?")
        }
        XCTAssertLessThan(turns.withLock { $0 }, total)
        XCTAssertEqual(try greedy.octets(total - 1).count, total - 1)
    }

    func testDecryptingMuchLeavesTurnsToOthers() throws {
        let fixture = try TLSFixture()
        let context = try fixture.server()
        let records = Mutex(0)
        let (entered, released) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let server = try SocketServer(.init()) { _ in
            let handler = ScriptedHandler.echo(context)
            let start = handler.receives
            var isSecure = false
            handler.secures = { _, output in
                isSecure = true
                output.write("ready")
            }
            handler.receives = { bytes, output in
                guard isSecure else { return start(bytes, &output) }
                if bytes == [0] {
                    entered.signal()
                    released.wait()
                }
                let end = ContinuousClock.now + .milliseconds(2)
                while .now < end {}
                records.withLock { $0 += 1 }
                output.write("x")
            }
            return handler
        }
        let stream = try server.connect()
        try stream.say("TLS!")
        XCTAssertEqual(try stream.characters(2), "go")
        let secured = try TLSStream.client(
            over: stream, context: fixture.client(), serverName: "mail.example.org", deadline: soon)
        XCTAssertEqual(try secured.characters(5), "ready")
        let other = try server.connect()
        try other.say("?")
        XCTAssertEqual(try other.characters(1), "?")
        let total = 150
        try secured.write([0], deadline: soon)
        entered.wait()
        for _ in 1..<total { try secured.write([1], deadline: soon) }
        try other.say("?")
        released.signal()
        XCTAssertEqual(try other.characters(1), "?")
        XCTAssertLessThan(records.withLock { $0 }, total)
        XCTAssertEqual(try secured.octets(total).count, total)
    }

    func testManyPausesWithoutLengthAreComeToInSeveralVisits() throws {
        var ends: [Int32] = [-1, -1]
        XCTAssertEqual(socketpair(AF_UNIX, streamSocketType, 0, &ends), 0)
        defer { for end in ends { _ = systemClose(end) } }
        let connection = LoopConnection(descriptor: ends[0], token: 1, handler: ScriptedHandler())
        for byte in 0..<200 as Range<UInt8> {
            connection.output.write(CollectionOfOne(byte))
            connection.output.pause(for: .zero)
        }
        var received: [UInt8] = []
        var visits: [Int] = []
        repeat {
            XCTAssertTrue(connection.flush(now: .now, stallLimit: .seconds(1)))
            let before = received.count
            var buffer = [UInt8](repeating: 0, count: 1024)
            let count = recv(ends[1], &buffer, buffer.count, receiveFlags)
            if count > 0 { received += buffer[..<count] }
            visits.append(received.count - before)
            XCTAssertEqual(connection.isInterrupted, received.count < 200)
            XCTAssertEqual(connection.takesInput, !connection.isInterrupted)
            XCTAssertEqual(connection.isDrained, !connection.isInterrupted)
        } while connection.isInterrupted && visits.count < 10
        XCTAssertEqual(received, Array(0..<200))
        XCTAssertEqual(visits, [65, 64, 64, 7])
    }

    func testAnOutputOfManyPausesIsFull() {
        var output = ConnectionOutput()
        for _ in 0..<4095 { output.pause(for: .zero) }
        XCTAssertFalse(output.isFull)
        output.pause(for: .zero)
        XCTAssertTrue(output.isFull)
        _ = output.takeMark()
        XCTAssertFalse(output.isFull)
    }

    func testNothingIsReadOfAPeerThatTakesNoAnswersOfTLS() throws {
        let fixture = try TLSFixture()
        let encryption = try LoopEncryption(fixture.server())
        let client = try TLSEngine(fixture.client(), serverName: "mail.example.org")
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
        defer { buffer.deallocate() }
        for _ in 0..<10 where encryption.isShaking {
            _ = try client.handshake()
            while case let count = client.takeOutput(into: buffer), count > 0 {
                encryption.receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
            _ = encryption.advance(into: buffer)
            encryption.drain { octets in
                client.receive(octets)
                return octets.count
            }
        }
        XCTAssertFalse(encryption.isShaking)
        let connection = LoopConnection(descriptor: -1, token: 1, handler: ScriptedHandler())
        connection.encryption = encryption
        XCTAssertTrue(connection.takesInput)
        let octets = [UInt8](repeating: 0, count: LoopEncryption.chunk)
        for _ in 0..<5 { XCTAssertTrue(octets.withUnsafeBytes { encryption.encrypt($0) }) }
        XCTAssertFalse(connection.takesInput)
        encryption.drain { $0.count }
        XCTAssertTrue(connection.takesInput)
    }

    func testWhoSpokeInTimeIsServedThoughTheServerComesToItLate() throws {
        // More than the system reports at a time.
        let count = 400
        guard DescriptorLimit.raise(to: 2 * count + 500) >= 2 * count + 500 else {
            throw lacking("this process may not open \(2 * count + 500) files")
        }
        let limit = Duration.milliseconds(50)
        let isBlocked = Mutex(false)
        let expired = Mutex(0)
        let (entered, released) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let server = try SocketServer(.init()) { _ in
            let handler = ScriptedHandler()
            handler.receives = { bytes, output in
                switch bytes.first {
                case UInt8(ascii: "a"): output.restartTimer(limit)
                case UInt8(ascii: "b"):
                    isBlocked.withLock { $0 = true }
                    entered.signal()
                    released.wait()
                    let end = ContinuousClock.now + limit * 2
                    while .now < end {}
                default: output.stopTimer()
                }
                output.write(bytes)
            }
            handler.expires = { output in
                if isBlocked.withLock({ $0 }) { expired.withLock { $0 += 1 } }
                output.restartTimer(limit)
            }
            return handler
        }
        let streams = try (0..<count).map { _ in try server.connect() }
        for stream in streams {
            try stream.say("a")
            XCTAssertEqual(try stream.characters(1), "a")
        }
        let busy = try server.connect()
        try busy.say("b")
        entered.wait()
        for stream in streams { try stream.say("c") }
        released.signal()
        for stream in streams { XCTAssertEqual(try stream.characters(1), "c") }
        XCTAssertEqual(expired.withLock { $0 }, 0)
    }

    func testWhatManyRequestsSendLeavesTogether() throws {
        let (entered, released) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let others = Mutex<[ServerConnection]>([])
        let server = try SocketServer(.init()) { connection in
            others.withLock { $0.append(connection) }
            let handler = ScriptedHandler()
            handler.begins = { $0.write("hello") }
            handler.receives = { _, _ in
                entered.signal()
                released.wait()
            }
            return handler
        }
        let stream = try server.connect()
        XCTAssertEqual(try stream.characters(5), "hello")
        let busy = try server.connect()
        XCTAssertEqual(try busy.characters(5), "hello")
        try busy.say("?")
        entered.wait()
        let connection = try XCTUnwrap(others.withLock { $0.first })
        for number in 0..<1000 { connection.send([UInt8(truncatingIfNeeded: number)]) }
        connection.close()
        connection.send([0])
        released.signal()
        var bytes: [UInt8] = []
        XCTAssertEqual(try stream.read(appendingTo: &bytes, limit: 65_536, deadline: soon), 1000)
        XCTAssertEqual(bytes, (0..<1000).map { UInt8(truncatingIfNeeded: $0) })
        XCTAssertEqual(try stream.read(appendingTo: &bytes, limit: 65_536, deadline: soon), 0)
    }
}
