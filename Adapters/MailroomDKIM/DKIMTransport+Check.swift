public import Mailroom
import MailroomLibraries
import MailroomMIME

extension DKIMTransport: ConnectionChecking {
    /// Reads the keys and tells, for each signer, which record the DNS must have, and what the transport finds. Asks no
    /// name server.
    public func checkConnection(until deadline: ContinuousClock.Instant) async -> [ConnectionCheck] {
        var checks: [ConnectionCheck] = []
        for signer in signers { checks.append(await signer.check(until: deadline)) }
        guard let inner = inner as? any ConnectionChecking else { return checks }
        return checks + (await inner.checkConnection(until: deadline))
    }
}

extension DKIMSigner {
    fileprivate func check(until deadline: ContinuousClock.Instant) async -> ConnectionCheck {
        var check = ConnectionCheck("dkim \(recordName)")
        func find(_ name: String, _ value: String) { check.findings.append(.init(name, value)) }
        find("domain", asciiDomain ?? domain)
        find("selector", selector)
        find("key", key.description)
        do throws(LibraryError) {
            let key = try await key.source.key(until: deadline)
            let algorithm = SignatureSource.algorithm(of: key)
            switch key.kind {
            case .rsa where key.bits < 2048:
                find("algorithm", "\(algorithm), \(key.bits) bits; 2048 are recommended (RFC 8301 §3.2)")
            case .rsa where key.bits > 4096:
                find("algorithm", "\(algorithm), \(key.bits) bits; receivers need not take more than 4096")
            case .rsa: find("algorithm", "\(algorithm), \(key.bits) bits")
            case .ed25519: find("algorithm", algorithm)
            }
            find("DNS record", "\(recordName). TXT \(Self.record(of: key))")
        } catch {
            check.problem = error.description
        }
        return check
    }

    /// The record's text as a zone file has it: strings of up to 255 octets, joined by who reads them
    /// (RFC 6376 §3.6.2.2).
    static func record(of key: SigningKey) -> String {
        let text = "v=DKIM1; k=\(key.kind == .rsa ? "rsa" : "ed25519"); p=" + Base64.text(key.publicKey)
        let bytes = Array(text.utf8)
        return stride(from: 0, to: bytes.count, by: 255).map { start in
            "\"" + String(decoding: bytes[start..<min(start + 255, bytes.count)], as: UTF8.self) + "\""
        }.joined(separator: " ")
    }
}
