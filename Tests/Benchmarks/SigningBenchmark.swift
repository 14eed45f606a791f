import Mailroom
import MailroomDKIM
import MailroomLibraries
import MailroomMIME

/// How fast mail is signed, encoding included: small mails against the bare signatures of the same key, and one of
/// 20 MiB against libcrypto's digest of as many bytes.
func signingFigures() async throws -> [Figure] {
    var figures: [Figure] = []
    func measure(
        _ name: String, limit: Double, ground: () throws -> Double, ours: () async throws -> Double
    ) async throws {
        _ = try await ours()
        let result = try await compared(rounds: 5, ground: ground, ours: ours)
        figures.append(Figure(name: name, unit: "/s", value: result.ours, limit: limit, ratio: result.ratio))
    }
    for (name, arguments, limit) in [
        ("RSA 2048, mails", ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], 0.8),
        ("Ed25519, mails", ["genpkey", "-algorithm", "ED25519"], 0.4),
    ] {
        guard let program = Peers.program("openssl") else { throw BenchmarkError("openssl is not installed") }
        let pem = try Peers.output(of: program, arguments)
        let key = try Array(pem.utf8).withUnsafeBytes { try SigningKey(pem: $0) }
        let bytes = [UInt8](repeating: 0x61, count: key.kind == .rsa ? 1000 : 32)
        let transport = NoTransport().signed(by: DKIMSigner(domain: "example.org", selector: "s", key: .pem(pem)))
        try await measure(name, limit: limit) {
            try rate(of: 500) { _ = try key.signature(of: bytes) }
        } ours: {
            try await rate(of: 500) { _ = try await transport.deliver(signingMail(attaching: 0)) }
        }
        guard key.kind == .ed25519 else { continue }
        let size = 20 << 20
        let large = [UInt8](repeating: 0x61, count: size / 57 * 78)
        try await measure("20 MiB attached, MB encoded", limit: 0.4) {
            try rate(of: 3) {
                var digest = try SHA256Stream()
                large.withUnsafeBytes { digest.update($0) }
                _ = try digest.finish()
            } * Double(large.count) / 1e6
        } ours: {
            try await rate(of: 3) { _ = try await transport.deliver(signingMail(attaching: size)) }
                * Double(large.count) / 1e6
        }
    }
    return figures
}

private func rate(of count: Int, _ work: () throws -> Void) throws -> Double {
    let start = ContinuousClock.now
    for _ in 0..<count { try work() }
    return Double(count) / (ContinuousClock.now - start).inSeconds
}

private func rate(of count: Int, _ work: () async throws -> Void) async throws -> Double {
    let start = ContinuousClock.now
    for _ in 0..<count { try await work() }
    return Double(count) / (ContinuousClock.now - start).inSeconds
}

private func signingMail(attaching size: Int) throws -> Mail {
    guard let id = JobID("01jd6q3v8n0000000000000000") else { throw BenchmarkError("a job id is no job id") }
    let message = InternetMessage(
        from: [try Mailbox("club@example.org")], to: [try Mailbox("teacher@example.net")], subject: "Monday's course",
        date: MessageDate(secondsSince1970: 1_763_714_096), messageID: "1@example.org",
        text: String(repeating: "Dear teacher, the course begins at nine.\n", count: 40),
        attachments: size == 0 ? [] : [MIMEPart(bytes: [UInt8](repeating: 0x61, count: size))])
    return Mail(
        id: id, envelope: Envelope(reversePath: nil, recipients: [.to("teacher@example.net")]), message: message,
        deadline: .now + .seconds(60))
}

/// Takes everything and looks at the bytes.
private struct NoTransport: Transport {
    func deliver(_ mail: Mail) async throws(TransportError) -> DeliveryReport {
        DeliveryReport(all: mail.envelope.recipients, mail.bytes.isEmpty ? .refused : .accepted)
    }
}
