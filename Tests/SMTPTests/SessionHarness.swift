import Foundation
import Mailroom
import XCTest

@testable import MailroomSMTP

/// A session without a socket: what it says and what came of it, as text.
struct SessionHarness {
    var session: SMTPClientSession
    var sent = ""
    var events: [String] = []
    var body = "Hello\r\n"

    init(
        pipelines: Bool = true, across: Bool = true, isLocal: Bool = true,
        _ adjust: (inout SMTPConfiguration) -> Void = { _ in }
    ) {
        var configuration = SMTPConfiguration(host: "127.0.0.1", port: 25)
        configuration.clientName = "client.example"
        configuration.pipelines = pipelines
        configuration.pipelinesAcrossMessages = across
        adjust(&configuration)
        session = SMTPClientSession(configuration)
        session.isLocal = isLocal
    }

    /// Greets and answers EHLO with these extensions.
    mutating func open(_ extensions: [String] = ["PIPELINING"]) {
        receive("220 server.example ESMTP\r\n")
        let lines = ["server.example"] + extensions
        receive(lines.enumerated().map { "250\($0 == lines.count - 1 ? " " : "-")\($1)\r\n" }.joined())
    }

    mutating func begin(
        from: String? = "a@example.org", to recipients: [String] = ["b@example.org"], size: Int = 7,
        isEightBit: Bool = false
    ) {
        session.begin(
            SMTPEnvelope(reversePath: from.flatMap { SMTPPath($0) }, recipients: recipients.map { SMTPPath($0) }),
            size: size, isEightBit: isEightBit)
        takeEvents()
    }

    mutating func receive(_ text: String) {
        Array(text.utf8).withUnsafeBytes { session.receive($0) }
        takeEvents()
    }

    mutating func receiveByOctet(_ text: String) { for byte in text.utf8 { receiveOctet(byte) } }

    private mutating func receiveOctet(_ byte: UInt8) {
        [byte].withUnsafeBytes { session.receive($0) }
        takeEvents()
    }

    mutating func takeEvents() {
        while let event = session.next() {
            events.append(Self.describe(event))
            switch event {
            case .bodyWanted where session.sendsChunks: sendChunk()
            case .bodyWanted:
                session.appendBody(body.utf8)
                session.endBody(endsLine: true)
            case .encryptionDue: session.encryptionBegan()
            case .secretDue: session.authenticate(with: "pässword")
            default: break
            }
        }
        sent += String(decoding: session.output, as: UTF8.self)
        session.outputWasSent()
    }

    /// Chunks of at most four octets.
    private mutating func sendChunk() {
        let part = Array(body.utf8.prefix(4))
        body = String(decoding: body.utf8.dropFirst(4), as: UTF8.self)
        session.beginChunk(part.count, isLast: body.isEmpty)
        session.appendBody(part)
        if body.isEmpty { session.end() }
    }

    /// What was sent since the last call.
    mutating func takeSent() -> String {
        defer { sent = "" }
        return sent
    }

    mutating func takeLog() -> [String] {
        defer { events = [] }
        return events
    }

    private static func describe(_ event: SMTPClientSession.Event) -> String {
        switch event {
        case .encryptionDue: "encrypt"
        case .secretDue: "authenticate"
        case .ready: "ready"
        case .refusedRecipient(let index, let refusal): "\(index) \(refusal.status) \(refusal.reply)"
        case .refusedMail(let refusal): "all \(refusal.status) \(refusal.reply)"
        case .bodyWanted: "body"
        case .over: "over"
        case .unsuitable(let error): "unsuitable \(error.code.rawValue)"
        case .answered(let status, let reply): "\(status) \(reply)"
        case .goodbye: "goodbye"
        case .failed(let error):
            "failed \(error.code.rawValue)\(error.isTransient ? "" : " for good")\(error.reply.map { " \($0)" } ?? "")"
        }
    }
}

/// Where recorded servers are, if anywhere.
func smtpMaterial() -> URL {
    if let path = ProcessInfo.processInfo.environment["MAILROOM_MATERIAL"] { return URL(filePath: path + "/smtp") }
    return URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared/material/smtp")
}

/// A recorded server's words, with the CRLF that they were stored without; skips where the material is absent.
func recordedReply(_ name: String) throws -> String {
    let file = smtpMaterial().appending(path: "mailkit-server-replies/\(name).txt")
    if let text = try? String(contentsOf: file, encoding: .utf8) {
        return text.split(whereSeparator: \.isNewline).map { "\($0)\r\n" }.joined()
    }
    throw XCTSkip("the recorded replies are not on this machine")
}
