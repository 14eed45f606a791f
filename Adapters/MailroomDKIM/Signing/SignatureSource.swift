import MailroomLibraries
import MailroomMIME

/// A message that is signed, once or several times: its body is digested once for each form.
struct SignatureSource {
    private let message: [UInt8]
    private let date: Int64
    private static let lastTime: Int64 = 999_999_999_999
    private let header: HeaderSection
    private var bodyDigests: [DKIMCanonicalization.Form: String] = [:]

    /// A message, and the time of its submission in seconds since 1970, which is the time of its signatures.
    init(_ message: [UInt8], date: Int64) {
        self.message = message
        self.date = date
        header = message.withUnsafeBytes { HeaderSection($0) }
    }

    static func algorithm(of key: SigningKey) -> String { key.kind == .rsa ? "rsa-sha256" : "ed25519-sha256" }

    /// The whole field, its line ending included. The signer has no configuration problems.
    mutating func signature(by signer: DKIMSigner, _ key: SigningKey) throws(LibraryError) -> [UInt8] {
        let digest = try bodyDigest(signer.canonicalization.body)
        let selection = FieldSelection(header.fields, signer)
        var field = SignatureField()
        field.add("a", Self.algorithm(of: key))
        field.add("c", signer.canonicalization.description)
        field.add("d", signer.asciiDomain ?? signer.domain)
        field.add("s", signer.selector)
        if let identity = signer.writtenIdentity { field.add("i", identity) }
        // The tags count from 1970 on and have up to twelve digits.
        if 0...Self.lastTime ~= date {
            field.add("t", String(date))
            if let lifetime = signer.lifetime?.components.seconds, lifetime <= Self.lastTime - date {
                field.add("x", String(date + lifetime))
            }
        }
        field.add("h", list: selection.names)
        field.add("bh", digest)
        field.beginSignature()

        let form = signer.canonicalization.header
        var signed: [UInt8] = []
        for range in selection.ranges { form.append(field: message[range], to: &signed) }
        form.append(field: field.bytes, to: &signed)
        signed.removeLast(2)
        field.end(Base64.text(try Self.sign(signed, by: key)))
        return field.bytes
    }

    /// RSA digests by itself what it signs, Ed25519 signs the digest (RFC 8463 §3).
    private static func sign(_ bytes: [UInt8], by key: SigningKey) throws(LibraryError) -> [UInt8] {
        if key.kind == .rsa { return try key.signature(of: bytes) }
        var stream = try SHA256Stream()
        bytes.withUnsafeBytes { stream.update($0) }
        return try key.signature(of: try stream.finish())
    }

    private mutating func bodyDigest(_ form: DKIMCanonicalization.Form) throws(LibraryError) -> String {
        if let digest = bodyDigests[form] { return digest }
        var stream = try SHA256Stream()
        message.withUnsafeBytes { bytes in
            form.feed(body: UnsafeRawBufferPointer(rebasing: bytes[header.bodyStart...])) { stream.update($0) }
        }
        let digest = Base64.text(try stream.finish())
        bodyDigests[form] = digest
        return digest
    }
}
