import Foundation
import MailroomCapture
import MailroomMIME
import MailroomSockets

/// What the capture server takes in from smtp-source, stored and ready for searches, beside smtp-sink, which throws
/// everything away; and how soon its page answers with 10,000 mails.
func captureServerFigures() async throws -> [Figure] {
    guard let sink = try SMTPSink() else {
        throw BenchmarkError("smtp-sink is not installed: apt-get install postfix")
    }
    defer { sink.stop() }
    return try await acceptance(beside: sink) + large(beside: sink) + pageFigures()
}

private func server(_ change: (inout CaptureServer.Configuration) -> Void = { _ in }) throws -> (
    CaptureServer, CaptureServer.Ports
) {
    var configuration = CaptureServer.Configuration()
    configuration.smtpPort = 0
    configuration.webPort = 0
    change(&configuration)
    let server = CaptureServer(configuration)
    return (server, try server.start())
}

/// So many mails to a new server; ends when all are there and can be searched.
private func taken(_ mails: Int, of size: Int) throws -> Double {
    let (server, ports) = try server()
    defer { server.stop() }
    let start = ContinuousClock.now
    try Peers.source(mails, of: size, connections: 10, to: ports.smtp)
    _ = server.messages(matching: "no such word")
    let rate = Double(mails) / (ContinuousClock.now - start).inSeconds
    guard server.messages.count == mails else { throw BenchmarkError("not every mail is there") }
    return rate
}

private func acceptance(beside sink: SMTPSink) async throws -> [Figure] {
    let mails = 8_000
    _ = try taken(500, of: 4096)
    let found = try await compared(
        rounds: 5, ground: { try sink.sourceRate(mails: mails, of: 4096, connections: 10) },
        ours: { try taken(mails, of: 4096) })
    return [
        Figure(name: "smtp-sink, 4 KiB, 10 connections", unit: "mails/s", value: found.ground),
        Figure(
            name: "stored and searchable, 4 KiB, 10 connections", unit: "mails/s", value: found.ours, limit: 0.5,
            ratio: found.ratio),
    ]
}

/// Mails with an attachment of 5 MB. A bare loop sends them, since smtp-source takes longer to write them than both
/// servers to take them.
private func large(beside sink: SMTPSink) async throws -> [Figure] {
    let (mails, size) = (60, 5_000_000)
    var generator = SystemRandomNumberGenerator()
    let attachment = MIMEPart(
        fileName: "large.bin", mediaType: .octetStream,
        bytes: (0..<size).map { _ in .random(in: 0...255, using: &generator) })
    let mail = InternetMessage(
        from: [try Mailbox("a@example.org")], to: [try Mailbox("b@example.org")], subject: "Large",
        date: MessageDate(secondsSince1970: 1_763_714_096), messageID: "large@example.org", text: "See below.\n",
        attachments: [attachment]
    ).encoded()
    func rate(_ port: Int) throws -> Double {
        let start = ContinuousClock.now
        try BareLoop(port: port, mail: mail).send(mails, connections: 10)
        return Double(mails * mail.count) / 1e6 / (ContinuousClock.now - start).inSeconds
    }
    let found = try await compared(
        rounds: 5, ground: { try rate(sink.port) },
        ours: {
            let (server, ports) = try server()
            defer { server.stop() }
            let start = ContinuousClock.now
            try BareLoop(port: ports.smtp, mail: mail).send(mails, connections: 10)
            guard server.messages(matching: "large.bin").count == mails else {
                throw BenchmarkError("not every mail is found")
            }
            return Double(mails * mail.count) / 1e6 / (ContinuousClock.now - start).inSeconds
        })
    return [
        Figure(name: "smtp-sink, 5 MB attachments", unit: "MB/s", value: found.ground),
        Figure(name: "5 MB attachments, stored and searchable", unit: "MB/s", value: found.ours, limit: 200),
        Figure(name: "5 MB attachments, against smtp-sink", unit: "MB/s", value: found.ours, ratio: found.ratio),
    ]
}

private func pageFigures() throws -> [Figure] {
    let (server, ports) = try server()
    defer { server.stop() }
    try Peers.source(10_000, of: 4096, connections: 10, to: ports.smtp)
    _ = server.messages(matching: "no such word")
    let connection = try TCPStream.connect(host: "127.0.0.1", port: ports.web, timeout: .seconds(10))
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    func microseconds(_ target: String) throws -> Double {
        var times: [Double] = []
        for _ in 0..<21 {
            let start = ContinuousClock.now
            try ask(target, on: connection, into: buffer)
            times.append((ContinuousClock.now - start).inSeconds * 1e6)
        }
        return median(times)
    }
    return try [
        ("the list of 10,000 mails", "/list"), ("the whole page", "/"),
        ("a search that finds nothing", "/list?q=nothing"),
        ("a search that finds all", "/list?q=example"), ("MailHog's list of 250", "/api/v2/messages?limit=250"),
        ("MailHog's search that finds nothing", "/api/v2/search?kind=containing&query=nothing"),
        ("MailHog's search that finds all, a list of 250", "/api/v2/search?kind=to&query=example&limit=250"),
    ].map { name, target in
        Figure(
            name: name, unit: "µs", value: try microseconds(target), limit: target == "/list" ? 20_000 : nil,
            isCeiling: true)
    }
}

/// Asks and reads the whole answer, whose length its header tells.
private func ask(_ target: String, on connection: TCPStream, into buffer: UnsafeMutableRawBufferPointer) throws {
    let deadline = ContinuousClock.now + .seconds(10)
    var taken = 0
    let request = Array("GET \(target) HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
    try request.withUnsafeBytes { try connection.write($0, taken: &taken, deadline: deadline) }
    var head: [UInt8] = []
    while true {
        let count = try connection.read(into: buffer, deadline: deadline)
        guard count > 0 else { throw BenchmarkError("the page closed the connection") }
        head += buffer[..<count]
        guard let end = head.firstRange(of: Array("\r\n\r\n".utf8)) else { continue }
        let text = String(decoding: head[..<end.lowerBound], as: UTF8.self)
        guard text.hasPrefix("HTTP/1.1 200"),
            let length = text.split(separator: "\r\n").first(where: { $0.hasPrefix("Content-Length: ") })
                .flatMap({ Int($0.dropFirst(16)) })
        else { throw BenchmarkError("the page answered: \(text.prefix(80))") }
        var left = length - (head.count - end.upperBound)
        while left > 0 {
            let count = try connection.read(into: buffer, deadline: deadline)
            guard count > 0 else { throw BenchmarkError("the page closed the connection") }
            left -= count
        }
        return
    }
}
