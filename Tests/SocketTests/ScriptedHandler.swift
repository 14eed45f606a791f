import MailroomLibraries
import Synchronization
import XCTest

@testable import MailroomSockets

/// A connection's side as a test says it.
final class ScriptedHandler: ConnectionHandler {
    var begins: (inout ConnectionOutput) -> Void = { _ in }
    var receives: ([UInt8], inout ConnectionOutput) -> Void = { _, _ in }
    var secures: (TLSFacts, inout ConnectionOutput) -> Void = { _, _ in }
    var expires: (inout ConnectionOutput) -> Void = { $0.close() }
    var ends: @Sendable () -> Void = {}

    /// Sends back what it is sent; at `TLS!` it begins TLS, having said `go`.
    static func echo(_ context: TLSContext) -> ScriptedHandler {
        let handler = ScriptedHandler()
        handler.receives = { bytes, output in
            if bytes.starts(with: Array("TLS!".utf8)) {
                output.write("go")
                output.startTLS(context)
            } else {
                output.write(bytes)
            }
        }
        handler.secures = { facts, output in output.write("secured by \(facts.protocolVersion);") }
        return handler
    }

    func begin(_ output: inout ConnectionOutput) { begins(&output) }
    func receive(_ bytes: UnsafeRawBufferPointer, _ output: inout ConnectionOutput) { receives(Array(bytes), &output) }
    func secured(_ facts: TLSFacts, _ output: inout ConnectionOutput) { secures(facts, &output) }
    func expire(_ output: inout ConnectionOutput) { expires(&output) }
    func stop(_ output: inout ConnectionOutput) { output.write("stopping") }
    func end() { ends() }
}

extension SocketServer {
    func connect() throws -> TCPStream { try TCPStream.connect(host: "127.0.0.1", port: port, deadline: soon) }
}

extension SocketStream {
    /// Reads so many octets, or all until the end.
    func octets(_ count: Int = .max) throws -> [UInt8] {
        var octets: [UInt8] = []
        while octets.count < count {
            if try read(appendingTo: &octets, limit: min(count - octets.count, 65_536), deadline: soon) == 0 { break }
        }
        return octets
    }

    func characters(_ count: Int = .max) throws -> String { String(decoding: try octets(count), as: UTF8.self) }

    func say(_ text: String) throws { try write(Array(text.utf8), deadline: soon) }
}
