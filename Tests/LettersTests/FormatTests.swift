import Mailroom
import MailroomLetters
import MailroomMIME
import TestSupport
import XCTest

final class FormatTests: XCTestCase {
    /// A word and where it stands, in millimetres from the sheet's top left.
    private struct Word {
        let text: String
        let left: Double
        let top: Double
        let right: Double
        let bottom: Double
    }

    private let body = """
        ::: letterhead
        # Letterhead
        :::
        ::: sender
        Sender Street
        :::
        ::: address
        Addressee
        Line
        Line
        Line
        Line
        Lastline
        :::
        ::: reference
        Reference
        :::
        ::: date
        Dated
        :::

        Opening of the text.

        """

    private func words(
        format: String, _ body: String? = nil, pages: Int = 1
    ) async throws -> [Word] {
        let body = (body ?? self.body) + String(repeating: "Another line of text.\\\n", count: 80)
        let letter = try await render(body, front: "attachment: a.pdf\nformat: \(format)\nheader: Running")
        let listing = try Programs.output(of: "pdftotext", ["-bbox"], over: letter.attachments[0].bytes, after: ["-"])
        let millimetres = 25.4 / 72
        return listing.matches(
            of: #/<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)</#
        ).map { match in
            let sides = [match.1, match.2, match.3, match.4].map { (Double($0) ?? 0) * millimetres }
            return Word(
                text: String(match.5), left: sides[0], top: sides[1], right: sides[2], bottom: sides[3])
        }
    }

    private func word(_ text: String, in words: [Word]) throws -> Word {
        try XCTUnwrap(words.first { $0.text == text }, text)
    }

    private func assert(
        _ text: String, in words: [Word], left: ClosedRange<Double>, top: ClosedRange<Double>, line: UInt = #line
    ) throws {
        let word = try word(text, in: words)
        XCTAssert(left.contains(word.left), "\(text): left \(word.left)", line: line)
        XCTAssert(top.contains(word.top), "\(text): top \(word.top)", line: line)
    }

    func testDIN5008B() async throws {
        let words = try await words(format: "din-5008-b")
        try assert("Letterhead", in: words, left: 24.5...25.5, top: 9...20)
        try assert("Sender", in: words, left: 24.5...25.5, top: 44.5...47)
        try assert("Addressee", in: words, left: 24.5...25.5, top: 62...64)
        XCTAssertLessThan(try word("Lastline", in: words).bottom, 90)
        try assert("Reference", in: words, left: 124.5...125.5, top: 50...52)
        try assert("Dated", in: words, left: 124.5...125.5, top: 54...62)
        try assert("Opening", in: words, left: 24.5...25.5, top: 98...100)
        try assert("Running", in: words, left: 25...190, top: 5...22)
        XCTAssertLessThan(words.map(\.right).max() ?? 0, 190.5)
    }

    func testNFZ11001() async throws {
        let words = try await words(format: "nf-z-11-001")
        try assert("Letterhead", in: words, left: 19.5...20.5, top: 9...20)
        try assert("Sender", in: words, left: 19.5...20.5, top: 35...39)
        XCTAssertLessThan(try word("Street", in: words).right, 90)
        try assert("Addressee", in: words, left: 104.5...105.5, top: 45...48)
        XCTAssertLessThan(try word("Lastline", in: words).bottom, 79)
        try assert("Dated", in: words, left: 104.5...105.5, top: 94...110)
        try assert("Opening", in: words, left: 19.5...20.5, top: 98...125)
        // Nothing but the address may show in the window, wherever the sheet lies in the envelope.
        let shown = words.prefix { $0.text != "Opening" }.filter { word in
            word.right > 90 && word.left < 200 && word.bottom > 34 && word.top < 90
        }
        XCTAssertEqual(Set(shown.map(\.text)), ["Addressee", "Line", "Lastline"])
    }

    func testUSLetter() async throws {
        let words = try await words(format: "us-letter", body.replacing("Line\nLine\nLine\n", with: "Line\n"))
        let inch = 25.4
        try assert("Letterhead", in: words, left: 0.98 * inch...1.02 * inch, top: 0.4 * inch...0.8 * inch)
        try assert("Addressee", in: words, left: 0.98 * inch...1.02 * inch, top: 2.15 * inch...2.25 * inch)
        XCTAssertLessThan(try word("Lastline", in: words).bottom, 3.05 * inch)
        try assert("Opening", in: words, left: 0.98 * inch...1.02 * inch, top: 3.5 * inch...5 * inch)
        let shown = words.prefix { $0.text != "Opening" }.filter { word in
            word.bottom > 2.042 * inch && word.top < 3.167 * inch
        }
        XCTAssertEqual(Set(shown.map(\.text)), ["Addressee", "Line", "Lastline"])
    }

    func testTheMarksAreWhereTheSheetIsFolded() async throws {
        for (format, height, folds) in [
            ("din-5008-b", 297.0, [105, 148.5, 210]), ("nf-z-11-001", 297, [99, 198]),
            ("us-letter", 279.4, [93.13, 186.27]),
        ] as [(String, Double, [Double])] {
            let letter = try await render("x", front: "attachment: a.pdf\nformat: \(format)")
            let content = String(decoding: letter.attachments[0].bytes, as: UTF8.self)
            for fold in folds {
                let points = (height - fold) * 72 / 25.4
                let places = content.matches(of: #/(?:^|\s)11\.33\d? ([\d.]+) /#).compactMap { Double($0.1) }
                XCTAssert(
                    places.contains { abs($0 - points) < 0.8 },
                    "\(format): no mark at \(fold) mm (\(points)): \(places)")
            }
        }
    }

    func testWhatIsALittleLongForItsPlaceIsSetInSmallerTypeThere() async throws {
        func heights(of lines: Int) async throws -> (address: Double, text: Double) {
            let address = String(repeating: "Addressline\n", count: lines)
            let words = try await words(format: "din-5008-b", "::: address\n\(address):::\n\nOpening\n\n", pages: 2)
            let inside = words.filter { $0.text == "Addressline" }
            XCTAssertEqual(inside.count, lines)
            XCTAssert(inside.allSatisfy { $0.top > 62 && $0.bottom < 90.5 }, "\(inside)")
            let text = try word("Opening", in: words)
            return (inside[0].bottom - inside[0].top, text.bottom - text.top)
        }
        let (usual, text) = try await heights(of: 6)
        let (smaller, sameText) = try await heights(of: 8)
        XCTAssertLessThan(smaller, usual * 0.95)
        XCTAssertGreaterThan(smaller, usual * 0.7)
        XCTAssertEqual(text, sameText, accuracy: 0.01)
    }

    func testAnAddressThatDoesNotFitItsWindowIsRefused() async throws {
        let tall = "::: address\n" + String(repeating: "{{name}}\n", count: 12) + ":::\n"
        let renderer = LetterRenderer(
            files: templateFiles(["letter.md": "---\nsubject: s\nattachment: a.pdf\nformat: din-5008-b\n---\n\(tall)"]))
        XCTAssertEqual(renderer.problems.count, 1)
        let place = "The address does not fit its place of 80 mm by 27 mm"
        XCTAssert(renderer.problems[0].contains(place), renderer.problems[0])
        let fitting = LetterRenderer(
            files: templateFiles([
                "letter.md":
                    "---\nsubject: s\nattachment: a.pdf\nformat: din-5008-b\n---\n::: address\n{{name}}\n:::\n"
            ]))
        XCTAssertEqual(fitting.problems, [])
        let long = Document.Value.text(String(repeating: "A long name ", count: 60))
        XCTAssertThrowsError(try fitting.check(Document(template: "letter", values: ["name": long]))) { error in
            XCTAssertEqual((error as? RenderError)?.code, .invalidValues)
            XCTAssert("\(error)".contains("The address does not fit its place"), "\(error)")
        }
    }

    func testAnAddressThatDoesNotFitNamesItsKeys() throws {
        let body = "{{x}}\n\n::: address\n{{name}}\n{{#more}}{{street}}{{/more}}\n:::\n\n{{y}}"
        for format in ["din-5008-b", "nf-z-11-001", "us-letter"] {
            let renderer = LetterRenderer(
                templates: [try template(body, front: "attachment: a.pdf\nformat: \(format)")])
            let lines = Array(repeating: "line", count: 20).joined(separator: "\n")
            let values: [String: Document.Value] = [
                "x": "1", "y": "2", "name": "Ann\n::: date\nAnn", "more": ["street": .text(lines)],
            ]
            XCTAssertThrowsError(try renderer.check(Document(template: "letter", values: values))) { error in
                XCTAssertEqual((error as? RenderError)?.keys, ["name", "street"], "\(error)")
                XCTAssert("\(error)".contains("The address does not fit"), "\(error)")
            }
        }
    }
}
