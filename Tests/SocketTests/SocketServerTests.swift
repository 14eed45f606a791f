import XCTest

@testable import MailroomSockets

private final class Echo: ConnectionHandler {
    enum Kind { case echo, closeAfterAnswer, flood(Int), expireAfter(Duration) }
    let kind: Kind
    var sent = 0
    var gone: (@Sendable () -> Void)?

    init(_ kind: Kind, gone: (@Sendable () -> Void)? = nil) {
        self.kind = kind
        self.gone = gone
    }

    func begin(_ output: inout ConnectionOutput) {
        output.write("hello\n")
        if case .expireAfter(let limit) = kind { output.restartTimer(limit) }
    }

    func receive(_ bytes: UnsafeRawBufferPointer, _ output: inout ConnectionOutput) {
        switch kind {
        case .echo, .expireAfter: output.write(bytes)
        case .closeAfterAnswer:
            output.write("bye\n")
            output.close()
        case .flood(let total):
            while sent < total, !output.isFull {
                output.write([UInt8](repeating: 65, count: 64 * 1024))
                sent += 64 * 1024
            }
            if sent < total { output.waitForRoom() } else { output.close() }
        }
    }

    func expire(_ output: inout ConnectionOutput) {
        output.write("too late\n")
        output.close()
    }

    func stop(_ output: inout ConnectionOutput) { output.write("stopping\n") }

    func end() { gone?() }
}

final class SocketServerTests: XCTestCase {
    private func connect(_ server: SocketServer) throws -> TCPStream {
        try TCPStream.connect(host: "127.0.0.1", port: server.port, timeout: .seconds(10))
    }

    /// Reads until the text has `count` octets or the peer closes.
    private func read(_ stream: TCPStream, count: Int = .max) throws -> String {
        var bytes: [UInt8] = []
        while bytes.count < count {
            if try stream.read(appendingTo: &bytes, deadline: .now + .seconds(10)) == 0 { break }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    func testGreetsEchoesAndSaysGoodByeWhenStopped() throws {
        let server = try SocketServer(.init()) { _ in Echo(.echo) }
        let stream = try connect(server)
        XCTAssertEqual(try read(stream, count: 6), "hello\n")
        try stream.write(Array("abc".utf8), deadline: .now + .seconds(10))
        XCTAssertEqual(try read(stream, count: 3), "abc")
        server.stop()
        XCTAssertEqual(try read(stream), "stopping\n")
        XCTAssertThrowsError(try connect(server)) { XCTAssertEqual(($0 as? SocketError)?.code, .refused) }
        server.stop()
    }

    func testTheLastAnswerArrivesThoughThePeerWritesOn() throws {
        let server = try SocketServer(.init()) { _ in Echo(.closeAfterAnswer) }
        for _ in 0..<20 {
            let stream = try connect(server)
            try stream.write([UInt8](repeating: 1, count: 300_000), deadline: .now + .seconds(10))
            XCTAssertEqual(try read(stream), "hello\nbye\n")
        }
    }

    func testAWriterMuchFasterThanItsReaderIsHeldBack() throws {
        let total = 32 << 20
        let server = try SocketServer(.init()) { _ in Echo(.flood(total)) }
        let stream = try connect(server)
        try stream.write([1], deadline: .now + .seconds(10))
        var count = 0
        var bytes: [UInt8] = []
        while try stream.read(appendingTo: &bytes, limit: 1 << 20, deadline: .now + .seconds(10)) > 0 {
            count += bytes.count
            bytes.removeAll(keepingCapacity: true)
        }
        XCTAssertEqual(count, total + 6)
    }

    func testATimeLimitIsKept() throws {
        let server = try SocketServer(.init()) { _ in Echo(.expireAfter(.milliseconds(10))) }
        XCTAssertEqual(try read(connect(server)), "hello\ntoo late\n")
    }

    func testAPeerThatTakesNothingIsDropped() throws {
        var configuration = SocketServer.Configuration()
        configuration.stallLimit = .milliseconds(10)
        let gone = expectation(description: "gone")
        let server = try SocketServer(configuration) { _ in Echo(.flood(1 << 30)) { gone.fulfill() } }
        let stream = try connect(server)
        try stream.write([1], deadline: .now + .seconds(10))
        wait(for: [gone], timeout: 10)
    }

    func testOthersMaySendToAConnectionAndCloseIt() throws {
        let server = try SocketServer(.init()) { connection in
            Thread.detachNewThread {
                connection.send(Array("one ".utf8))
                connection.send(Array("two".utf8))
                connection.close()
            }
            return Echo(.echo)
        }
        XCTAssertEqual(try read(connect(server)), "hello\none two")
    }

    func testConnectionsOverTheLimitAreRefusedWithAWord() throws {
        var configuration = SocketServer.Configuration()
        configuration.maximumConnections = 1
        configuration.refusal = Array("full\n".utf8)
        let server = try SocketServer(configuration) { _ in Echo(.echo) }
        let first = try connect(server)
        XCTAssertEqual(try read(first, count: 6), "hello\n")
        XCTAssertEqual(try read(connect(server)), "full\n")
    }

    func testATakenPortIsToldApartFromOtherFailures() throws {
        let server = try SocketServer(.init()) { _ in Echo(.echo) }
        XCTAssertThrowsError(try SocketServer(.init(port: server.port)) { _ in Echo(.echo) }) {
            XCTAssertEqual(($0 as? SocketError)?.code, .addressInUse)
        }
    }

    func testListensOnEveryAddressOfLocalhostWithOnePort() throws {
        let server = try SocketServer(.init(host: "localhost")) { _ in Echo(.echo) }
        let stream = try TCPStream.connect(host: "localhost", port: server.port, timeout: .seconds(10))
        XCTAssertEqual(try read(stream, count: 6), "hello\n")
        XCTAssertEqual(try read(connect(server), count: 6), "hello\n")
    }

    func testManyConnectionsAtOnceAreServed() throws {
        let server = try SocketServer(.init()) { _ in Echo(.echo) }
        let streams = try (0..<200).map { _ in try connect(server) }
        for (index, stream) in streams.enumerated() { try stream.write([UInt8(index)], deadline: .now + .seconds(10)) }
        for (index, stream) in streams.enumerated() {
            XCTAssertEqual(try read(stream, count: 7).utf8.count, index < 128 ? 7 : 9)
        }
    }

    func testBothPollersSeeTheSame() throws {
        var pollers: [any Poller] = [PollPoller()]
        #if os(Linux)
            pollers.append(try XCTUnwrap(EpollPoller()))
        #endif
        for poller in pollers {
            let (reading, writing) = try openPipe()
            let (silent, other) = try openPipe()
            var events: [PollEvent] = []
            poller.add(silent, token: 7, interest: .reading)
            poller.add(reading, token: 1 << 40, interest: .reading)
            poller.wait(milliseconds: 0, into: &events)
            XCTAssertEqual(events.count, 0)
            var byte: UInt8 = 1
            XCTAssertEqual(systemWrite(writing, &byte, 1), 1)
            poller.wait(milliseconds: 1000, into: &events)
            XCTAssertEqual(events.map(\.token), [1 << 40])
            XCTAssertEqual(events.first?.ready, .reading)
            poller.change(reading, token: 1 << 40, interest: [])
            poller.wait(milliseconds: 0, into: &events)
            XCTAssertEqual(events.count, 0)
            poller.remove(silent)
            poller.remove(reading)
            for descriptor in [reading, writing, silent, other] { _ = systemClose(descriptor) }
        }
    }
}
