import Foundation
import MailroomMIME

/// How fast mails are written and read on one core, and how much memory a delivery takes with a large file.
func mimeFigures() async throws -> [Figure] {
    let file = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
    let base64 = try await compared(rounds: 9) {
        let whole = Data(file)
        return perSecond(40) {
            whole.base64EncodedData(options: [
                .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
            ]).count
        }
    } ours: {
        perSecond(200) {
            var output: [UInt8] = []
            file.withUnsafeBufferPointer { Base64.encode($0, into: &output) }
            return output.count
        }
    }
    let mail = try smallMail()
    let bytes = mail.encoded()
    let encoded = perSecond(100_000, rounds: 9) { mail.encoded().count }
    let parsed = perSecond(20_000, rounds: 9) { Entity(parsing: bytes).parts.count }
    var figures = [
        Figure(name: "base64 by Foundation, 1 MiB", unit: "MiB/s", value: base64.ground),
        Figure(name: "base64, 1 MiB", unit: "MiB/s", value: base64.ours, limit: 1500),
        Figure(
            name: "base64, 1 MiB, against Foundation", unit: "MiB/s", value: base64.ours, limit: 2, ratio: base64.ratio
        ),
        Figure(
            name: "mails of text and HTML written (\(bytes.count) bytes)", unit: "mails/s", value: encoded,
            limit: 100_000),
        Figure(name: "the same mails read", unit: "mails/s", value: parsed),
    ]
    #if os(Linux)
        figures += try await memoryFigures()
    #endif
    return figures
}

/// How often a second something is done that answers a number, which keeps it from being left out.
private func perSecond(_ count: Int, _ body: () -> Int) -> Double {
    var sum = 0
    let start = ContinuousClock.now
    for _ in 0..<count { sum &+= body() }
    let time = (ContinuousClock.now - start).inSeconds
    precondition(sum > 0)
    return Double(count) / time
}

private func perSecond(_ count: Int, rounds: Int, _ body: () -> Int) -> Double {
    median((0..<rounds).map { _ in perSecond(count / rounds, body) })
}

private func smallMail() throws -> InternetMessage {
    let paragraph = "Madame, Monsieur, nous vous invitons à l’assemblée générale du club, le 12 juin à 18 heures.\n"
    return InternetMessage(
        from: [try Mailbox("Comité directeur <benevolat@example.org>")],
        to: [try Mailbox("Élodie Bérenger <elodie@example.org>")],
        subject: "Invitation à l’assemblée générale", date: MessageDate(secondsSince1970: 1_763_714_096, utcOffset: 60),
        messageID: "01K9ZQ4V5T8N2M3P4R5S6T7V8W@example.org",
        unsubscribe: try .oneClick("https://example.org/unsubscribe/8f3a2c", mail: EmailAddress("leave@example.org")),
        text: String(repeating: paragraph, count: 5), html: "<p>" + String(repeating: paragraph, count: 5) + "</p>\n")
}
