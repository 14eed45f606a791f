/// Why a text is no e-mail address, in words for the person who typed it.
public struct AddressError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was given, as it was given: escape it before showing it elsewhere.
    public let text: String
    /// What is wrong and what to do about it.
    public let reason: String

    package init(text: String, reason: String) {
        self.text = text
        self.reason = reason
    }

    /// The text, shortened and with controls escaped, and the reason.
    public var description: String {
        var shown = ""
        for scalar in text.unicodeScalars.prefix(80) {
            if ScalarRules.isInvisible(scalar) {
                shown += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
        if text.unicodeScalars.count > 80 { shown += "…" }
        return "“\(shown)” is not an e-mail address: \(reason)"
    }
}
