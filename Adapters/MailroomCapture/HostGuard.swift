import MailroomHTTP

/// Turns away requests that a browser was tricked into (DNS rebinding, forged forms, foreign pages that listen), since
/// mails hold secrets.
///
/// On loopback only this machine's names are answered at all. Elsewhere other programs may use any name. What a browser
/// sends to change something, or to hear of every mail, must come from this server's own page under a name that is
/// known, or, for the API, from the one origin that is allowed. What a browser reads of the API for another site's page
/// is refused, too: the page would not see it, but could keep the server busy. Programs send no Origin.
struct HostGuard: Sendable {
    let isLoopback: Bool
    /// Names beside `localhost` and addresses that lead here, in small letters.
    let names: [String]
    /// Before every path.
    var prefix = ""
    /// Whose pages may use the API as well, such as `http://app.example`; `*` for everyone's, empty for nobody's.
    var allowedOrigin = ""
    /// Whether a name and a password are asked for. Browsers add those that they remember whatever page asks, so that
    /// `*` then allows no more than reading.
    var requiresLogin = false

    func refusal(for request: HTTPRequest) -> HTTPResponse? {
        let authority = request.headers["Host"] ?? ""
        let host = Self.host(of: authority)
        let isKnown = isKnown(host)
        if isLoopback, !isKnown {
            return Self.refusal(421, "This server does not answer to that name. \(remedy(host))")
        }
        let origins = request.headers.values("Origin")
        let matters = Self.matters(request)
        if isAllowed(origins, request, matters: matters) { return nil }
        guard matters else { return isFetchedElsewhere(request) ? foreign(request) : nil }
        guard let origin = origins.first else {
            // A browser that leaves Origin out still tells what kind of page asked.
            return Self.isFromElsewhere(request) ? foreign(request) : nil
        }
        let source = origin.range(afterScheme: "http://") ?? origin.range(afterScheme: "https://")
        guard origins.count == 1, let source, source.lowercased() == authority.lowercased() else {
            return foreign(request)
        }
        if isKnown { return nil }
        return Self.refusal(
            403, "This page cannot be told from one that somebody else put under that name. \(remedy(host))")
    }

    /// What to do about a name that is not known.
    private func remedy(_ host: String) -> String {
        let isPlain = host.utf8.allSatisfy {
            $0 == 45 || $0 == 46 || $0 == 95 || (48...57).contains($0) || (97...122).contains($0)
        }
        let name = isPlain && !host.isEmpty && host.utf8.count <= 255 ? host : "NAME"
        return
            "Use localhost or an address, or start the server with --allow-host \(name) (Configuration.allowedHosts)."
    }

    private func foreign(_ request: HTTPRequest) -> HTTPResponse {
        let remedy =
            isOfAPI(request)
            ? " Start the server with --cors-origin and the page's origin (Configuration.corsOrigin) to allow it." : ""
        return Self.refusal(403, "Another site's page may not do that here." + remedy)
    }

    private static func refusal(_ status: Int, _ text: String) -> HTTPResponse {
        var response = HTTPResponse(status, text: text + "\n")
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
    }

    /// Whether the configured origin allows it: of the API only.
    private func isAllowed(_ origins: [String], _ request: HTTPRequest, matters: Bool) -> Bool {
        guard !allowedOrigin.isEmpty, isOfAPI(request), origins.count <= 1 else { return false }
        if allowedOrigin == "*" { return !(matters && requiresLogin) && (origins.first != nil || !matters) }
        return origins.first?.lowercased() == allowedOrigin.lowercased()
    }

    private func isOfAPI(_ request: HTTPRequest) -> Bool {
        request.path.starts(with: prefix.split(separator: "/").map(String.init) + ["api"])
    }

    /// Whether another site's page fetches something of the API: all but what its reader goes to look at.
    private func isFetchedElsewhere(_ request: HTTPRequest) -> Bool {
        guard Self.isFromElsewhere(request), isOfAPI(request), request.method != "OPTIONS" else { return false }
        let isNavigation = request.headers["Sec-Fetch-Mode"] == "navigate"
        // A frame navigates as well, but nobody asked it to.
        return !isNavigation || !["document", nil].contains(request.headers["Sec-Fetch-Dest"])
    }

    private static func isFromElsewhere(_ request: HTTPRequest) -> Bool {
        let site = request.headers["Sec-Fetch-Site"]
        return site == "cross-site" || site == "same-site"
    }

    /// Whether a request changes something, or is the beginning of a stream of mails.
    private static func matters(_ request: HTTPRequest) -> Bool {
        if !["GET", "HEAD", "OPTIONS"].contains(request.method) { return true }
        return request.method == "GET" && (request.headers["Upgrade"] != nil || request.path.last == "events")
    }

    private func isKnown(_ host: String) -> Bool {
        host == "localhost" || host.hasSuffix(".localhost") || names.contains(host) || Self.isAddress(host)
    }

    /// The host of an authority, in small letters, without port.
    static func host(of authority: String) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") { return authority[...end].lowercased() }
        var host = authority.lowercased()
        if let colon = host.firstIndex(of: ":") { host = String(host[..<colon]) }
        return host.hasSuffix(".") ? String(host.dropLast()) : host
    }

    /// Whether a host is an address: one that no name server can rebind.
    private static func isAddress(_ host: String) -> Bool {
        if host.hasPrefix("["), host.hasSuffix("]") { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers.allSatisfy { UInt8($0) != nil && $0.allSatisfy(\.isNumber) }
    }
}

extension String {
    fileprivate func range(afterScheme scheme: String) -> Substring? {
        lowercased().hasPrefix(scheme) ? dropFirst(scheme.count) : nil
    }
}
