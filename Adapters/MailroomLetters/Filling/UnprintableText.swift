import MailroomPDF

/// Characters that a letter cannot show.
enum UnprintableText {
    /// The names of the characters that the PDF's fonts lack.
    static func glyphless(in text: String) -> [String] { PDFUnsupportedCharacter.all(in: text).map(\.description) }

    /// The names of control characters, which neither text nor HTML may have.
    static func controls(in text: String) -> [String] {
        var names: [String] = []
        for byte in text.utf8 where (byte < 32 && byte != 9 && byte != 10 && byte != 13) || byte == 127 {
            let digits = String(byte, radix: 16, uppercase: true)
            let name = "U+00" + (digits.utf8.count < 2 ? "0" : "") + digits
            if !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// Whether a text has a control character (General Category Cc) or a line or paragraph separator.
    static func breaksLine(_ text: String) -> Bool {
        var lead: UInt8 = 0
        var last: UInt8 = 0
        for byte in text.utf8 {
            if byte < 32 || byte == 127 || last == 0xC2 && byte < 0xA0 { return true }
            if lead == 0xE2 && last == 0x80 && (byte == 0xA8 || byte == 0xA9) { return true }
            lead = last
            last = byte
        }
        return false
    }

    /// The first text of a template's own that the PDF's fonts cannot show.
    static func firstFault(in blocks: [Block]) -> TemplateFault? {
        for block in blocks {
            let fault =
                switch block {
                case .paragraph(let inlines), .heading(_, let inlines), .item(_, let inlines): firstFault(in: inlines)
                case .part(_, let blocks), .section(_, _, let blocks): firstFault(in: blocks)
                case .rule, .gap: nil as TemplateFault?
                }
            if let fault { return fault }
        }
        return nil
    }

    private static func firstFault(in inlines: [Inline]) -> TemplateFault? {
        for inline in inlines {
            switch inline {
            case .text(let text, let line):
                let names = glyphless(in: text)
                if names.isEmpty { continue }
                return TemplateFault(
                    line: line, reason: "the PDF's fonts lack \(names.joined(separator: ", ")); write it otherwise.")
            case .strong(let inside), .emphasis(let inside), .link(let inside, _), .section(_, _, let inside):
                if let fault = firstFault(in: inside) { return fault }
            case .value, .lineBreak: continue
            }
        }
        return nil
    }
}
