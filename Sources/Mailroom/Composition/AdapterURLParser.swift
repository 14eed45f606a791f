/// Reads the text of a URL.
///
/// A password that was not percent-encoded can spread over any of what it takes apart, so no error repeats a word that
/// could be of one.
struct AdapterURLParser {
    /// Schemes that may be named in errors in any case.
    private let known: Set<String>
    private let hidesWords: Bool
    /// Of parts within parts.
    private static let deepest = 16

    static func url(_ text: String, known: [String] = []) throws(ConfigurationError) -> AdapterURL {
        let parser = AdapterURLParser(known: Set(known), hidesWords: text.utf8.contains(UInt8(ascii: "@")))
        return try parser.url(text[...], depth: 0)
    }

    private func url(_ text: Substring, depth: Int) throws(ConfigurationError) -> AdapterURL {
        let end = text.utf8.firstIndex { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "(") }
        guard let end, end != text.startIndex else {
            throw problem("it has no scheme: write it as scheme:path, scheme://host:port or scheme(part,part)")
        }
        var url = AdapterURL(scheme: text[..<end].lowercased())
        guard url.scheme.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D })
        else { throw problem("a scheme has letters, digits and hyphens only") }
        url.hidesWords = depth > 0 && hidesWords
        if text.utf8[end] == UInt8(ascii: "(") {
            url.isComposed = true
            url.hidesWords = hidesWords
            try readParts(text[end...], into: &url, depth: depth)
        } else {
            try readPlain(Substring(text.utf8[end...].dropFirst()), into: &url)
        }
        return url
    }

    // MARK: Parts

    private func readParts(_ text: Substring, into url: inout AdapterURL, depth: Int) throws(ConfigurationError) {
        guard depth < Self.deepest else {
            throw problem("its parentheses stand deeper than \(Self.deepest) in each other")
        }
        var level = 0
        var parts: [Substring] = []
        var start = text.startIndex
        var end: Substring.Index?
        for index in text.utf8.indices {
            switch text.utf8[index] {
            case UInt8(ascii: "("):
                level += 1
                if level == 1 { start = text.utf8.index(after: index) }
            case UInt8(ascii: ")"):
                level -= 1
                if level == 0 { end = index }
            case UInt8(ascii: ",") where level == 1:
                parts.append(text[start..<index])
                start = text.utf8.index(after: index)
            default: break
            }
            if end != nil { break }
        }
        guard let end else {
            throw problem("a parenthesis is not closed: add the ), and write one that belongs to a part as %28 or %29")
        }
        parts.append(text[start..<end])
        let rest = Substring(text.utf8[end...].dropFirst())
        guard rest.isEmpty || rest.utf8.first == UInt8(ascii: "?") else {
            throw problem(
                rest.utf8.first == UInt8(ascii: ")")
                    ? "a parenthesis is closed that was not opened: remove the ), or write it as %29"
                    : "only ?option=value may follow the closing parenthesis; write a ( or ) of a part as %28 or %29")
        }
        try readOptions(rest, into: &url)
        if parts.count == 1, Self.trimmed(parts[0]).isEmpty { return }
        var problems: [ConfigurationProblem] = []
        for (index, part) in parts.enumerated() {
            do throws(ConfigurationError) {
                let part = Self.trimmed(part)
                guard !part.isEmpty else { throw problem("it is empty: remove a comma or write what belongs there") }
                url.parts.append(try self.url(part, depth: depth + 1))
            } catch {
                let name = known.contains(url.scheme) || !hidesWords ? " of \(url.scheme)" : ""
                problems += error.problems.map { $0.located("part \(index + 1)\(name)") }
            }
        }
        if !problems.isEmpty { throw ConfigurationError(problems) }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var rest = text.utf8
        while let first = rest.first, first == 0x20 || first == 0x09 { rest.removeFirst() }
        while let last = rest.last, last == 0x20 || last == 0x09 { rest.removeLast() }
        return Substring(rest)
    }

    // MARK: One adapter

    private func readPlain(_ text: Substring, into url: inout AdapterURL) throws(ConfigurationError) {
        let mark = text.utf8.firstIndex(of: UInt8(ascii: "?")) ?? text.endIndex
        try readOptions(text[mark...], into: &url)
        let rest = text[..<mark]
        guard rest.utf8.starts(with: "//".utf8) else {
            if let at = rest.utf8.lastIndex(of: UInt8(ascii: "@")), rest[..<at].utf8.contains(UInt8(ascii: ":")) {
                throw problem("user and password need // before them; in a path write @ as %40")
            }
            url.path = try decoded(rest)
            return
        }
        let authority = Substring(rest.utf8.dropFirst(2).prefix { $0 != UInt8(ascii: "/") })
        let path = rest[authority.endIndex...]
        guard !path.utf8.contains(UInt8(ascii: "@")) else {
            throw problem("in a path write @ as %40; \(Self.credentialsAdvice)")
        }
        url.path = try decoded(path)
        try readAuthority(authority, into: &url)
    }

    private func readAuthority(_ text: Substring, into url: inout AdapterURL) throws(ConfigurationError) {
        var authority = text
        if let at = authority.lastIndex(of: "@") {
            let credentials = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            url.user = try decoded(credentials[0])
            url.password = credentials.count == 2 ? try decoded(credentials[1]) : nil
            authority = authority[authority.index(after: at)...]
        }
        var portText: Substring?
        if authority.hasPrefix("["), let bracket = authority.firstIndex(of: "]") {
            // A zone's percent sign is encoded, too (RFC 6874).
            url.host = try decoded(authority[authority.index(after: authority.startIndex)..<bracket])
            let after = authority[authority.index(after: bracket)...]
            guard after.isEmpty || after.hasPrefix(":") else { throw problem("only :port may follow an IPv6 host") }
            portText = after.isEmpty ? nil : after.dropFirst()
        } else {
            let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            url.host = try decoded(parts.first ?? "")
            portText = parts.count == 2 ? parts[1] : nil
        }
        if let portText {
            // With a / in it, a part of a password stands where the port is looked for.
            let isNumber = portText.utf8.allSatisfy { (0x30...0x39).contains($0) }
            guard isNumber, let number = UInt16(portText), number > 0 else {
                throw problem("its port is no number from 1 to 65535; \(Self.credentialsAdvice)")
            }
            url.port = Int(number)
        }
    }

    private static let credentialsAdvice =
        "in user and password write :, /, ?, @, comma, ( and ) as %3A, %2F, %3F, %40, %2C, %28 and %29"

    private func readOptions(_ text: Substring, into url: inout AdapterURL) throws(ConfigurationError) {
        // What follows a ? in a password looks like options.
        guard !text.utf8.contains(UInt8(ascii: "@")) else {
            throw problem("in options write @ as %40; \(Self.credentialsAdvice)")
        }
        for option in text.utf8.dropFirst().split(separator: UInt8(ascii: "&")) {
            let parts = option.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            url.options.append(
                (try decoded(Substring(parts[0])), parts.count == 2 ? try decoded(Substring(parts[1])) : ""))
        }
    }

    private func problem(_ reason: String) -> ConfigurationError {
        ConfigurationError([ConfigurationProblem("URL", reason)])
    }

    // MARK: Percent-encoding

    private func decoded(_ text: Substring) throws(ConfigurationError) -> String {
        let text = try percentDecoded(text)
        // What follows a NUL would be lost on the way to the system.
        guard !text.utf8.contains(0) else { throw problem("a NUL (%00) can stand in no part of it: remove it") }
        return text
    }

    private func percentDecoded(_ text: Substring) throws(ConfigurationError) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(Self.hexadecimal),
                let low = rest.popFirst().flatMap(Self.hexadecimal)
            else { throw badEncoding }
            bytes.append(high << 4 | low)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw badEncoding }
        return text
    }

    private var badEncoding: ConfigurationError {
        problem("% must be followed by two hexadecimal digits, in UTF-8: write a percent sign as %25")
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}

extension ConfigurationProblem {
    /// The same problem with where it is.
    func located(_ place: String) -> ConfigurationProblem { ConfigurationProblem("\(subject), \(place)", reason) }
}
