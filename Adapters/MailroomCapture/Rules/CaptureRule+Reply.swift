extension CaptureRule {
    /// A reply of the server: a code and a text, of one line or several.
    public struct Reply: Sendable, Hashable, CustomStringConvertible {
        /// From 200 to 599.
        public let code: Int
        /// What follows the code, beginning with an enhanced status code if there is to be one; line feeds separate lines.
        public let text: String

        /// A code out of range becomes the nearest; carriage returns and NUL are left out of the text.
        public init(_ code: Int, _ text: String) {
            self.code = min(max(code, 200), 599)
            self.text = String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 != "\r" && $0 != "\0" }))
        }

        /// Parses `452 4.2.2 Mailbox full`; nil for what does not begin with a code.
        public init?(_ line: String) {
            let scalars = line.unicodeScalars
            guard let code = Int(String(scalars.prefix(3))), (200...599).contains(code),
                scalars.count == 3 || scalars.dropFirst(3).first == " "
            else { return nil }
            self.init(code, String(scalars.dropFirst(4)))
        }

        /// The code and the text.
        public var description: String { text.isEmpty ? "\(code)" : "\(code) \(text)" }

        /// The lines as they are sent, without the last one's end.
        var lines: String {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            return lines.enumerated().map { "\(code)\($0.offset == lines.count - 1 ? " " : "-")\($0.element)" }
                .joined(separator: "\r\n")
        }
    }
}
