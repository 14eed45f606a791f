import Foundation
import Mailroom
import MailroomMIME
import TestSupport
import XCTest

@testable import MailroomDKIM

/// Keys made for one run of the tests, and mail to sign with them.
enum SigningSamples {
    static func rsaKey() throws -> String { try rsa.get() }
    static func ed25519Key() throws -> String { try ed25519.get() }

    private static let rsa = Result { try made(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]) }
    private static let ed25519 = Result { try made(["genpkey", "-algorithm", "ED25519"]) }

    /// What the openssl program prints, or a failure.
    static func made(_ arguments: [String], from input: String = "") throws -> String {
        let outcome = try Programs.run("openssl", arguments, input: Array(input.utf8))
        guard outcome.status == 0 else { throw TestKeyFailure(reason: outcome.errors) }
        return outcome.output
    }

    static func signers() throws -> [DKIMSigner] {
        [
            DKIMSigner(domain: "example.org", selector: "rsa", key: .pem(try rsaKey())),
            DKIMSigner(domain: "example.org", selector: "ed", key: .pem(try ed25519Key())),
        ]
    }

    static func message(
        _ change: (inout InternetMessage) throws -> Void = { _ in }
    ) throws -> InternetMessage {
        var message = InternetMessage(
            from: [try Mailbox("Zoé Club <club@example.org>")], to: [try Mailbox("teacher@example.net")],
            subject: "Kurs am Montag – später",
            date: MessageDate(secondsSince1970: 1_763_714_096, utcOffset: 60), messageID: "1@example.org",
            text: "Dear teacher,\n\n.\nsee  you \nsoon\n\n")
        try change(&message)
        return message
    }

    static func mail(_ message: InternetMessage, channel: Channel = .email, attempt: Int = 1) throws -> Mail {
        Mail(
            id: try XCTUnwrap(JobID("01jd6q3v8n0000000000000000")), channel: channel,
            envelope: Envelope(
                reversePath: try EmailAddress("club@example.org"), recipients: [.to("teacher@example.net")]),
            message: message, attempt: attempt, deadline: .now + .seconds(60))
    }

    /// Bytes with the signatures of some signers on top.
    static func signed(_ bytes: [UInt8], by signers: [DKIMSigner], date: Int64 = 1_763_714_096) throws -> [UInt8] {
        var source = SignatureSource(bytes, date: date)
        var header: [UInt8] = []
        for signer in signers { header += try source.signature(by: signer, signer.key.source.read()) }
        return header + bytes
    }

    /// The records that the signers' keys need, by name.
    static func records(of signers: [DKIMSigner]) throws -> [String: String] {
        var records: [String: String] = [:]
        for signer in signers {
            records[signer.recordName] = DKIMSigner.record(of: try signer.key.source.read())
                .replacing("\" \"", with: "").replacing("\"", with: "")
        }
        return records
    }

    /// The value of a signature's tag, white space taken out.
    static func tag(_ name: String, of signed: [UInt8]) -> String? {
        let text = String(decoding: signed, as: UTF8.self)
        guard let end = text.firstRange(of: /\r\n[^ \t]/)?.lowerBound else { return nil }
        for part in text[..<end].dropFirst("DKIM-Signature:".count).split(separator: ";") {
            let words = part.split(separator: "=", maxSplits: 1)
            guard words.first?.filter({ !$0.isWhitespace }) == name else { continue }
            return words.count > 1 ? words[1].filter { !$0.isWhitespace } : ""
        }
        return nil
    }
}

struct TestKeyFailure: Error { let reason: String }
