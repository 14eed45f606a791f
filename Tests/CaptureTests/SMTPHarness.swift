import MailroomSockets
import XCTest

@testable import MailroomCapture

/// An SMTP server of the capture adapter without its store and page.
final class SMTPHarness {
    let mailbag = Mailbag()
    let rules = RuleBook(seed: 1)
    let encryption = SMTPEncryption(selfSignedFor: "mx.example")
    private let server: SocketServer

    init(maximumConnections: Int = 1000, _ adjust: (inout SMTPSettings) -> Void = { _ in }) throws {
        var settings = SMTPSettings(hostname: "mx.example", encryption: encryption, rules: rules)
        adjust(&settings)
        var configuration = SocketServer.Configuration()
        configuration.maximumConnections = maximumConnections
        configuration.refusal = Array("421 4.3.2 There are too many connections\r\n".utf8)
        let (final, mailbag) = (settings, mailbag)
        server = try SocketServer(configuration) {
            SMTPConnection(final, remoteAddress: $0.remoteAddress, destination: mailbag)
        }
    }

    deinit { server.stop() }

    var port: Int { server.port }

    func connect() throws -> TCPStream { try TCPStream.connect(host: "127.0.0.1", port: port, timeout: .seconds(10)) }

    /// Sends a text on a connection of its own and reads all replies until the server closes.
    func converse(_ text: String) throws -> String {
        let stream = try connect()
        try stream.write(Array(text.utf8), deadline: .now + .seconds(20))
        return try stream.rest()
    }
}

extension SocketStream {
    /// Reads until the peer closes.
    func rest() throws -> String {
        var bytes: [UInt8] = []
        while try read(appendingTo: &bytes, deadline: .now + .seconds(20)) > 0 {}
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads until the text has this in it.
    func read(until mark: String) throws -> String {
        var bytes: [UInt8] = []
        while bytes.firstRange(of: Array(mark.utf8)) == nil {
            guard try read(appendingTo: &bytes, deadline: .now + .seconds(20)) > 0 else { break }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
