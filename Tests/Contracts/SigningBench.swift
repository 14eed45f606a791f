import Mailroom
import MailroomLibraries
import MailroomTesting

@testable import MailroomDKIM

/// A transport behind DKIM signatures.
enum SigningBench {
    /// The key of RFC 8410, section 10.3.
    private static let secret = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC"
    private static let signer = DKIMSigner(
        domain: "example.org", selector: "bench",
        key: .pem("-----BEGIN PRIVATE KEY-----\n\(secret)\n-----END PRIVATE KEY-----\n"))

    /// The bench of what is signed for, with the signature on top of what arrives there.
    static func make(over inner: TransportBench) async throws -> TransportBench {
        let key = try await signer.key.source.key(until: .now + .seconds(10))
        var bench = inner
        bench.transport = inner.transport.signed(by: signer)
        bench.secrets.append(secret)
        bench.content = { message in
            var source = SignatureSource(message, date: 1_700_000_000)
            // Where it cannot be signed, no content is the promised one.
            guard let signature = try? source.signature(by: signer, key) else { return [] }
            return inner.content(signature + message)
        }
        return bench
    }
}
