/// Which fields of a message a signature covers, and in which order.
struct FieldSelection {
    /// What the tag `h` lists.
    private(set) var names: [String] = []
    /// Where the fields lie that are listed and there; of several with one name, the lowest comes first
    /// (RFC 6376 §5.4.2).
    private(set) var ranges: [Range<Int>] = []

    init(_ fields: [HeaderSection.Field], _ signer: DKIMSigner) {
        var found: [String: [Range<Int>]] = [:]
        for field in fields { found[field.name, default: []].append(field.range) }
        let oversigned = Set(signer.oversignedFields.map { $0.lowercased() })
        var done: Set<String> = []
        // The author is always signed (RFC 6376 §5.4).
        for name in ["From"] + signer.signedFields + signer.oversignedFields {
            let lower = name.lowercased()
            guard done.insert(lower).inserted else { continue }
            for range in (found[lower] ?? []).reversed() {
                names.append(name)
                ranges.append(range)
            }
            if oversigned.contains(lower) { names.append(name) }
        }
    }
}
