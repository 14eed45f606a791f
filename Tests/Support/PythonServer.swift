import Foundation

/// A real server with TLS and AUTH: Python's aiosmtpd, which writes down what it is told.
package final class PythonServer {
    package enum Encryption: String { case none, starttls, implicit }

    package struct Received: Decodable {
        package let from: String
        package let to: [String]
        package let options: [String]
        package let user: String?
        package let tls: String?
        package let resumed: Bool
        package let data: String
    }

    package struct NotStarted: Error {
        package let words: String
    }

    package let port: Int
    private let testFolder = TestFolder()
    private let folder: URL
    private let program: RunningProgram

    /// A server whose only user is `me@example.org` with the password `p@ss wörd` and the token `tok.en`.
    package init(
        _ encryption: Encryption, certificate: String = "", key: String = "", mechanisms: String = "",
        host: String = "127.0.0.1", knowsSMTPUTF8: Bool = true
    ) async throws {
        let python = try Programs.python(with: "aiosmtpd")
        let folder = URL(filePath: testFolder.path)
        self.folder = folder
        for (name, text) in [("certificate.pem", certificate), ("key.pem", key), ("server.py", Self.script)] {
            try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
        }
        let log = folder.appending(path: "log")
        try "".write(to: log, atomically: true, encoding: .utf8)
        program = try RunningProgram(
            python,
            [
                folder.path + "/server.py", folder.path, encryption.rawValue, mechanisms, host,
                knowsSMTPUTF8 ? "utf8" : "ascii",
            ],
            log: try FileHandle(forWritingTo: log))
        let file = folder.appending(path: "port")
        let deadline = ContinuousClock.now + .seconds(20)
        var port: Int?
        while port == nil {
            guard program.isRunning, .now < deadline else {
                throw NotStarted(words: (try? String(contentsOf: log, encoding: .utf8)) ?? "")
            }
            port = (try? String(contentsOf: file, encoding: .utf8)).flatMap { Int($0) }
            await Task.yield()
        }
        self.port = port ?? 0
    }

    deinit { program.stop() }

    /// Every mail that it accepted.
    package var mails: [Received] {
        get throws {
            let text = (try? String(contentsOf: folder.appending(path: "mails"), encoding: .utf8)) ?? ""
            return try text.split(separator: "\n").map { try JSONDecoder().decode(Received.self, from: Data($0.utf8)) }
        }
    }

    private static let script = """
        import asyncio, base64, hashlib, hmac, json, os, ssl, sys
        from aiosmtpd.smtp import SMTP, AuthResult

        folder, encryption, mechanisms, host, characters = sys.argv[1:6]
        USER, PASSWORD, TOKEN = 'me@example.org', 'p@ss wörd', 'tok.en'

        class Handler:
            async def handle_DATA(self, server, session, envelope):
                tls = server.transport.get_extra_info('ssl_object')
                with open(folder + '/mails', 'a') as file:
                    file.write(json.dumps({
                        'from': envelope.mail_from, 'to': envelope.rcpt_tos,
                        'options': envelope.mail_options + envelope.rcpt_options,
                        'user': session.auth_data, 'tls': tls.version() if tls else None,
                        'resumed': bool(tls and tls.session_reused),
                        'data': envelope.content.decode('latin-1')}) + '\\n')
                return '250 2.0.0 Ok: queued as ' + str(os.getpid())

            async def handle_RCPT(self, server, session, envelope, address, options):
                if address.startswith('nobody'):
                    return '550 5.1.1 nobody here'
                envelope.rcpt_tos.append(address)
                envelope.rcpt_options.extend(options)
                return '250 OK'

            async def auth_CRAM__MD5(self, server, args):
                challenge = b'<1896.697170952@server.example>'
                answer = await server.challenge_auth(challenge)
                user, digest = bytes(answer).decode().rsplit(' ', 1)
                expected = hmac.new(PASSWORD.encode(), challenge, hashlib.md5).hexdigest()
                right = user == USER and hmac.compare_digest(digest, expected)
                return AuthResult(success=right, handled=False, auth_data=user)

            async def auth_XOAUTH2(self, server, args):
                words = base64.b64decode(args[1]).decode()
                if words == 'user=%s\\x01auth=Bearer %s\\x01\\x01' % (USER, TOKEN):
                    return AuthResult(success=True, handled=False, auth_data=USER)
                await server.push('334 ' + base64.b64encode(b'{"status":"401"}').decode())
                await server._reader.readline()
                return AuthResult(success=False, handled=False)

        def authenticate(server, session, envelope, mechanism, data):
            right = data.login.decode() == USER and data.password.decode() == PASSWORD
            return AuthResult(success=right, handled=False, auth_data=data.login.decode())

        context = None
        if encryption != 'none':
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(folder + '/certificate.pem', folder + '/key.pem')

        options = dict(enable_SMTPUTF8=characters == 'utf8', hostname='server.example')
        if mechanisms:
            known = {'PLAIN', 'LOGIN', 'CRAM-MD5', 'XOAUTH2'}
            options.update(
                authenticator=authenticate, auth_required=True, auth_require_tls=encryption == 'starttls',
                auth_exclude_mechanism=sorted(known - set(mechanisms.split(','))))
        if encryption == 'starttls':
            options.update(tls_context=context, require_starttls=True)

        async def serve():
            loop = asyncio.get_running_loop()
            server = await loop.create_server(
                lambda: SMTP(Handler(), loop=loop, **options), host, 0,
                ssl=context if encryption == 'implicit' else None)
            with open(folder + '/port.new', 'w') as file:
                file.write(str(server.sockets[0].getsockname()[1]))
            os.rename(folder + '/port.new', folder + '/port')
            await server.serve_forever()

        asyncio.run(serve())
        """
}
