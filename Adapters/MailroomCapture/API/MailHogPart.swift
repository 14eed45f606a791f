import MailroomHTTP
import MailroomMIME

extension MailHogContent {
    /// The body with base64 undone, and no other encoding.
    var decodedBody: [UInt8] {
        let encoding = fields.first { equalsIgnoringCase($0.name, "content-transfer-encoding") }?.values.first
        guard let encoding, equalsIgnoringCase(encoding, "base64") else { return Array(body) }
        return body.withUnsafeBufferPointer { Base64.decode($0) }
    }

    /// The part as an answer: its fields become the answer's, and `name` is what it is called unless it says so itself.
    func download(named name: String) -> HTTPResponse {
        let body = decodedBody
        // What Go finds out where a part does not say it, but never a type that a browser acts on.
        let isText = body.prefix(512).allSatisfy { $0 >= 32 || [9, 10, 12, 13, 27].contains($0) }
        var response = HTTPResponse(body: body)
        if !body.isEmpty {
            response.headers["Content-Type"] = isText ? "text/plain; charset=utf-8" : "application/octet-stream"
        }
        response.headers["Content-Disposition"] = "attachment; filename=\"\(name)\""
        for field in fields {
            let fieldName = String(decoding: field.name, as: UTF8.self)
            guard Self.mayBecomeAnswers(fieldName) else { continue }
            response.headers[fieldName] = field.values.first.map { String(decoding: $0, as: UTF8.self) }
        }
        // The type is the mail's to choose, so a browser may not act on it.
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response
    }

    /// Whether a part's field may become one of the answer's: those that mails have of old, and those with an X that no
    /// browser and no proxy acts on. Others could frame the answer or tell them what to allow, keep, load or do next.
    private static func mayBecomeAnswers(_ name: String) -> Bool {
        let lowered = name.lowercased()
        let isPlain =
            !name.isEmpty
            && name.utf8.allSatisfy {
                $0 == 45 || (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
            }
        guard isPlain else { return false }
        return harmless.contains(lowered) || lowered.hasPrefix("x-") && !acting.contains { lowered.hasPrefix($0) }
    }

    private static let harmless: Set<String> = [
        "content-type", "content-disposition", "content-transfer-encoding", "content-id", "content-description",
        "content-language", "content-md5", "content-duration", "content-features", "content-alternative",
        "mime-version", "message-id", "in-reply-to", "references", "subject", "comments", "keywords", "to", "cc",
        "bcc", "sender", "reply-to", "importance", "sensitivity",
    ]
    /// How names with an X begin that servers, proxies and browsers know.
    private static let acting = [
        "x-accel-", "x-sendfile", "x-lighttpd-", "x-litespeed-", "x-reproxy-", "x-frame-", "x-content-", "x-xss-",
        "x-dns-", "x-ua-", "x-permitted-", "x-webkit-", "x-download-", "x-sourcemap", "x-http-", "x-forwarded-",
        "x-original-", "x-rewrite-", "x-robots-", "x-cache", "x-varnish", "x-real-", "x-powered-", "x-request",
    ]
}

/// Whether octets are a word of small letters, digits and hyphens, written in whatever case.
private func equalsIgnoringCase(_ bytes: ArraySlice<UInt8>, _ word: String) -> Bool {
    String(decoding: bytes, as: UTF8.self).lowercased() == word
}
