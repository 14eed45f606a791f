import MailroomHTTP

/// Turns away what does not come from this machine's own page: a foreign name that was made to lead here (DNS
/// rebinding), and pages of other sites. Programs send no Origin.
enum PreviewGuard {
    static func refusal(for request: HTTPRequest) -> HTTPResponse? {
        let hosts = request.headers.values("Host")
        guard hosts.count == 1, isOwn(host(of: hosts[0])) else {
            return refusal(421, "The preview does not answer to that name. Use localhost or 127.0.0.1.")
        }
        let origins = request.headers.values("Origin")
        let isOwnOrigin = origins.allSatisfy { $0.lowercased() == "http://\(hosts[0].lowercased())" }
        guard isOwnOrigin, !isFromElsewhere(request) else {
            return refusal(403, "Another site's page may not do that here.")
        }
        return nil
    }

    /// Whether another site's page asks, for anything but to lead its reader to the page.
    private static func isFromElsewhere(_ request: HTTPRequest) -> Bool {
        guard let site = request.headers["Sec-Fetch-Site"], site != "same-origin", site != "none" else { return false }
        return request.method != "GET" || request.path != [""] || request.headers["Sec-Fetch-Mode"] != "navigate"
            || request.headers["Sec-Fetch-Dest"] != "document"
    }

    private static func refusal(_ status: Int, _ text: String) -> HTTPResponse {
        var response = HTTPResponse(status, text: text + "\n")
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
    }

    /// The host of an authority, in small letters, without port.
    private static func host(of authority: String) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") { return authority[...end].lowercased() }
        return String(authority.lowercased().prefix { $0 != ":" })
    }

    /// Whether a name always leads to this machine.
    private static func isOwn(_ host: String) -> Bool {
        if host == "localhost" || host.hasSuffix(".localhost") || host == "[::1]" { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
    }
}
