import MailroomHTTP

/// Turns away requests that a browser was tricked into (DNS rebinding, forged forms, foreign pages that listen), since
/// mails hold secrets.
///
/// On loopback only this machine's names are answered at all. Elsewhere other programs may use any name. What a browser
/// sends to change something, or to hear of every mail, must come from this server's own page under a name that is
/// known, or from the one origin that is allowed. Programs send no Origin.
struct HostGuard: Sendable {
    let isLoopback: Bool
    /// Names beside `localhost` and addresses that lead here, in small letters.
    let names: [String]
    /// Whose pages may use the API as well, such as `http://app.example`; `*` for everyone's, empty for nobody's.
    var allowedOrigin = ""

    func refusal(for request: HTTPRequest) -> HTTPResponse? {
        let authority = request.headers["Host"] ?? ""
        let isKnown = isKnown(Self.host(of: authority))
        if isLoopback, !isKnown {
            return HTTPResponse(
                421, text: "This server does not answer to that name. Use localhost or an address, or allow the name.\n"
            )
        }
        guard Self.matters(request) else { return nil }
        let origins = request.headers.values("Origin")
        guard let origin = origins.first else {
            // A browser that leaves Origin out still tells what kind of page asked.
            let site = request.headers["Sec-Fetch-Site"]
            return site == "cross-site" || site == "same-site" ? Self.foreign : nil
        }
        guard origins.count == 1 else { return Self.foreign }
        if allowedOrigin == "*" || !allowedOrigin.isEmpty && origin.lowercased() == allowedOrigin.lowercased() {
            return nil
        }
        let source = origin.range(afterScheme: "http://") ?? origin.range(afterScheme: "https://")
        if isKnown, let source, source.lowercased() == authority.lowercased() { return nil }
        return Self.foreign
    }

    private static let foreign = HTTPResponse(403, text: "Another site's page may not do that here.\n")

    /// Whether a request changes something, or is the beginning of a stream of mails. What else is read by a foreign page
    /// its browser does not show to it.
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
