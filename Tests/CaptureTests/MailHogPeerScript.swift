/// Python that gives the same mails and requests to MailHog and to the capture server, and prints where the answers
/// differ but for ids, times and what is meant to be better here.
///
/// Its arguments: SMTP port and web port of MailHog, of the capture server, and the SMTP port of a server to release to.
enum MailHogPeerScript {
    static let text = #"""
        import http.client, json, re, smtplib, socket, sys, time

        hog, our = (int(sys.argv[1]), int(sys.argv[2])), (int(sys.argv[3]), int(sys.argv[4]))
        real = int(sys.argv[5])
        ORIGIN = {"Origin": "http://app.example"}
        differences = 0

        def compare(what, theirs, ours):
            global differences
            if theirs != ours:
                differences += 1
                print("%s\n  MailHog: %.600s\n  ours:    %.600s" % (what, theirs, ours))

        def wait(port):
            end = time.monotonic() + 20
            while time.monotonic() < end:
                try:
                    return socket.create_connection(("127.0.0.1", port), 1).close()
                except OSError:
                    pass
            raise SystemExit("nobody listens on %d" % port)

        for port in hog: wait(port)

        MULTI = b"Content-Type: multipart/mixed; "
        END = b"\r\n\r\n--B\r\n\r\nx\r\n--B--\r\n"
        B, C = ["b@y.example"], ["c@z.example", "nodomain"]
        # Whether the download keeps what MailHog loses, so that it differs.
        mails = [
            (B, False, b"Subject: plain\r\nFrom: Ann <ann@w.example>\r\nTo: Bob <bob@v.example>\r\n\r\nThe body <&>\r\n.dot\r\n"),
            (B, False, b"no header at all"),
            (C, False, b"Subject: only header\r\nTo: x"),
            (B, True, b"x-A: 1\r\nX-a: 2\r\nx-A: 3\r\nLong: a\r\n b\r\n\tc\r\nBad:glued\r\nReceived: one\r\nReceived: two\r\n"
                      b"Return-Path: <z>\r\nMessage-Id: <own>\r\n\r\nb"),
            (B, False, MULTI + b"boundary=\"B 1\"\r\n\r\npreamble\r\n--B 1\r\nContent-Type: multipart/alternative; boundary=in\r\n"
                      b"\r\n--in\r\nContent-Type: text/plain\r\n\r\none\r\n--in\r\nX: y\r\n\r\ntwo\r\n--in--\r\n--B 1\r\n"
                      b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: BASE64\r\nContent-Disposition: attachment; "
                      b"filename=\"a.pdf\"\r\nX-Q: 1\r\n\r\nJVBE\r\nRi0=\r\n--B 1\r\nContent-Transfer-Encoding: quoted-printable\r\n"
                      b"\r\na=3Db\r\n--B 1--\r\nepilogue"),
            (B, False, MULTI + b"boundary=B" + END), (B, False, b"Content-Type: multipart/mixed" + END),
            (B, False, MULTI + b"boundary=" + END), (B, False, MULTI + b"charset=x; BOUNDARY=B;\r\n" + END),
            (B, False, b"Content-Type: Multipart/mixed; boundary=B" + END),
            (B, False, b"content-type: multipart/mixed; boundary=B" + END),
            (B, True, b"Content-Type: multipart/mixed;\r\n boundary=\"B\"" + END),
            (B, False, b"S: \xe4 <&> \xc3\xa4 \xe2\x80\xa8 \x01 \x7f \\ \" /\r\n\r\n\xff\xc3A\xed\xa0\x80\xf0\x9f\x98\x80"),
            (B, False, MULTI + b"boundary=B; x=\"; y\"\r\n\r\n--B\r\nNo blank line\r\n--B\r\n\r\n--B\r\n--B--"),
            (B, False, b"\r\n\r\nbody after an empty header"), (B, True, b" folded first\r\nA: b\r\n\r\nx"),
            (B, False, b"E: \r\nF:  two\r\nG: a: b\r\n: no name\r\n\r\nx"),
            (B, False, b"received: lower\r\nrETURN-pATH: q\r\nMESSAGE-id: z\r\n\r\nx"), (B, False, b""), (B, False, b"\r\n"),
        ]

        def send(port, to, mail):
            with smtplib.SMTP("127.0.0.1", port, timeout=20, local_hostname="client.example") as smtp:
                smtp.ehlo()
                smtp.docmd("MAIL FROM:<a@x.example>")
                for recipient in to: smtp.docmd("RCPT TO:<%s>" % recipient)
                smtp.docmd("DATA")
                smtp.send(mail.replace(b"\r\n.", b"\r\n..") + b"\r\n.\r\n")
                code, words = smtp.getreply()
                assert code == 250, words
                return words.decode().split()[-1]

        def request(port, method, path, body=None, fields={}):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            try:
                connection.request(method, path, body=body, headers={**ORIGIN, **fields})
                response = connection.getresponse()
                return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
            except http.client.RemoteDisconnected:
                return None, {}, b""
            finally:
                connection.close()

        def neutral(text):
            text = re.sub(r"[A-Za-z0-9_-]{43}=@mailroom\.example", "<ID>", text)
            text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", "<TIME>", text)
            return re.sub(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", "<DATE>", text)

        def header(text):
            # MailHog's order is random.
            head, _, body = text.partition("\r\n\r\n")
            return sorted(head.split("\r\n")), body

        OVERLOOKED = {"date", "content-length", "x-content-type-options", "connection", "content-security-policy",
                      "transfer-encoding"}

        def ask(method, path, body=None, ids=("x", "x"), seen=lambda text: text, what=""):
            theirs, ours = (request(p, method, path.replace("{id}", i), body) for p, i in zip((hog[1], our[1]), ids))
            if theirs[0] is None and ours[0] == 404: return
            name = "%s %s %s %s" % (method, path, body or "", what)
            compare(name, theirs[0], ours[0])
            a, b = (seen(neutral(x[2].decode("utf-8", "surrogateescape"))) for x in (theirs, ours))
            compare(name + " body", a, b)
            a, b = ({k: neutral(v) for k, v in x[1].items() if k not in OVERLOOKED} for x in (theirs, ours))
            compare(name + " fields", a, b)

        def listen(port):
            stream = socket.create_connection(("127.0.0.1", port), 20)
            stream.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            file = stream.makefile("rb")
            while file.readline() != b"\r\n": pass
            return file

        streams = [listen(hog[1]), listen(our[1])]
        ids = []
        for number, (to, _, mail) in enumerate(mails):
            ids.append((send(hog[0], to, mail), send(our[0], to, mail)))
            if number < 5:
                events = []
                for file in streams:
                    event = b""
                    while not event.endswith(b"\n\n"):
                        event += file.read(int(file.readline(), 16))
                        file.readline()
                    events.append(neutral(event.decode()))
                compare("event %d" % number, *events)
        for (to, keeps, mail), pair in zip(mails, ids):
            what = repr(mail[:50])
            ask("GET", "/api/v1/messages/{id}", ids=pair, what=what)
            ask("GET", "/api/v1/messages/{id}/download", ids=pair, what=what,
                seen=(lambda text: text.partition("\r\n\r\n")[2]) if keeps else header)
            for part in ["0", "1", "2", "3", "4", "9", "x", "-1"]:
                ask("GET", "/api/v1/messages/{id}/mime/part/%s/download" % part, ids=pair, what=what)
        for path in """messages messages?limit=1 messages/ messages/?a=b messages/unknown messages/unknown/
                messages/unknown/download messages/a/b/c events/x""".split():
            ask("GET", "/api/v1/" + path)
        for path in """messages messages?limit=2 messages?start=3&limit=2 messages?start=99 messages?start=x&limit=y
                messages?limit=0 messages?limit=-1&start=-1 messages?limit=%zz messages?start=21 messages/ search/ jim/ jim
                outgoing-smtp websocket messages;x""".split():
            ask("GET", "/api/v2/" + path)
        for path in ["/api/v1", "/nothing", "/images/none.png", "//api/v1/messages", "/api/../api/v1/messages",
                     "/api/v1/messages//"]:
            ask("GET", path)
        for query in """x kind=to kind=to&query= query=x kind=other&query=x kind=To&query=x kind=from&query=ann
                kind=from&query=A@X kind=to&query=bob kind=to&query=C@z kind=to&query=y.example&limit=2&start=1
                kind=containing&query=BODY kind=containing&query=a+b%09c kind=containing&query=glued
                kind=containing&query=x-a%3A kind=containing&query=mailhog kind=containing&query=%C3%84
                kind=containing&query=client.example kind=containing&query=one%0D%0A kind=containing&query=%3D3Db
                kind=containing&query=NowhereAtAll kind=containing&query=own%3E kind=to&query=nodomain kind=to&query=nodomain%40
                kind=containing&query=epilogue&start=5""".split():
            ask("GET", "/api/v2/search?" + query)
        for method in ["POST", "PUT", "OPTIONS", "PATCH"]:
            for path in ["v1/messages", "v1/messages/x", "v1/messages/x/download", "v1/messages/x/mime/part/0/download",
                         "v1/events", "v2/messages", "v2/search", "v2/outgoing-smtp", "v2/websocket", "nothing"]:
                ask(method, "/api/" + path)
        ask("OPTIONS", "/api/v1/messages/x/release")
        for method, body in [
                ("PUT", "{}"), ("DELETE", None), ("POST", None), ("POST", None), ("GET", None),
                ("PUT", '{"AcceptChance":1,"x":[1]}'), ("GET", None), ("PUT", "{"), ("PUT", "[]"), ("PUT", "null"),
                ("GET", None), ("PUT", '{"acceptchance":0.5,"LinkSpeedMin":1e3} and more'), ("GET", None),
                ("PUT", '{"AcceptChance":"1"}'), ("GET", None), ("PUT", '{"AcceptChance":1e999}'), ("PUT", ""),
                ("OPTIONS", None), ("DELETE", None), ("GET", None), ("POST", '{"AcceptChance":1}'), ("GET", None),
                ("DELETE", None), ("POST", "bad"), ("GET", None), ("DELETE", None)]:
            ask(method, "/api/v2/jim", body)
        release = "/api/v1/messages/{id}/release"
        for body in ["", "{", "[]", '"x"', '{"Port":25}', '{"Name":"nobody"}', '{"Save":"x"}', "null", "{}",
                     '{"Host":"127.0.0.1","Port":"1","Email":"a@b.example"}',
                     '{"Host":"127.0.0.1","Port":"1","Email":"a@b.example","Username":"u","Mechanism":"LOGIN"}',
                     '{"Host":"127.0.0.1","Port":"1","Email":"a@b.example","Username":"u","Password":"p","Mechanism":"PLAIN",'
                     '"Name":"s","Save":true}', '{"Name":"s","Save":true}', '{"Save":true,"Host":"h"}', '{"Save":true}',
                     '{"name":"s","email":"q@r.example"}']:
            ask("POST", release, body, ids[0])
            ask("POST", release, body, what="of an unknown mail")
        ask("GET", "/api/v2/outgoing-smtp")
        for pair in ids:
            ask("POST", release, '{"host":"127.0.0.1","port":"%d","email":"r@z.example"}' % real, pair)
        ask("DELETE", "/api/v1/messages/{id}", ids=ids[0])
        ask("DELETE", "/api/v1/messages/{id}", ids=ids[0], what="again")
        ask("GET", "/api/v1/messages/{id}", ids=ids[0])
        ask("DELETE", "/api/v1/messages")
        ask("GET", "/api/v1/messages", what="empty")
        ask("GET", "/api/v2/messages", what="empty")
        ask("GET", "/api/v2/search?kind=to&query=x", what="empty")
        print(differences, "differences")
        """#
}
