public import Mailroom
import MailroomLibraries
import MailroomMIME

/// An adapter that signs mail (DKIM, RFC 6376) and hands it to another transport.
///
/// ```swift
/// let signer = DKIMSigner(domain: "example.org", selector: "2026a", key: .file("/etc/mailroom/dkim.pem"))
/// let pipeline = try PipelineBuilder()
///     .broker(.file("queue"))
///     .transport(.smtp("mail.example.org").signed(by: signer))
///     .build()
/// ```
///
/// Each signer puts a `DKIM-Signature` field on top of the mail; nothing else of it changes. Every attempt at a job
/// hands on the same bytes, since a signature is dated with the submission. Mail is never handed on unsigned: while a
/// key cannot be read, or libcrypto is missing, mail waits.
public final class DKIMTransport: Transport {
    let inner: any Transport
    let signers: [DKIMSigner]

    /// Signs for a transport, once by each signer; the first one's signature comes on top.
    ///
    /// Two signers, an RSA and an Ed25519 key under two selectors, serve receivers of either kind (RFC 8463 §4).
    public init(_ inner: any Transport, signers: [DKIMSigner]) {
        self.inner = inner
        self.signers = signers
    }

    /// Finds what is wrong with domains, selectors, fields and keys given as text, and what the transport finds. Files
    /// with keys are read later.
    public func configurationProblems(in context: PipelineContext) -> [ConfigurationProblem] {
        var problems = signers.flatMap { $0.problems() }
        if signers.isEmpty { problems.append(ConfigurationProblem("dkim", "there is no signer: give at least one")) }
        var names: Set<String> = []
        for signer in signers where !names.insert(signer.recordName).inserted {
            problems.append(
                ConfigurationProblem(
                    "\(signer.subject) selector",
                    "two signers use \(signer.recordName): give each key a selector of its own"))
        }
        return problems + inner.configurationProblems(in: context)
    }

    /// Signs the mail and delivers it; see ``/Mailroom/Transport/deliver(_:)``.
    ///
    /// A mail that cannot be signed is not handed on. A missing key or library is the deployment's fault: the mail is
    /// tried again a minute later, which uses up no attempt. A mail without From is refused for good.
    public func deliver(_ mail: Mail) async throws(TransportError) -> DeliveryReport {
        guard mail.channel == .email else {
            throw Self.unsigned("Only mail can be signed, not the channel \(mail.channel). Take DKIM away from it.")
        }
        guard !mail.message.from.isEmpty else {
            throw TransportError(
                .unsupported, "A mail without From cannot be signed. Give the message an author.", isTransient: false)
        }
        guard !signers.isEmpty else { throw Self.unsigned("There is no signer for the mail: give at least one.") }
        let header: [UInt8]
        do throws(LibraryError) {
            var keys: [SigningKey] = []
            for signer in signers { keys.append(try await signer.key.source.key(until: mail.deadline)) }
            header = try Self.signatures(of: mail, by: Array(zip(signers, keys)))
        } catch {
            if Task.isCancelled { throw Self.cancelled }
            throw Self.unsigned("The mail cannot be signed. \(error)")
        }
        if Task.isCancelled { throw Self.cancelled }
        return try await inner.deliver(mail.prefixed(by: header))
    }

    private static let cancelled = TransportError(.cancelled, "The delivery was cancelled before the message was sent.")

    /// A fault of the deployment must not use up the attempts of every mail that waits for its being mended.
    private static func unsigned(_ reason: String) -> TransportError {
        TransportError(.signingFailed, reason, retryAfter: .seconds(60))
    }

    /// Apart from the delivery, so that the mail's bytes are held by nobody when they move into the signed mail.
    private static func signatures(
        of mail: Mail, by signers: [(DKIMSigner, SigningKey)]
    ) throws(LibraryError) -> [UInt8] {
        var source = SignatureSource(mail.bytes, date: mail.message.date.secondsSince1970)
        var header: [UInt8] = []
        for (signer, key) in signers { header += try source.signature(by: signer, key) }
        return header
    }

    /// Shuts the transport down.
    public func shutdown() async { await inner.shutdown() }
}

extension DKIMTransport: RouteOwning {
    /// What the transport says of its routes.
    public func owns(_ route: String) -> Bool? { (inner as? any RouteOwning)?.owns(route) }
}

extension TransportError.Code {
    /// The mail could not be signed, so it was not handed on.
    public static let signingFailed = Self(rawValue: "signingFailed")
}

extension Transport {
    /// This transport, with every mail signed once by each signer; see ``/MailroomDKIM/DKIMTransport``.
    public func signed(by signers: DKIMSigner...) -> DKIMTransport { DKIMTransport(self, signers: signers) }
}
