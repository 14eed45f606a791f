import TestSupport
import XCTest

@testable import MailroomSockets

final class ManyConnectionsTests: XCTestCase {
    /// The process's memory in octets; nil where the system does not say.
    private var residentBytes: Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
        return text.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 4096 }
    }

    func testTwoThousandConnectionsAreServedAmongThemSomeThatPause() throws {
        let count = 2200
        guard DescriptorLimit.raise(to: 2 * count + 500) >= 2 * count + 500 else {
            throw lacking("this process may not open \(2 * count + 500) files")
        }
        var configuration = SocketServer.Configuration()
        configuration.maximumConnections = count
        let server = try SocketServer(configuration) { _ in
            let handler = ScriptedHandler()
            handler.begins = { output in
                output.write("hi")
                output.restartTimer(.seconds(300))
            }
            handler.receives = { bytes, output in
                output.restartTimer(.seconds(300))
                if bytes.first == 7 { output.pause(for: .milliseconds(5)) }
                output.write(bytes)
            }
            return handler
        }
        let before = residentBytes
        let streams = try (0..<count).map { _ in
            let stream = try server.connect()
            XCTAssertEqual(try stream.characters(2), "hi")
            return stream
        }
        if let before, let after = residentBytes {
            // Both sides are in this process.
            XCTAssertLessThan((after - before) / count, 16 * 1024)
        }
        // Every fourth is active, the others are idle.
        for round in 0..<3 as Range<UInt8> {
            for index in stride(from: 0, to: count, by: 4) {
                try streams[index].write([UInt8(index % 8), round], deadline: soon)
            }
            for index in stride(from: 0, to: count, by: 4) {
                XCTAssertEqual(try streams[index].octets(2), [UInt8(index % 8), round])
            }
        }
        XCTAssertTrue(streams.allSatisfy { !$0.hasInput })
    }

    func testAConnectionOverTheLimitIsToldSoAlthoughItSpokeFirst() throws {
        var configuration = SocketServer.Configuration()
        configuration.maximumConnections = 1
        configuration.refusal = Array("421 full\r\n".utf8)
        let server = try SocketServer(configuration) { _ in
            let handler = ScriptedHandler()
            handler.begins = { $0.write("hi") }
            handler.receives = { bytes, output in output.write(bytes) }
            return handler
        }
        let first = try server.connect()
        XCTAssertEqual(try first.characters(2), "hi")
        for _ in 0..<30 {
            let refused = try server.connect()
            try refused.say("EHLO client.example\r\nMAIL FROM:<a@x.example>\r\n")
            XCTAssertEqual(try refused.characters(), "421 full\r\n")
        }
        try first.say("still here")
        XCTAssertEqual(try first.characters(10), "still here")
    }
}
