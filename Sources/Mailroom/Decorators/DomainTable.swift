import MailroomMIME

/// Finds what belongs to a recipient's domain.
struct DomainTable: Sendable {
    private var exact: [String: Int] = [:]
    private var below: [String: Int] = [:]
    private(set) var problems: [ConfigurationProblem] = []

    /// Of patterns: `example.org` is that domain alone, `*.example.org` all below it.
    init(_ patterns: [String], for subject: String) {
        for (index, pattern) in patterns.enumerated() {
            let isBelow = pattern.hasPrefix("*.")
            guard let domain = Self.canonical(String(isBelow ? pattern.dropFirst(2) : pattern[...])),
                !isBelow || !domain.hasPrefix("[")
            else {
                problems.append(
                    ConfigurationProblem(
                        subject,
                        "“\(pattern)” is no domain: write example.org for the domain alone, *.example.org for all below it"
                    ))
                continue
            }
            guard (isBelow ? below : exact)[domain] == nil else {
                problems.append(
                    ConfigurationProblem(subject, "“\(pattern)” stands there twice, in different spellings: keep one"))
                continue
            }
            if isBelow { below[domain] = index } else { exact[domain] = index }
        }
    }

    /// The place of the pattern that fits an address best: the domain itself, then the longest above it.
    func index(for address: String) -> Int? {
        guard let address = try? EmailAddress(address) else { return nil }
        var domain = address.asciiDomain.lowercased()[...]
        if let index = exact[String(domain)] { return index }
        while let dot = domain.firstIndex(of: ".") {
            domain = domain[domain.index(after: dot)...]
            if let index = below[String(domain)] { return index }
        }
        return nil
    }

    /// The domain in lower case and ASCII; `nil` where it is none.
    private static func canonical(_ domain: String) -> String? {
        (try? EmailAddress("a@\(domain)"))?.asciiDomain.lowercased()
    }
}
