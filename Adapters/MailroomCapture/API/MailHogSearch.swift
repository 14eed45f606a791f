/// A search of MailHog's: where it looks, and for what.
struct MailHogSearch {
    private enum Kind: String {
        case from, to, containing
    }

    private let kind: Kind
    private let search: CaselessSearch
    private let hostname: String

    /// nil for another kind, or without a word.
    init?(kind: String, query: String, hostname: String) {
        guard let kind = Kind(rawValue: kind), !query.isEmpty else { return nil }
        self.kind = kind
        self.hostname = hostname
        search = CaselessSearch(query)
    }

    func matches(_ message: CapturedMessage) -> Bool {
        switch kind {
        case .from:
            search.isFound(in: Self.mailbox(message.reversePath ?? "")) || isFound(inField: "From", of: message)
        case .to:
            message.recipients.contains { search.isFound(in: Self.mailbox($0)) } || isFound(inField: "To", of: message)
        case .containing: isContained(in: message)
        }
    }

    /// An address, with an at sign in any case.
    private static func mailbox(_ address: String) -> String {
        address.utf8.contains(UInt8(ascii: "@")) ? address : address + "@"
    }

    private func isFound(inField name: String, of message: CapturedMessage) -> Bool {
        MailHogContent(MailHead.octets(of: message), splits: false)[name]?.contains { search.isFound(in: $0) } ?? false
    }

    /// Whether the word occurs in the body or any field's value, neither decoded.
    private func isContained(in message: CapturedMessage) -> Bool {
        let text = MailHogMessage.text(of: message)
        let headerEnd = text.firstRange(of: [13, 10, 13, 10])
        if search.isFound(in: headerEnd.map { text[$0.upperBound...] } ?? text) { return true }
        // Few headers contain it, so it is looked for roughly before the header is read in earnest.
        if let headerEnd, search.isFound(in: Self.unfolded(text[..<headerEnd.lowerBound])) {
            let content = MailHogContent(text[..<headerEnd.upperBound], splits: false)
            if content.fields.contains(where: { $0.values.contains { search.isFound(in: $0) } }) { return true }
        }
        let arrival = Arrival(message, hostname: hostname)
        if search.isFound(in: arrival.received[...]) || search.isFound(in: arrival.returnPath[...]) { return true }
        // The id of a mail without one of its own is in what is added, and it is in Received in any case.
        return false
    }

    /// A header without the line breaks before blanks.
    private static func unfolded(_ header: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard header.firstRange(of: [13, 10, 32]) != nil || header.firstRange(of: [13, 10, 9]) != nil else {
            return header
        }
        return header.withUnsafeBytes { header in
            [UInt8](unsafeUninitializedCapacity: header.count) { room, count in
                var index = 0
                while index < header.count {
                    if index + 2 < header.count, header[index] == 13, header[index + 1] == 10,
                        header[index + 2] == 32 || header[index + 2] == 9
                    {
                        index += 2
                    }
                    room[count] = header[index]
                    count += 1
                    index += 1
                }
            }
        }[...]
    }
}
