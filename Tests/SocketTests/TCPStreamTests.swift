import Synchronization
import XCTest

@testable import MailroomSockets

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A listening socket that never accepts by itself; the kernel's queue takes the connections.
final class Listener {
    let descriptor: Int32
    let port: Int

    init() throws {
        #if canImport(Glibc)
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = self.descriptor
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        XCTAssertTrue(result)
    }

    deinit { close(descriptor) }
}

final class TCPStreamTests: XCTestCase {
    func testConnectsWritesReadsAndSeesTheEnd() throws {
        let listener = try Listener()
        let stream = try TCPStream.connect(host: "127.0.0.1", port: listener.port, timeout: .seconds(5))
        XCTAssertEqual(stream.remoteAddress, "127.0.0.1:\(listener.port)")
        let peer = accept(listener.descriptor, nil, nil)
        try stream.write(Array("hello".utf8), deadline: .now + .seconds(5))
        var got = [UInt8](repeating: 0, count: 16)
        XCTAssertEqual(recv(peer, &got, 16, 0), 5)
        XCTAssertEqual(send(peer, "world", 5, 0), 5)
        var read: [UInt8] = []
        XCTAssertEqual(try stream.read(appendingTo: &read, deadline: .now + .seconds(5)), 5)
        XCTAssertEqual(String(decoding: read, as: UTF8.self), "world")
        XCTAssertFalse(stream.hasInput)
        close(peer)
        XCTAssertEqual(try stream.read(appendingTo: &read, deadline: .now + .seconds(5)), 0)
        XCTAssertTrue(stream.hasInput)
        stream.close()
        XCTAssertThrowsError(try stream.write([1], deadline: .now + .seconds(5))) {
            XCTAssertEqual(($0 as? SocketError)?.code, .closed)
        }
    }

    func testFindsLocalhostByName() throws {
        let listener = try Listener()
        let stream = try TCPStream.connect(host: "localhost", port: listener.port, timeout: .seconds(5))
        XCTAssertTrue(stream.remoteAddress.hasSuffix(":\(listener.port)"))
    }

    func testAllAddressesOfAHostAreTriedOfEitherFamily() throws {
        let listener = try Listener()
        func address(_ host: String, _ port: Int) throws -> SocketAddress {
            try XCTUnwrap(lookUp(host: host, port: port, flags: AI_NUMERICHOST).first)
        }
        var gone: Listener? = try Listener()
        let closed = try XCTUnwrap(gone?.port)
        gone = nil
        // One of the other family, one where nothing listens; then one that answers.
        let dead = [try address("::1", closed), try address("127.0.0.1", closed)]
        let stream = try TCPStream.connect(
            toFirstOf: dead + [try address("127.0.0.1", listener.port)], deadline: .now + .seconds(5),
            interruption: SocketInterruption())
        XCTAssertEqual(stream.remoteAddress, "127.0.0.1:\(listener.port)")
        XCTAssertThrowsError(
            try TCPStream.connect(
                toFirstOf: dead, deadline: .now + .seconds(5), interruption: SocketInterruption())
        ) { XCTAssertEqual(($0 as? SocketError)?.code, .refused) }
    }

    func testARefusedConnectionSaysSo() throws {
        var listener: Listener? = try Listener()
        let port = try XCTUnwrap(listener?.port)
        listener = nil
        XCTAssertThrowsError(try TCPStream.connect(host: "127.0.0.1", port: port, timeout: .seconds(5))) {
            XCTAssertEqual(($0 as? SocketError)?.code, .refused)
            XCTAssertEqual(
                "\($0)",
                "Could not connect to 127.0.0.1:\(port): nothing listens there. Check host and port, and that the server runs."
            )
        }
    }

    func testAnUnknownNameAndABadPortAreNamedAsSuch() {
        XCTAssertThrowsError(try TCPStream.connect(host: "no such host", port: 25, timeout: .seconds(5))) {
            XCTAssertTrue([.nameNotFound, .nameLookupFailed].contains(($0 as? SocketError)?.code))
        }
        XCTAssertThrowsError(try TCPStream.connect(host: "127.0.0.1", port: 70_000, timeout: .seconds(5))) {
            XCTAssertEqual(($0 as? SocketError)?.code, .nameNotFound)
        }
    }

    func testAReadEndsAtItsDeadline() throws {
        let listener = try Listener()
        let stream = try TCPStream.connect(host: "127.0.0.1", port: listener.port, timeout: .seconds(5))
        var bytes: [UInt8] = []
        let begin = ContinuousClock.now
        XCTAssertThrowsError(try stream.read(appendingTo: &bytes, deadline: begin + .milliseconds(20))) {
            XCTAssertEqual(($0 as? SocketError)?.code, .timedOut)
        }
        XCTAssertGreaterThanOrEqual(begin.duration(to: .now), .milliseconds(20))
    }

    func testAnInterruptionEndsABlockedReadAndWriteFromAnotherThread() throws {
        let listener = try Listener()
        let reading = try TCPStream.connect(host: "127.0.0.1", port: listener.port, timeout: .seconds(5))
        let writing = try TCPStream.connect(
            host: "127.0.0.1", port: listener.port, timeout: .seconds(5), interruption: reading.interruption)
        let ended = expectation(description: "both ended")
        ended.expectedFulfillmentCount = 2
        let codes = Mutex<[SocketError.Code?]>([])
        let deadline = ContinuousClock.now + .seconds(60)
        Thread.detachNewThread {
            var bytes: [UInt8] = []
            do { _ = try reading.read(appendingTo: &bytes, deadline: deadline) } catch {
                codes.withLock { $0.append((error as? SocketError)?.code) }
            }
            ended.fulfill()
        }
        Thread.detachNewThread {
            do { try writing.write([UInt8](repeating: 0, count: 64 << 20), deadline: deadline) } catch {
                codes.withLock { $0.append((error as? SocketError)?.code) }
            }
            ended.fulfill()
        }
        Thread.detachNewThread { reading.interrupt() }
        wait(for: [ended], timeout: 10)
        XCTAssertEqual(codes.withLock { $0 }, [.interrupted, .interrupted])
    }

    func testAnInterruptionThrownBeforehandStopsConnecting() throws {
        let listener = try Listener()
        let interruption = SocketInterruption()
        interruption.interrupt()
        XCTAssertThrowsError(
            try TCPStream.connect(
                host: "localhost", port: listener.port, timeout: .seconds(5), interruption: interruption)
        ) { XCTAssertEqual(($0 as? SocketError)?.code, .interrupted) }
    }

    func testAnActorOnItsOwnThreadBlocksWithoutBlockingTheOthers() async throws {
        actor Reader {
            private let thread: DedicatedThread
            private let stream: TCPStream
            nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
            init(_ stream: TCPStream) throws {
                self.stream = stream
                thread = try DedicatedThread()
            }
            func read() -> SocketError.Code? {
                var bytes: [UInt8] = []
                do { _ = try stream.read(appendingTo: &bytes, deadline: .now + .seconds(60)) } catch {
                    return error.code
                }
                return nil
            }
        }
        let listener = try Listener()
        var readers: [(Reader, TCPStream)] = []
        for _ in 0..<16 {
            let stream = try TCPStream.connect(host: "127.0.0.1", port: listener.port, timeout: .seconds(5))
            readers.append((try Reader(stream), stream))
        }
        let tasks = readers.map { reader, stream in
            Task {
                await withTaskCancellationHandler {
                    await reader.read()
                } onCancel: {
                    stream.interrupt()
                }
            }
        }
        for task in tasks { task.cancel() }
        for task in tasks {
            let code = await task.value
            XCTAssertEqual(code, .interrupted)
        }
    }
}
