import Foundation
import Mailroom
import MailroomMIME
import MailroomSMTP

/// Mails of 4 KiB a second through the SMTP transport to smtp-sink, on one connection and on ten. Beside it, in turns, a
/// bare loop on blocking sockets that says the same, and Postfix's smtp-source.
func smtpFigures() async throws -> [Figure] {
    guard let sink = try SMTPSink() else {
        throw BenchmarkError("smtp-sink is not installed: apt-get install postfix")
    }
    defer { sink.stop() }
    let mails = try (0..<512).map(mail)
    var figures: [Figure] = []
    for (connections, count) in [(1, 4_000), (10, 8_000)] {
        figures += try await rounds(of: mails, count: count, connections: connections, sink)
    }
    for (name, deliverers, across) in [("one deliverer", 1, true), ("nothing sent ahead", 64, false)] {
        var rates: [Double] = []
        for _ in 0..<3 {
            rates.append(
                try await pace(of: mails, count: 4_000, connections: 1, deliverers, across: across, to: sink).rate)
        }
        figures.append(Figure(name: "transport, 1 connection, \(name)", unit: "mails/s", value: median(rates)))
    }
    return figures
}

private func rounds(of mails: [Mail], count: Int, connections: Int, _ sink: SMTPSink) async throws -> [Figure] {
    let loop = BareLoop(port: sink.port, mail: mails[0].bytes)
    let size = mails[0].bytes.count
    var ours: [Pace] = []
    var loops: [Pace] = []
    var sources: [Pace] = []
    _ = try await pace(of: mails, count: 500, connections: connections, to: sink)
    for round in 0..<5 {
        for turn in 0..<3 {
            switch (turn + round) % 3 {
            case 0: ours.append(try await pace(of: mails, count: count, connections: connections, to: sink))
            case 1:
                loops.append(
                    try await Pace.of(count, by: .thisProcess) { try loop.send(count, connections: connections) })
            default:
                sources.append(
                    try await Pace.of(count, by: .children) {
                        _ = try sink.sourceRate(mails: count, of: size, connections: connections)
                    })
            }
        }
    }
    func rate(_ paces: [Pace]) -> Double { median(paces.map(\.rate)) }
    func cost(_ paces: [Pace]) -> Double { median(paces.map(\.cost)) }
    func ratio(_ others: [Pace], _ value: (Pace) -> Double) -> Double {
        median(zip(ours, others).map { value($0) / value($1) })
    }
    let name = connections == 1 ? "1 connection" : "\(connections) connections"
    return [
        Figure(name: "bare loop, \(name)", unit: "mails/s", value: rate(loops)),
        Figure(name: "smtp-source, \(name)", unit: "mails/s", value: rate(sources)),
        Figure(
            name: "transport, against the bare loop, \(name)", unit: "mails/s", value: rate(ours), limit: 0.8,
            ratio: ratio(loops, \.rate)),
        Figure(
            name: "transport, against smtp-source, \(name)", unit: "mails/s", value: rate(ours),
            limit: connections == 1 ? 2 : nil, ratio: ratio(sources, \.rate)),
        Figure(name: "CPU of the bare loop, \(name)", unit: "µs/mail", value: cost(loops)),
        Figure(name: "CPU of smtp-source, \(name)", unit: "µs/mail", value: cost(sources)),
        Figure(
            name: "CPU, against smtp-source, \(name)", unit: "µs/mail", value: cost(ours), limit: 0.5,
            ratio: ratio(sources, \.cost), isCeiling: true),
    ]
}

/// Many tasks deliver one mail after the other through one transport.
private func pace(
    of mails: [Mail], count: Int, connections: Int, _ deliverers: Int = 64, across: Bool = true, to sink: SMTPSink
) async throws -> Pace {
    let transport: SMTPTransport = .smtp("127.0.0.1", port: sink.port) {
        $0.maximumConnections = connections
        $0.pipelinesAcrossMessages = across
        $0.messagesPerConnection = count + 1
    }
    let pace = try await Pace.of(count, by: .thisProcess) {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for deliverer in 0..<deliverers {
                group.addTask {
                    for index in stride(from: deliverer, to: count, by: deliverers) {
                        let report = try await transport.deliver(mails[index % mails.count])
                        guard report.outcomes.first?.status == .accepted else {
                            throw BenchmarkError("smtp-sink refused a mail")
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
    await transport.shutdown()
    return pace
}

/// A mail of 4 KiB, encoded beforehand.
private func mail(_ number: Int) throws -> Mail {
    var message = InternetMessage(
        from: [try Mailbox("a@example.org")], to: [try Mailbox("b@example.org")], subject: "Mail \(1000 + number)",
        date: MessageDate(secondsSince1970: 1_763_714_096), messageID: "\(1000 + number)@example.org", text: "")
    let rest = 4096 - message.encoded().count
    let line = String(repeating: "x", count: 62) + "\r\n"
    message.text = String(repeating: line, count: rest / 64) + String(repeating: "y", count: rest % 64)
    let mail = Mail(
        id: JobID(at: Date(), random: SystemRandomSource()),
        envelope: Envelope(
            reversePath: try EmailAddress("a@example.org"), recipients: [.to("b@example.org")]),
        message: message, deadline: .now + .seconds(600))
    _ = mail.bytes
    return mail
}
