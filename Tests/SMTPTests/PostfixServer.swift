import Foundation
import MailroomSockets
import TestSupport
import XCTest

/// A Postfix of a test's own that stores what it takes for `example.org`. It refuses bare line feeds.
final class PostfixServer {
    let port: Int
    private let testFolder = TestFolder()
    private let folder: URL

    /// Starts it; skips the test where that takes rights that this process has not.
    init(certificate: String, key: String) async throws {
        _ = try Programs.path(of: "postfix")
        guard getuid() == 0 else { throw lacking("only root can start a Postfix of its own") }
        port = try unusedPort()
        folder = URL(filePath: testFolder.path)
        for (name, owner) in [("etc", nil), ("spool", nil), ("data", "postfix"), ("mail", "nobody")] as [(_, String?)] {
            try FileManager.default.createDirectory(
                at: folder.appending(path: name), withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o755])
            if let owner {
                try FileManager.default.setAttributes(
                    [.ownerAccountName: owner], ofItemAtPath: folder.appending(path: name).path)
            }
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
        try write("etc/pair.pem", key + certificate)
        try write("etc/main.cf", Self.main(in: folder.path, nobody: Self.nobody))
        try write("etc/master.cf", Self.services(port: port))
        _ = try postfix("start")
        let deadline = ContinuousClock.now + .seconds(20)
        while (try? TCPStream.connect(host: "127.0.0.1", port: port, deadline: deadline)) == nil {
            guard .now < deadline else { throw NotStarted(log: log) }
            await Task.yield()
        }
    }

    deinit { _ = try? postfix("stop") }

    struct NotStarted: Error {
        let log: String
    }

    var log: String { (try? String(contentsOf: folder.appending(path: "log"), encoding: .utf8)) ?? "" }

    /// What has been stored, once it is this many mails: as files, so with line feeds and trace fields before.
    func mails(_ count: Int) async throws -> [[UInt8]] {
        let new = folder.appending(path: "mail/all/new")
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            let files = (try? FileManager.default.contentsOfDirectory(at: new, includingPropertiesForKeys: nil)) ?? []
            if files.count >= count || .now > deadline { return try files.map { [UInt8](try Data(contentsOf: $0)) } }
            await Task.yield()
        }
    }

    private func postfix(_ command: String) throws -> Programs.Outcome {
        try Programs.run("postfix", ["-c", folder.path + "/etc", command])
    }

    private func write(_ name: String, _ text: String) throws {
        try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
    }

    private static var nobody: UInt32 { getpwnam("nobody")?.pointee.pw_uid ?? 65534 }

    private static func main(in folder: String, nobody: UInt32) -> String {
        """
        compatibility_level = 3.6
        queue_directory = \(folder)/spool
        data_directory = \(folder)/data
        inet_interfaces = 127.0.0.1
        inet_protocols = ipv4
        myhostname = server.example
        mydestination =
        alias_maps =
        alias_database =
        virtual_mailbox_domains = example.org
        virtual_mailbox_base = \(folder)/mail
        virtual_mailbox_maps = static:all/
        virtual_uid_maps = static:\(nobody)
        virtual_gid_maps = static:\(nobody)
        virtual_minimum_uid = 1
        smtpd_forbid_bare_newline = reject
        smtpd_forbid_bare_newline_exclusions =
        smtpd_recipient_restrictions = permit_mynetworks, reject
        smtpd_tls_chain_files = \(folder)/etc/pair.pem
        smtpd_tls_security_level = may
        smtpd_tls_loglevel = 1
        maillog_file = \(folder)/log
        maillog_file_prefixes = \(folder)

        """
    }

    private static func services(port: Int) -> String {
        """
        127.0.0.1:\(port) inet n - n - - smtpd
        cleanup unix n - n - 0 cleanup
        qmgr unix n - n 300 1 qmgr
        rewrite unix - - n - - trivial-rewrite
        proxymap unix - - n - - proxymap
        bounce unix - - n - 0 bounce
        defer unix - - n - 0 bounce
        trace unix - - n - 0 bounce
        error unix - - n - - error
        virtual unix - n n - - virtual
        anvil unix - - n - 1 anvil
        tlsmgr unix - - n 1000? 1 tlsmgr
        postlog unix-dgram n - n - 1 postlogd

        """
    }
}
