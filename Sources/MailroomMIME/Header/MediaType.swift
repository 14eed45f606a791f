/// What kind of content a part has: `type/subtype; name=value` (RFC 2045 §5).
public struct MediaType: Hashable, Sendable, CustomStringConvertible {
    /// A parameter of a media type.
    public struct Parameter: Hashable, Sendable {
        /// The name in small letters.
        public let name: String
        /// The value, neither quoted nor encoded.
        public let value: String
    }

    /// The type in small letters, such as `text`.
    public let type: String
    /// The subtype in small letters, such as `plain`.
    public let subtype: String
    /// The parameters in order.
    public private(set) var parameters: [Parameter]

    init(unchecked type: String, _ subtype: String, _ parameters: [Parameter] = []) {
        self.type = type
        self.subtype = subtype
        self.parameters = parameters
    }

    /// Reads `text/plain; charset=utf-8`; values may be quoted strings.
    public init(_ text: String) throws(HeaderError) {
        if let reason = HeaderField.problem(inValue: text) { throw HeaderError(field: "Content-Type", reason: reason) }
        var scanner = ParameterScanner(text)
        guard let type = scanner.token(), scanner.take(UInt8(ascii: "/")), let subtype = scanner.token() else {
            throw HeaderError(field: "Content-Type", reason: "a media type is written type/subtype, like text/plain.")
        }
        guard type.utf8.count <= 127, subtype.utf8.count <= 127 else {
            throw HeaderError(
                field: "Content-Type", reason: "type and subtype have 127 characters at most (RFC 6838 §4.2).")
        }
        var parameters: [Parameter] = []
        while scanner.take(UInt8(ascii: ";")) {
            if scanner.isAtEnd { break }
            guard let name = scanner.token(), scanner.take(UInt8(ascii: "=")), let value = scanner.value() else {
                throw HeaderError(field: "Content-Type", reason: "a parameter is written name=value or name=\"value\".")
            }
            let lower = ASCII.lowercased(name)
            guard lower.utf8.count <= 40 else {
                throw HeaderError(field: "Content-Type", reason: "the name of a parameter has 40 characters at most.")
            }
            guard !lower.utf8.contains(UInt8(ascii: "*")) else {
                throw HeaderError(
                    field: "Content-Type", reason: "the name of a parameter has no *; give its value as it is read.")
            }
            guard !parameters.contains(where: { $0.name == lower }) else {
                throw HeaderError(field: "Content-Type", reason: "the parameter \(lower) stands twice; remove one.")
            }
            parameters.append(Parameter(name: lower, value: value))
        }
        guard scanner.isAtEnd else {
            throw HeaderError(field: "Content-Type", reason: "parameters are separated by semicolons.")
        }
        self.init(unchecked: ASCII.lowercased(type), ASCII.lowercased(subtype), parameters)
    }

    /// The value of a parameter; letter case of the name does not matter.
    public subscript(_ name: String) -> String? {
        parameters.first { ASCII.equalIgnoringCase($0.name, name) }?.value
    }

    /// The same type with a parameter set; the name must be a token, the value free of controls.
    public func with(_ name: String, _ value: String) throws(HeaderError) -> MediaType {
        guard (1...40).contains(name.utf8.count), name.utf8.allSatisfy({ ByteSet.attributeText.contains($0) }) else {
            throw HeaderError(
                field: "Content-Type", reason: "the name of a parameter has letters, digits and - _ . only.")
        }
        if let reason = HeaderField.problem(inValue: value) { throw HeaderError(field: "Content-Type", reason: reason) }
        return setting(ASCII.lowercased(name), value)
    }

    func setting(_ name: String, _ value: String) -> MediaType {
        var copy = self
        copy.parameters.removeAll { $0.name == name }
        copy.parameters.append(Parameter(name: name, value: value))
        return copy
    }

    /// `type/subtype` without parameters.
    public var essence: String { "\(type)/\(subtype)" }

    /// The whole, values quoted where they must be, not encoded.
    public var description: String {
        var text = essence
        for parameter in parameters {
            let plain = !parameter.value.isEmpty && parameter.value.utf8.allSatisfy { ByteSet.token.contains($0) }
            text += "; \(parameter.name)=\(plain ? parameter.value : QuotedString.quoted(parameter.value))"
        }
        return text
    }

    /// `text/plain`
    public static let plainText = MediaType(unchecked: "text", "plain")
    /// `text/html`
    public static let html = MediaType(unchecked: "text", "html")
    /// `text/csv`
    public static let csv = MediaType(unchecked: "text", "csv")
    /// `text/calendar`
    public static let calendar = MediaType(unchecked: "text", "calendar")
    /// `application/pdf`
    public static let pdf = MediaType(unchecked: "application", "pdf")
    /// `application/json`
    public static let json = MediaType(unchecked: "application", "json")
    /// `application/zip`
    public static let zip = MediaType(unchecked: "application", "zip")
    /// `application/octet-stream`: bytes of no known kind.
    public static let octetStream = MediaType(unchecked: "application", "octet-stream")
    /// `image/png`
    public static let png = MediaType(unchecked: "image", "png")
    /// `image/jpeg`
    public static let jpeg = MediaType(unchecked: "image", "jpeg")
    /// `image/gif`
    public static let gif = MediaType(unchecked: "image", "gif")
    /// `image/svg+xml`
    public static let svg = MediaType(unchecked: "image", "svg+xml")
    /// `message/rfc822`: another message.
    public static let message = MediaType(unchecked: "message", "rfc822")
}
