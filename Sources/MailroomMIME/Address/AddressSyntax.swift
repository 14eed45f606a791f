/// The grammar of addresses.
enum AddressSyntax {
    struct Problem: Error {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }

    static func split(_ text: String) throws(Problem) -> (localPart: String, domain: String) {
        var text = text
        if let parts = text.withUTF8(PlainAddress.split) { return parts }
        guard !text.isEmpty else { throw Problem("it is empty; write something like name@example.org.") }
        guard text.utf8.count <= 254 else {
            throw Problem("it is longer than 254 octets (RFC 5321 §4.5.3.1.3); use a shorter address.")
        }
        let at = try localPartEnd(of: text)
        let local = text[..<at]
        let domain = Substring(text.utf8[at...].dropFirst())
        guard local.utf8.count <= 64 else {
            throw Problem("the part before the @ is longer than 64 octets; use a shorter address.")
        }
        if local.utf8.first == ASCII.quote { try checkQuoted(local) } else { try checkDotAtom(local) }
        try checkDomain(domain)
        return (String(local), String(domain))
    }

    private static func localPartEnd(of text: String) throws(Problem) -> String.Index {
        let utf8 = text.utf8
        var index = utf8.startIndex
        if utf8.first == ASCII.quote {
            index = utf8.index(after: index)
            while index < utf8.endIndex, utf8[index] != ASCII.quote {
                if utf8[index] == ASCII.backslash { index = utf8.index(after: index) }
                if index < utf8.endIndex { index = utf8.index(after: index) }
            }
            guard index < utf8.endIndex else { throw Problem("a quotation mark is missing its partner; add it.") }
            index = utf8.index(after: index)
            guard index < utf8.endIndex, utf8[index] == UInt8(ascii: "@") else {
                throw Problem("the closing quotation mark must be followed by @ and a domain.")
            }
            return index
        }
        guard let at = utf8.firstIndex(of: UInt8(ascii: "@")) else {
            throw Problem("it has no @; write the whole address, like name@example.org.")
        }
        return at
    }

    private static func checkQuoted(_ local: Substring) throws(Problem) {
        let inner = Substring(local.utf8.dropFirst().dropLast())
        guard !inner.isEmpty else { throw Problem("nothing stands between the quotation marks before the @.") }
        for scalar in inner.unicodeScalars where scalar != " " { try check(scalar) }
    }

    private static func checkDotAtom(_ local: Substring) throws(Problem) {
        guard !local.isEmpty else { throw Problem("nothing stands before the @; add the name of the mailbox.") }
        var previousIsDot = true
        for scalar in local.unicodeScalars {
            if scalar == "." {
                if previousIsDot { throw Problem("a dot may not begin the part before the @ nor follow another dot.") }
                previousIsDot = true
                continue
            }
            previousIsDot = false
            if scalar.value < 128, ByteSet.atomText.contains(UInt8(scalar.value)) { continue }
            try check(scalar)
            if scalar.value < 128 {
                throw Problem("“\(scalar)” may stand before the @ only within quotation marks; remove or quote it.")
            }
        }
        if previousIsDot { throw Problem("the part before the @ ends with a dot; remove it.") }
    }

    private static func check(_ scalar: Unicode.Scalar) throws(Problem) {
        if scalar == " " || scalar == "\u{A0}" { throw Problem("it contains a blank; remove it.") }
        if scalar.value < 128, scalar.value >= 32, scalar.value != 127 { return }
        if scalar.value == 127 || ScalarRules.isInvisible(scalar) {
            throw Problem(
                "it contains the invisible character U+\(hex(scalar)); remove it, or type the address again.")
        }
        if ScalarRules.imitatesASCII(scalar) {
            throw Problem("it contains “\(scalar)” (U+\(hex(scalar))), which imitates an ASCII character; type that.")
        }
    }

    private static func hex(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private static func checkDomain(_ domain: Substring) throws(Problem) {
        guard !domain.isEmpty else { throw Problem("nothing stands after the @; add the domain, like example.org.") }
        if domain.utf8.first == UInt8(ascii: "[") {
            guard domain.utf8.last == UInt8(ascii: "]"),
                AddressLiteral.isValid(Substring(domain.utf8.dropFirst().dropLast()))
            else {
                throw Problem("the address literal is neither like [127.0.0.1] nor like [IPv6:2001:db8::1].")
            }
            return
        }
        var octets = -1
        let labels = domain.split(separator: ".", omittingEmptySubsequences: false)
        for label in labels { octets += try checkLabel(label) + 1 }
        guard octets <= 253 else { throw Problem("the domain is longer than 253 octets in its ASCII form.") }
        if let last = labels.last, last.utf8.allSatisfy({ (48...57).contains($0) }) {
            throw Problem("the domain ends with a number; write an IP address in brackets, like [127.0.0.1].")
        }
    }

    /// The octets of the label in its ASCII form.
    private static func checkLabel(_ label: Substring) throws(Problem) -> Int {
        guard let first = label.utf8.first, let last = label.utf8.last else {
            throw Problem("the domain has an empty label: two dots in a row, or one at an end; remove a dot.")
        }
        let hyphen = UInt8(ascii: "-")
        if first == hyphen || last == hyphen {
            throw Problem("the label “\(label)” of the domain begins or ends with a hyphen; correct it.")
        }
        var ascii = true
        for scalar in label.unicodeScalars {
            if scalar.value < 128 {
                let byte = UInt8(scalar.value)
                if ByteSet.alphanumerics.contains(byte) || byte == hyphen { continue }
                try check(scalar)
                throw Problem("“\(scalar)” may not stand in a domain; correct what follows the @.")
            }
            ascii = false
            try check(scalar)
            guard ScalarRules.isAllowedInDomain(scalar) else {
                throw Problem("“\(scalar)” (U+\(hex(scalar))) may not stand in a domain; correct what follows the @.")
            }
        }
        if ascii {
            guard label.utf8.count <= 63 else { throw Problem("a label of the domain is longer than 63 octets.") }
            return label.utf8.count
        }
        if let first = label.unicodeScalars.first,
            [.nonspacingMark, .spacingMark].contains(first.properties.generalCategory)
        {
            throw Problem("a label of the domain begins with a combining mark; correct what follows the @.")
        }
        if ScalarRules.mixesLookAlikes(label.unicodeScalars) {
            throw Problem("the label “\(label)” mixes letters of scripts that look alike; type it in one script.")
        }
        guard let encoded = Punycode.asciiLabel(label), encoded.utf8.count <= 63 else {
            throw Problem("a label of the domain is longer than 63 octets in its ASCII form (RFC 5890).")
        }
        return encoded.utf8.count
    }
}
