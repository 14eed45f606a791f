/// A field of a header: a name, and a value as a person reads it.
///
/// The value is unstructured Unicode (RFC 5322 §3.2.5), neither folded nor encoded: the writer does both.
public struct HeaderField: Hashable, Sendable {
    /// The name, without its colon.
    public let name: String
    /// The value, without folding and encoded words.
    public let value: String

    /// Refuses what could begin another field or end the header: the name must be 1 to 76 printable ASCII characters
    /// without blank and colon (ftext, RFC 5322 §3.6.8), the value must not contain controls other than the tab, nor
    /// the separators of lines that Unicode adds to them (U+0085, U+2028, U+2029).
    public init(_ name: String, _ value: String) throws(HeaderError) {
        if let reason = Self.problem(inName: name) {
            throw HeaderError(
                field: name.utf8.allSatisfy { (33...126).contains($0) } ? name : "field name", reason: reason)
        }
        if let reason = Self.problem(inValue: value) { throw HeaderError(field: name, reason: reason) }
        self.name = name
        self.value = value
    }

    static func problem(inName name: String) -> String? {
        guard (1...76).contains(name.utf8.count) else {
            return "the name of a header field has 1 to 76 characters; choose another name."
        }
        let printable = name.utf8.allSatisfy { (33...126).contains($0) && $0 != UInt8(ascii: ":") }
        return printable
            ? nil : "the name may contain only printable ASCII without blank and colon; choose another name."
    }

    /// Why a value cannot be written in a field; `nil` when it can.
    package static func problem(inValue value: String) -> String? {
        var clean = true
        var ascii = true
        for byte in value.utf8 {
            clean = clean && !(byte < 32 && byte != ASCII.tab || byte == 127)
            ascii = ascii && byte < 128
        }
        if !ascii { clean = clean && !value.unicodeScalars.contains { $0 != "\t" && ScalarRules.isControl($0) } }
        return clean ? nil : "it contains a line break or another control character; remove it."
    }
}
