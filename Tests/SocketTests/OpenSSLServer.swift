import Foundation
import MailroomLibraries
import MailroomSockets
import TestSupport
import XCTest

/// `openssl s_server` on a free port of loopback; it answers each line with its letters reversed.
final class OpenSSLServer {
    let port: Int
    private let program: RunningProgram

    init(_ fixture: TLSFixture, _ certificate: SelfSignedCertificate, _ arguments: [String] = []) throws {
        let file = try fixture.file(certificate.pem)
        // Taken and given back, so that it is free now.
        port = try TCPListener().port
        program = try RunningProgram(
            "openssl", ["s_server", "-accept", "127.0.0.1:\(port)", "-cert", file, "-key", file, "-rev"] + arguments)
        while (try? TCPStream.connect(host: "127.0.0.1", port: port, deadline: soon)) == nil {
            guard program.isRunning else { throw lacking("openssl s_server does not run with \(arguments)") }
        }
    }

    deinit { program.stop() }

    func connect(_ context: TLSContext, name: String = "mail.example.org") throws -> TLSStream {
        try TLSStream.client(
            over: TCPStream.connect(host: "127.0.0.1", port: port, deadline: soon), context: context, serverName: name,
            deadline: soon)
    }
}
