import Mailroom
import XCTest

@testable import MailroomLetters

final class MustacheTemplateTests: XCTestCase {
    private func fault(_ template: String, startingAtLine line: Int = 1) -> TemplateFault? {
        do throws(TemplateFault) {
            _ = try Mustache(Array(template.utf8), startingAtLine: line)
            return nil
        } catch { return error }
    }

    func testAFaultSaysItsLineAndWhatWouldBeRight() {
        for (template, line, words) in [
            ("a\n{{name", 2, "does not end with }}"), ("{{{a}}", 1, "does not end with }}}"),
            ("x\n\n{{#a}}\n", 3, "“a” is not closed; end it with {{/a}}"), ("{{/a}}", 1, "closes nothing open here"),
            ("{{#a}}\n{{#b}}\n{{/a}}", 3, "“b” of line 2 is still open"),
            ("{{first name}}", 1, "“first name” is no name"),
            ("{{a..b}}", 1, "no name"), ("{{}}", 1, "a tag has no name"), ("{{= x =}}", 1, "as in {{=<% %>=}}"),
            ("{{#a?}}{{/a?}}", 1, "needs no “?”"), ("{{> a b}}", 1, "is no name of a partial"),
            ("{{<p}}\n{{x}}{{/p}}", 2, "{{x}} would never be seen here"),
            ("{{<p}}{{#x}}{{/x}}{{/p}}", 1, "{{#x}} would never be seen here"), ("{{>}}", 1, "no name of a partial"),
            ("{{a | shout}}", 1, "there is no filter “shout”"), ("{{a | money}}", 1, "money EUR"),
            ("{{a | money XQZ}}", 1, "ISO 4217"), ("{{a | numbr}}", 1, "did you mean number?"),
            ("{{a | number x}}", 1, "decimals"), ("{{a | date soon}}", 1, "short, medium, long, full"),
            ("{{a | time 1}}", 1, "takes no arguments"), ("{{a | uppercase | date}}", 1, "must be the first one"),
            ("{{a |}}", 1, "no filter stands after"), ("a\u{2}", 1, "U+0002"), ("\n\u{7F}", 2, "U+007F"),
            ("{{\(String(repeating: "a.", count: 200))b}}", 1, "too long"),
        ] {
            let found = fault(template)
            XCTAssertEqual(found?.line, line, template)
            XCTAssert(found?.reason.contains(words) == true, "\(template): \(found?.reason ?? "no fault")")
        }
    }

    func testLinesAreCountedFromTheOneGiven() {
        XCTAssertEqual(fault("\n{{/a}}", startingAtLine: 9)?.line, 10)
        XCTAssertThrowsError(try Mustache([0x61, 0xFF, 0x62]))
    }

    func testSectionsNestAsDeepAsTheLimitAndNoDeeper() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "{{#a}}", count: depth) + "x" + String(repeating: "{{/a}}", count: depth)
        }
        XCTAssertEqual(try expand(nested(256), ["a": true]).text, "x")
        XCTAssertEqual(fault(nested(257))?.reason, "sections nest deeper than 256; use partials.")
    }

    func testNamesThePartialsItAsksForOutright() throws {
        XCTAssertEqual(
            try mustache("{{a}}{{>*kind}}{{>foot}}{{<frame}}{{/frame}}").partials.map(\.name), ["foot", "frame"])
    }

    func testOriginsLeadFromTheOutputBackToLinesAndKeys() throws {
        var setting = MustacheSetting(escaping: .guarded)
        setting.partials = ["p": try mustache("in\n{{b}}!\n")]
        var output: [UInt8] = []
        var problems: [ValueProblem] = []
        var origins: [Origin] = []
        try Mustache(Array("one\n\ntwo {{a}}.\n  {{>p}}\nend".utf8), startingAtLine: 5).expand(
            ["a": "A", "b": "B"], setting, into: &output, problems: &problems, origins: &origins)
        XCTAssertEqual(String(decoding: output, as: UTF8.self), "one\n\ntwo \u{2}A\u{3}.\n  in\n  \u{2}B\u{3}!\nend")
        func origin(of text: String) -> Origin? {
            guard let range = output.firstRange(of: Array(text.utf8)) else { return nil }
            return Origin.of(range.lowerBound, in: origins)
        }
        XCTAssertEqual(origin(of: "one")?.line, 5)
        XCTAssertEqual(origin(of: "two")?.line, 7)
        XCTAssertEqual(origin(of: "A")?.key?.name, "a")
        XCTAssertEqual(origin(of: ".")?.line, 7)
        XCTAssertNil(origin(of: ".")?.key)
        XCTAssertEqual(origin(of: "in")?.partial, "p")
        XCTAssertEqual(origin(of: "B")?.line, 2)
        XCTAssertEqual(origin(of: "!")?.line, 2)
        XCTAssertEqual(origin(of: "end")?.line, 9)
        XCTAssertNil(origin(of: "end")?.partial)
        XCTAssertEqual(origins.map(\.offset), origins.map(\.offset).sorted())
    }

    func testSampleValuesShowEverySectionOnce() throws {
        let partials = ["foot": try mustache("{{club.city}} {{#club}}{{phone}}{{/club}}{{>foot}}")]
        let template = try mustache(
            "{{name}} {{#people}}<{{first}} {{name}} {{age | number}}>{{/people}}{{#vip}}!{{/vip}}{{^gone}}here{{/gone}}"
                + "{{#tags}}[{{.}}]{{/tags}}{{#note}}({{note}}){{/note}}{{when | date}}{{sum | money EUR}}{{letter.date}}"
                + "{{>foot}}")
        let sample = template.sampleValues(partials: partials)
        XCTAssertEqual(
            sample,
            [
                "name": "name", "people": ["first": "first", "age": 1234.56], "vip": true, "tags": "tags",
                "note": "note", "when": "2026-03-14T10:30:00Z", "sum": 1234.56,
                "club": ["city": "city", "phone": "phone"],
            ])
    }

    func testABlockThatStandsAloneEndsItsLine() throws {
        let partials = ["layout": "Top\n{{$body}}\ndefault\n{{/body}}\nEnd\n"]
        XCTAssertEqual(try expand("{{>layout}}", partials: partials).text, "Top\ndefault\nEnd\n")
        XCTAssertEqual(
            try expand("{{<layout}}{{$body}}One.{{/body}}{{/layout}}", partials: partials).text, "Top\nOne.\nEnd\n")
        XCTAssertEqual(
            try expand("{{<layout}}\n{{$body}}\n  One.\n\n  Two.\n{{/body}}\n{{/layout}}\n", partials: partials).text,
            "Top\nOne.\n\nTwo.\nEnd\n")
        XCTAssertEqual(try expand("{{<layout}}{{$body}}{{/body}}{{/layout}}", partials: partials).text, "Top\nEnd\n")
    }
}
