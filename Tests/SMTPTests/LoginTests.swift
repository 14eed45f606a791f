import Foundation
import Mailroom
import MailroomLibraries
import Synchronization
import TestSupport
import XCTest

@testable import MailroomSMTP

/// TLS and AUTH with a real server.
final class LoginTests: XCTestCase {
    private static let user = "me@example.org"
    private static let password = "p@ss wörd"

    private func server(
        _ encryption: PythonServer.Encryption, _ trust: TestTrust, mechanisms: String = ""
    ) async throws -> PythonServer {
        try await PythonServer(
            encryption, certificate: String(decoding: trust.certificate.certificatePEM, as: UTF8.self),
            key: String(decoding: trust.certificate.keyPEM, as: UTF8.self), mechanisms: mechanisms)
    }

    private func transport(
        to server: PythonServer, _ security: SMTPSecurity, _ trust: TestTrust?,
        _ credentials: SMTPCredentials? = .password(password, of: user)
    ) -> SMTPTransport {
        .smtp("127.0.0.1", port: server.port, security: security) {
            $0.security.trustFile = trust?.file.path
            $0.credentials = credentials
            $0.maximumConnections = 1
        }
    }

    func testLogsInByEveryMechanismOverSTARTTLSAndImplicitTLS() async throws {
        let trust = try TestTrust()
        for (encryption, security) in [
            (PythonServer.Encryption.starttls, SMTPSecurity.required), (.implicit, .implicit),
        ] {
            let server = try await server(encryption, trust, mechanisms: "PLAIN,LOGIN,CRAM-MD5,XOAUTH2")
            for mechanism in SMTPCredentials.Mechanism.allCases {
                let credentials: SMTPCredentials =
                    mechanism == .xoauth2
                    ? .token(of: Self.user) { "tok.en" }
                    : .password(Self.password, of: Self.user, by: mechanism)
                let transport = transport(to: server, security, trust, credentials)
                let outcome = await transport.outcome(of: try makeMail("\(encryption) \(mechanism)"))
                XCTAssertEqual(outcome, "b accepted", "\(encryption) \(mechanism)")
                await transport.shutdown()
            }
            let mails = try server.mails
            XCTAssertEqual(mails.count, 4)
            for mail in mails {
                XCTAssertEqual(mail.tls, "TLSv1.3")
                if mail.user != nil { XCTAssertEqual(mail.user, Self.user) }
            }
        }
    }

    func testAWrongPasswordOrTokenIsTransientAndSaysNothingOfIt() async throws {
        let trust = try TestTrust()
        let server = try await server(.starttls, trust, mechanisms: "PLAIN,XOAUTH2")
        for credentials: SMTPCredentials in [
            .password("hunter2", of: Self.user), .token(of: Self.user) { "hunter2" },
        ] {
            let transport = transport(to: server, .required, trust, credentials)
            let mail = try makeMail()
            do throws(TransportError) {
                _ = try await transport.deliver(mail)
                XCTFail("it was accepted")
            } catch {
                XCTAssertEqual(error.code, .authenticationFailed)
                XCTAssertTrue(error.isTransient)
                XCTAssertEqual(error.reply?.code, 535)
                XCTAssertFalse(error.description.contains("hunter2"), error.description)
            }
            await transport.shutdown()
        }
        XCTAssertEqual(try server.mails.count, 0)
    }

    func testAProviderThatFailsOrGivesNonsenseIsNamedWithoutItsWords() async throws {
        struct Hunter2: Error {}
        let trust = try TestTrust()
        let server = try await server(.starttls, trust, mechanisms: "XOAUTH2")
        for provider: SMTPCredentials.TokenProvider in [
            { throw Hunter2() }, { "" }, { "tok\r\nMAIL FROM:<x>" }, { "to ken" },
        ] {
            let transport = transport(to: server, .required, trust, .token(of: Self.user, from: provider))
            let outcome = await transport.outcome(of: try makeMail())
            XCTAssertEqual(outcome, "throws authenticationFailed")
            await transport.shutdown()
        }
    }

    func testAProviderThatDoesNotAnswerTimesOut() async throws {
        let trust = try TestTrust()
        let server = try await server(.starttls, trust, mechanisms: "XOAUTH2")
        let transport = SMTPTransport.smtp("127.0.0.1", port: server.port, security: .required) {
            $0.security.trustFile = trust.file.path
            $0.timeouts.command = .milliseconds(200)
            $0.credentials = .token(of: Self.user) {
                try await silence()
                return "late"
            }
        }
        let outcome = await transport.outcome(of: try makeMail())
        XCTAssertEqual(outcome, "throws timedOut")
        await transport.shutdown()
    }

    func testACertificateThatDoesNotHoldGetsNoMailAndNoPassword() async throws {
        let trust = try TestTrust()
        let stranger = try TestTrust()
        let named = try TestTrust(names: ["mail.example.org"])
        let server = try await server(.starttls, trust, mechanisms: "PLAIN")
        for wrong in [nil, stranger] {
            let transport = transport(to: server, .required, wrong)
            let mail = try makeMail()
            do throws(TransportError) {
                _ = try await transport.deliver(mail)
                XCTFail("it was accepted")
            } catch {
                XCTAssertEqual(error.code, .connectionFailed)
                XCTAssertTrue(error.isTransient)
                XCTAssert(error.description.contains("certificate"), error.description)
            }
            await transport.shutdown()
        }
        let other = try await self.server(.implicit, named, mechanisms: "PLAIN")
        let transport = transport(to: other, .implicit, named)
        let mail = try makeMail()
        do throws(TransportError) {
            _ = try await transport.deliver(mail)
            XCTFail("it was accepted")
        } catch {
            XCTAssert(error.description.contains("mail.example.org"), error.description)
        }
        await transport.shutdown()
        XCTAssertEqual(try server.mails.count + other.mails.count, 0)
    }

    func testACertificateNeedNotHoldWhereItIsNotChecked() async throws {
        let trust = try TestTrust(names: ["mail.example.org"])
        let server = try await server(.starttls, trust)
        let transport = SMTPTransport.smtp("127.0.0.1", port: server.port, security: .required) {
            $0.security.verifiesCertificate = false
        }
        let outcome = await transport.outcome(of: try makeMail())
        XCTAssertEqual(outcome, "b accepted")
        await transport.shutdown()
    }

    func testTheSecondConnectionTakesUpTheFirstOnesSession() async throws {
        let trust = try TestTrust()
        let server = try await server(.implicit, trust)
        let transport = SMTPTransport.smtp("127.0.0.1", port: server.port, security: .implicit) {
            $0.security.trustFile = trust.file.path
            $0.maximumConnections = 1
            $0.messagesPerConnection = 2
        }
        for index in 0..<6 {
            let outcome = await transport.outcome(of: try makeMail("m\(index)"))
            XCTAssertEqual(outcome, "b accepted")
        }
        await transport.shutdown()
        XCTAssertEqual(try server.mails.map(\.resumed), [false, false, true, true, true, true])
    }

    func testAnIdleEncryptedConnectionIsUsedAgain() async throws {
        let trust = try TestTrust()
        let server = try await server(.starttls, trust)
        let lines = Mutex<[String]>([])
        let transport = SMTPTransport.smtp("127.0.0.1", port: server.port, security: .required) {
            $0.security.trustFile = trust.file.path
            $0.maximumConnections = 1
            $0.transcript = { line in lines.withLock { $0.append(line.description) } }
        }
        for index in 0..<3 { _ = try await transport.deliver(try makeMail("m\(index)")) }
        await transport.shutdown()
        let said = lines.withLock { $0 }
        XCTAssertEqual(said.count { $0.contains("*: encrypted") }, 1)
        XCTAssertEqual(said.filter { !$0.hasPrefix("[1] ") }, [])
    }

    func testLargeMailsArriveWholeThroughTLS() async throws {
        let trust = try TestTrust()
        let server = try await server(.starttls, trust)
        let transport = SMTPTransport.smtp("127.0.0.1", port: server.port, security: .required) {
            $0.security.trustFile = trust.file.path
        }
        let mail = try makeMail(attachment: 3 << 20)
        let outcome = await transport.outcome(of: mail)
        XCTAssertEqual(outcome, "b accepted")
        XCTAssertEqual(try server.mails.first?.data, String(decoding: mail.bytes, as: UTF8.self))
        await transport.shutdown()
    }

    func testCheckingTellsWhatTheServerOffersAndItsCertificate() async throws {
        let trust = try TestTrust()
        let server = try await server(.starttls, trust, mechanisms: "PLAIN")
        let sound = transport(to: server, .required, trust)
        let checks = await sound.checkConnection(until: .now + .seconds(20))
        XCTAssertEqual(checks.count, 1)
        let found = Dictionary(checks[0].findings.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        XCTAssertNil(checks[0].problem)
        XCTAssertEqual(checks[0].subject, "smtp://127.0.0.1:\(server.port)")
        XCTAssert(found["TLS"]?.hasPrefix("TLSv1.3, TLS_") == true, "\(found)")
        XCTAssertEqual(found["certificate"], "CN=server.example")
        XCTAssertEqual(found["expires"]?.hasSuffix(" UTC"), true, "\(found)")
        XCTAssert(found["offers"]?.contains("SMTPUTF8") == true, "\(found)")
        XCTAssertEqual(found["logged in"], Self.user)
        XCTAssert(checks[0].dialogue.contains("C: AUTH PLAIN ***"), "\(checks[0].dialogue)")
        let wrong = transport(to: server, .required, nil)
        let problem = await wrong.checkConnection(until: .now + .seconds(20))[0].problem
        XCTAssert(problem?.contains("certificate") == true, problem ?? "none")
        XCTAssertEqual(try server.mails.count, 0)
        await sound.shutdown()
        await wrong.shutdown()
    }
}
