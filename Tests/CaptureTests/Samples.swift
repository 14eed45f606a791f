import MailroomMIME
import MailroomSockets
import XCTest

@testable import MailroomCapture

/// A capture server on ports of the system's choice, and ways to speak with it.
final class TestServer {
    let server: CaptureServer
    let ports: CaptureServer.Ports

    init(_ adjust: (inout CaptureServer.Configuration) -> Void = { _ in }) throws {
        var configuration = CaptureServer.Configuration()
        configuration.smtpPort = 0
        configuration.webPort = 0
        adjust(&configuration)
        server = CaptureServer(configuration)
        ports = try server.start()
    }

    deinit { server.stop() }

    /// Sends mails over one connection.
    func send(_ mails: [String], from: String = "a@x.example", to: [String] = ["b@y.example"]) throws {
        let stream = try TCPStream.connect(host: "127.0.0.1", port: ports.smtp, timeout: .seconds(10))
        var text = "EHLO tests.example\r\n"
        for mail in mails {
            text +=
                "MAIL FROM:<\(from)>\r\n" + to.map { "RCPT TO:<\($0)>\r\n" }.joined() + "DATA\r\n" + mail + "\r\n.\r\n"
        }
        try stream.write(Array((text + "QUIT\r\n").utf8), deadline: .now + .seconds(10))
        var replies: [UInt8] = []
        while try stream.read(appendingTo: &replies, deadline: .now + .seconds(10)) > 0 {}
        let queued = String(decoding: replies, as: UTF8.self).components(separatedBy: "queued as").count - 1
        XCTAssertEqual(queued, mails.count)
    }

    struct Answer {
        let status: Int
        let head: String
        let body: [UInt8]
        var text: String { String(decoding: body, as: UTF8.self) }

        func field(_ name: String) -> String? {
            head.components(separatedBy: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ": ") }
                .map { String($0.dropFirst(name.count + 2)) }
        }
    }

    /// One request on a connection of its own.
    func ask(_ method: String, _ target: String, host: String? = nil, fields: [String] = []) throws -> Answer {
        let stream = try TCPStream.connect(host: "127.0.0.1", port: ports.web, timeout: .seconds(10))
        let lines =
            ["\(method) \(target) HTTP/1.1", "Host: \(host ?? "127.0.0.1:\(ports.web)")", "Connection: close"] + fields
        try stream.write(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8), deadline: .now + .seconds(10))
        var bytes: [UInt8] = []
        while try stream.read(appendingTo: &bytes, deadline: .now + .seconds(10)) > 0 {}
        let end = try XCTUnwrap(bytes.firstRange(of: Array("\r\n\r\n".utf8)))
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
        let status = try XCTUnwrap(Int(head.dropFirst(9).prefix(3)))
        return Answer(status: status, head: head, body: Array(bytes[end.upperBound...]))
    }

    /// The JSON answer to a GET.
    func json(_ target: String) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(try ask("GET", target).body), options: .fragmentsAllowed)
    }
}

enum Samples {
    static let pdf = Array("%PDF-1.4\n%\u{E2}\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n".utf8)
    static let picture: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 1, 2]

    /// A letter with everything: both texts, a picture within, a PDF, a repeated field, an encoded subject.
    static func letter() throws -> String {
        let message = InternetMessage(
            from: [try Mailbox("Müsic Club <club@x.example>")], to: [try Mailbox("Ms Schneider <b@y.example>")],
            subject: "Volunteers <wanted> für März & more", date: MessageDate(secondsSince1970: 1_700_000_000),
            messageID: "letter@x.example", fields: [try HeaderField("X-Tag", "one"), try HeaderField("X-Tag", "two")],
            text: "Dear Ms Schneider,\n\nplain text.\n",
            html:
                "<html><head><title>t</title></head><body><p>Dear <b>Ms Schneider</b></p><img src=\"cid:logo@x\"></body></html>",
            inline: [MIMEPart(fileName: "logo.png", mediaType: .png, bytes: picture, contentID: "logo@x")],
            attachments: [MIMEPart(fileName: "Brief für Sie.pdf", mediaType: .pdf, bytes: pdf)])
        return String(decoding: message.encoded(), as: UTF8.self)
    }

    /// A mail as the store takes it.
    static func captured(
        _ content: MailContent, from: String? = "a@x.example", to: [String] = ["b@y.example"]
    ) -> CapturedMessage {
        CapturedMessage(
            id: MessageID.random(hostname: "x.example"), receivedAt: WallClock.now,
            envelope: .init(helo: "c.example", remoteAddress: "127.0.0.1:1", reversePath: from, recipients: to),
            content: content)
    }

    /// An id as a part of a path.
    static func encoded(_ id: String) -> String { percentEncoded(id) }
}
