import Foundation
import Mailroom
import MailroomLibraries
import Synchronization
import TestSupport
import XCTest

@testable import MailroomDKIM

final class SigningKeyTests: XCTestCase {
    private func key(_ pem: String, _ passPhrase: String? = nil) throws -> SigningKey {
        try DKIMKey.pem(pem, passPhrase: passPhrase).source.read()
    }

    private func refusal(
        of pem: String, _ passPhrase: String? = nil, file: StaticString = #filePath, line: UInt = #line
    ) -> String {
        do {
            _ = try key(pem, passPhrase)
            XCTFail("the key was taken", file: file, line: line)
            return ""
        } catch { return "\(error)" }
    }

    func testReadsBothFormsOfAnRSAKey() throws {
        let modern = try SigningSamples.rsaKey()
        let traditional = try SigningSamples.made(["rsa", "-traditional"], from: modern)
        XCTAssertTrue(traditional.contains("BEGIN RSA PRIVATE KEY"))
        let message = Array("message".utf8)
        let signature = try key(modern).signature(of: message)
        XCTAssertEqual(signature.count, 256)
        XCTAssertEqual(try key(traditional).signature(of: message), signature)
        XCTAssertEqual(try key(modern).bits, 2048)
    }

    func testSignsAsTheFirstTestOfRFC8032() throws {
        let seed: [UInt8] = [
            0x9D, 0x61, 0xB1, 0x9D, 0xEF, 0xFD, 0x5A, 0x60, 0xBA, 0x84, 0x4A, 0xF4, 0x92, 0xEC, 0x2C, 0xC4, 0x44, 0x49,
            0xC5, 0x69, 0x7B, 0x32, 0x69, 0x19, 0x70, 0x3B, 0xAC, 0x03, 0x1C, 0xAE, 0x7F, 0x60,
        ]
        let key = try key(RFC8463.pem(seed: seed))
        let signature = try key.signature(of: []).map { String(format: "%02x", $0) }.joined()
        XCTAssertEqual(
            signature,
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        )
        XCTAssertEqual(key.publicKey.first, 0xD7)
    }

    func testOpensAnEncryptedKeyWithItsPassPhraseAlone() throws {
        let plain = try SigningSamples.rsaKey()
        let encrypted = try SigningSamples.made(
            ["pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout", "pass:open sesame"], from: plain)
        XCTAssertTrue(encrypted.contains("BEGIN ENCRYPTED PRIVATE KEY"))
        let message = Array("message".utf8)
        XCTAssertEqual(
            try key(encrypted, "open sesame").signature(of: message), try key(plain).signature(of: message))
        XCTAssertTrue(refusal(of: encrypted).contains("Give its pass phrase"))
        let wrong = refusal(of: encrypted, "close sesame")
        XCTAssertTrue(wrong.contains("does not open it"))
        XCTAssertFalse(wrong.contains("sesame"))
        XCTAssertTrue(refusal(of: encrypted, String(repeating: "long", count: 1000)).contains("does not open it"))
    }

    func testOpensAnEncryptedKeyOfTheTraditionalForm() throws {
        let plain = try SigningSamples.rsaKey()
        let encrypted = try SigningSamples.made(
            ["rsa", "-traditional", "-aes128", "-passout", "pass:open sesame"], from: plain)
        XCTAssertTrue(encrypted.contains("Proc-Type: 4,ENCRYPTED"))
        XCTAssertEqual(try key(encrypted, "open sesame").publicKey, try key(plain).publicKey)
        XCTAssertTrue(refusal(of: encrypted).contains("Give its pass phrase"))
    }

    func testRefusesWhatIsNoPrivateKey() throws {
        XCTAssertTrue(refusal(of: "").contains("no PEM"))
        XCTAssertTrue(refusal(of: "hello").contains("no PEM"))
        let pem = try SigningSamples.rsaKey()
        let publicKey = try SigningSamples.made(["pkey", "-pubout"], from: pem)
        XCTAssertTrue(refusal(of: publicKey).contains("no private key"))
        XCTAssertTrue(refusal(of: String(pem.prefix(pem.count / 2))).contains("cut short"))
        XCTAssertTrue(refusal(of: pem.replacing("\n", with: "\n!")).contains("damaged"))
    }

    func testRefusesKindsThatDKIMDoesNotKnow() throws {
        for arguments in [
            ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
            ["genpkey", "-algorithm", "X25519"],
        ] {
            XCTAssertTrue(refusal(of: try SigningSamples.made(arguments)).contains("neither RSA nor Ed25519"))
        }
    }

    func testRefusesRSAKeysThatReceiversIgnore() throws {
        let short = try SigningSamples.made(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:768"])
        XCTAssertTrue(refusal(of: short).contains("768 bits is too short"))
        let least = try SigningSamples.made(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"])
        XCTAssertEqual(try key(least).bits, 1024)
    }

    func testRefusesAKeyWhosePartsDoNotBelongTogether() throws {
        let pem = try SigningSamples.rsaKey()
        let lines = pem.split(separator: "\n")
        var der = [UInt8](try XCTUnwrap(Data(base64Encoded: lines.dropFirst().dropLast().joined())))
        // Within the modulus of 256 octets, which begins the key: the private numbers no longer fit it.
        der[100] ^= 1
        let broken =
            "-----BEGIN PRIVATE KEY-----\n" + Data(der).base64EncodedString(options: .lineLength64Characters)
            + "\n-----END PRIVATE KEY-----\n"
        XCTAssertTrue(refusal(of: broken).contains("does not verify"))
    }

    func testShowsNothingOfAKey() throws {
        let pem = try SigningSamples.rsaKey()
        let secret = try XCTUnwrap(pem.split(separator: "\n").dropFirst(2).first)
        let signer = DKIMSigner(domain: "example.org", selector: "s", key: .pem(pem, passPhrase: "open sesame"))
        _ = try signer.key.source.read()
        for fresh in [signer, DKIMSigner(domain: "e.org", selector: "s", key: .pem(pem, passPhrase: "open sesame"))] {
            var dumped = ""
            dump(fresh, to: &dumped)
            for text in ["\(fresh)", String(reflecting: fresh), "\(fresh.key)", dumped] {
                XCTAssertFalse(text.contains(secret) || text.contains("sesame"), text)
            }
        }
    }

    func testVerifiesOnlyWhatItSigned() throws {
        for pem in [try SigningSamples.rsaKey(), try SigningSamples.ed25519Key()] {
            let key = try key(pem)
            var signature = try key.signature(of: [1, 2, 3])
            XCTAssertTrue(key.isValid(signature, of: [1, 2, 3]))
            XCTAssertFalse(key.isValid(signature, of: [1, 2, 4]))
            signature[10] ^= 1
            XCTAssertFalse(key.isValid(signature, of: [1, 2, 3]))
            XCTAssertFalse(key.isValid([], of: [1, 2, 3]))
        }
    }

    func testSignsOnSeveralThreadsAtOnce() throws {
        for pem in [try SigningSamples.rsaKey(), try SigningSamples.ed25519Key()] {
            let key = try key(pem)
            let expected = try key.signature(of: [1, 2, 3])
            let failures = Mutex(0)
            DispatchQueue.concurrentPerform(iterations: 64) { _ in
                if (try? key.signature(of: [1, 2, 3])) != expected { failures.withLock { $0 += 1 } }
            }
            XCTAssertEqual(failures.withLock { $0 }, 0)
        }
    }

    func testDigestsPiecesAsTheCoreDigestsTheWhole() throws {
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        var stream = try SHA256Stream()
        bytes.withUnsafeBytes { all in
            stream.update(UnsafeRawBufferPointer(rebasing: all[..<1]))
            stream.update(UnsafeRawBufferPointer(rebasing: all[1..<1]))
            stream.update(UnsafeRawBufferPointer(rebasing: all[1...]))
        }
        let digest = try stream.finish().map { String(format: "%02x", $0) }.joined()
        XCTAssertEqual(digest, SHA256Digest(of: bytes).description)
    }
}
