import MailroomHTTP

/// Turns away requests that a browser was tricked into (DNS rebinding, forged forms), since mails hold secrets.
///
/// On loopback only this machine's names are answered at all. Elsewhere other programs may use any name, but what a
/// browser sends to change something must come from this server's own page and go to a name that is known.
struct HostGuard: Sendable {
    let isLoopback: Bool
    /// Names beside `localhost` and addresses that lead here, in small letters.
    let names: [String]

    func refusal(for request: HTTPRequest) -> HTTPResponse? {
        let authority = request.headers["Host"] ?? ""
        let isKnown = isKnown(Self.host(of: authority))
        if isLoopback, !isKnown {
            return HTTPResponse(
                421, text: "This server does not answer to that name. Use localhost or an address, or allow the name.\n"
            )
        }
        guard !["GET", "HEAD", "OPTIONS"].contains(request.method), let origin = request.headers["Origin"] else {
            return nil
        }
        let source = origin.range(afterScheme: "http://") ?? origin.range(afterScheme: "https://")
        if isKnown, let source, source.lowercased() == authority.lowercased() { return nil }
        return HTTPResponse(403, text: "Another site's page may not change anything here.\n")
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
