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

    /// Whether a part's field may become one of the answer's: those may not that frame it, or tell a browser what to
    /// allow, keep, or do next.
    private static func mayBecomeAnswers(_ name: String) -> Bool {
        let lowered = name.lowercased()
        let kept = [
            "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "trailer", "date", "location",
            "refresh", "link", "clear-site-data", "alt-svc", "strict-transport-security", "www-authenticate",
            "proxy-authenticate", "service-worker-allowed", "sourcemap", "x-content-type-options", "x-frame-options",
            "public-key-pins", "report-to", "reporting-endpoints", "nel", "permissions-policy", "referrer-policy",
        ]
        let prefixes = ["set-cookie", "content-security-policy", "access-control-", "cross-origin-", "sec-"]
        return !name.isEmpty && !kept.contains(lowered) && !prefixes.contains { lowered.hasPrefix($0) }
            && name.utf8.allSatisfy {
                $0 == 45 || $0 == 95 || (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
            }
    }
}

/// Whether octets are a word of small letters, digits and hyphens, written in whatever case.
private func equalsIgnoringCase(_ bytes: ArraySlice<UInt8>, _ word: String) -> Bool {
    String(decoding: bytes, as: UTF8.self).lowercased() == word
}
