/// What a document says about itself, written twice: in the properties that PDF has had from its beginning (ISO
/// 32000-1, 14.3.3) and, under PDF/A, as XMP (ISO 16684-1), where both must be equal (ISO 19005-1, 6.7.3).
struct Metadata {
    private let properties: PDFProperties
    private let title: String
    private let author: String
    private let subject: String
    private let keywords: String

    init(_ properties: PDFProperties) {
        self.properties = properties
        title = Self.plain(properties.title)
        author = Self.plain(properties.author ?? "")
        subject = Self.plain(properties.subject ?? "")
        keywords = Self.plain(properties.keywords.joined(separator: ", "))
    }

    /// A text without what XML cannot have, control characters and non-characters: a blank stands in their places.
    private static func plain(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 >= 32 && $0 < 127 }) { return text }
        func isPlain(_ scalar: Unicode.Scalar) -> Bool {
            scalar.value >= 32 && !(0x7F...0x9F).contains(scalar.value) && scalar.value & 0xFFFE != 0xFFFE
        }
        if text.unicodeScalars.allSatisfy(isPlain) { return text }
        var plain = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { plain.append(isPlain(scalar) ? scalar : " ") }
        return String(plain)
    }

    /// Appends the dictionary of properties.
    func writeProperties(to bytes: inout [UInt8]) {
        bytes.append("<<")
        let texts: [(StaticString, String)] = [
            ("/Title", title), ("/Author", author), ("/Subject", subject), ("/Keywords", keywords),
        ]
        for (key, text) in texts where !text.isEmpty {
            bytes.append(key)
            bytes.append(textString: text)
        }
        bytes.append("/Producer(Mailroom)/CreationDate(")
        properties.created.write(to: &bytes)
        bytes.append(")>>")
    }

    /// Appends the XMP packet.
    func writePacket(conformance: PDFConformance, to bytes: inout [UInt8]) {
        bytes.append("<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n")
        bytes.append("<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">")
        bytes.append("<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n")
        bytes.append("<rdf:Description rdf:about=\"\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\">")
        bytes.append("<pdfaid:part>")
        bytes.append(decimal: conformance.part)
        bytes.append("</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:Description>\n")
        bytes.append("<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">")
        bytes.append("<dc:format>application/pdf</dc:format>")
        write("dc:title", "rdf:Alt", " xml:lang=\"x-default\"", title, to: &bytes)
        write("dc:creator", "rdf:Seq", "", author, to: &bytes)
        write("dc:description", "rdf:Alt", " xml:lang=\"x-default\"", subject, to: &bytes)
        bytes.append("</rdf:Description>\n")
        bytes.append("<rdf:Description rdf:about=\"\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\">")
        if !keywords.isEmpty {
            bytes.append("<pdf:Keywords>")
            bytes.append(xml: keywords)
            bytes.append("</pdf:Keywords>")
        }
        bytes.append("<pdf:Producer>Mailroom</pdf:Producer></rdf:Description>\n")
        bytes.append("<rdf:Description rdf:about=\"\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\"><xmp:CreateDate>")
        properties.created.writeForXMP(to: &bytes)
        bytes.append("</xmp:CreateDate></rdf:Description>\n</rdf:RDF></x:xmpmeta>\n<?xpacket end=\"r\"?>")
    }

    private func write(
        _ name: StaticString, _ container: StaticString, _ attribute: StaticString, _ text: String,
        to bytes: inout [UInt8]
    ) {
        guard !text.isEmpty else { return }
        for part: StaticString in ["<", name, "><", container, "><rdf:li", attribute, ">"] { bytes.append(part) }
        bytes.append(xml: text)
        for part: StaticString in ["</rdf:li></", container, "></", name, ">"] { bytes.append(part) }
    }
}

extension [UInt8] {
    /// Appends a text as XML's character data.
    fileprivate mutating func append(xml text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): append("&amp;")
            case UInt8(ascii: "<"): append("&lt;")
            case UInt8(ascii: ">"): append("&gt;")
            default: append(byte)
            }
        }
    }
}
