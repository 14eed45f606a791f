import Mailroom
import XCTest

@testable import MailroomLetters

final class MustacheHostileTests: XCTestCase {
    func testPartialsThatAskForThemselvesEndAtALimit() throws {
        let made = try expand("{{>p}}", partials: ["p": "x{{>p}}{{>p}}"])
        XCTAssertEqual(made.text, String(repeating: "x", count: 64))
        XCTAssertEqual(made.problems.map(\.kind), [.exceeds("partials nest deeper than 64")])
        XCTAssertEqual(made.problems.first?.partial, "p")
    }

    func testPartialsThatDoubleEachOtherEndAtALimit() throws {
        var partials: [String: String] = ["p40": ""]
        for number in 0..<40 { partials["p\(number)"] = "{{>p\(number + 1)}}{{>p\(number + 1)}}" }
        let made = try expand("{{>p0}}", partials: partials) { $0.limits.steps = 100_000 }
        XCTAssertEqual(made.problems.count, 1)
        guard case .exceeds? = made.problems.first?.kind else { return XCTFail("\(made.problems)") }
    }

    func testParentsAndBlocksThatAskForThemselvesEnd() throws {
        let loop = "{{<p}}{{$a}}x{{$a}}y{{/a}}{{/a}}{{$b}}{{<p}}{{/p}}{{/b}}{{/p}}"
        let made = try expand(loop, partials: ["p": "{{$a}}{{/a}}{{$b}}{{/b}}"])
        XCTAssertEqual(made.problems.map(\.kind), [])
        XCTAssertEqual(made.text, "xyxy")
        let endless = try expand("{{<p}}{{$a}}{{>p}}{{/a}}{{/p}}", partials: ["p": "{{<p}}{{$a}}{{>p}}{{/a}}{{/p}}"])
        XCTAssertEqual(endless.problems.map(\.kind), [.exceeds("partials nest deeper than 64")])
    }

    func testNestedSectionsInNestedPartialsEndAtALimit() throws {
        let sections = String(repeating: "{{#a}}", count: 200)
        let ends = String(repeating: "{{/a}}", count: 200)
        let made = try expand("{{>p}}", ["a": true], partials: ["p": "\(sections){{>p}}\(ends)"])
        XCTAssertEqual(made.problems.count, 1)
        guard case .exceeds? = made.problems.first?.kind else { return XCTFail("\(made.problems)") }
    }

    func testTheResultIsBounded() throws {
        let part = String(repeating: "x", count: 1 << 18)
        let many = Document.Value.list(Array(repeating: true, count: 100))
        for escaping in [Escaping.none, .html, .guarded, .header(place: "it")] {
            let made = try expand("{{#l}}{{v}}{{/l}}", ["v": .text(part), "l": many], escaping) {
                $0.limits.output = 1 << 20
            }
            XCTAssertLessThanOrEqual(made.text.utf8.count, (1 << 20) + 200)
            XCTAssertEqual(made.problems.map(\.kind), [.exceeds("the result is longer than 1 MiB")])
        }
        let swollen = try expand("{{v}}", ["v": .text(String(repeating: "\"", count: 1 << 19))], .html) {
            $0.limits.output = 1 << 20
        }
        XCTAssertEqual(swollen.problems.map(\.kind), [.exceeds("the result is longer than 1 MiB")])
        XCTAssertLessThanOrEqual(swollen.text.utf8.count, (1 << 20) + 200)
    }

    func testTemplateTextAndIndentationCountToTheResult() throws {
        let lines = String(repeating: "a\n", count: 10_000)
        let many = Document.Value.list(Array(repeating: true, count: 100))
        let repeated = try expand("{{#l}}\(lines){{/l}}", ["l": many]) { $0.limits.output = 1 << 20 }
        XCTAssertEqual(repeated.problems.map(\.kind), [.exceeds("the result is longer than 1 MiB")])
        let indented = try expand("\(String(repeating: " ", count: 900)){{>p}}\n", partials: ["p": lines]) {
            $0.limits.output = 1 << 20
        }
        XCTAssertEqual(indented.problems.map(\.kind), [.exceeds("the result is longer than 1 MiB")])
        XCTAssertLessThanOrEqual(indented.text.utf8.count, (1 << 20) + 2000)
        let wide = try expand(
            "\(String(repeating: " ", count: 600)){{>p}}\n", partials: ["p": "x\n \t{{>q}}", "q": "y"])
        XCTAssertEqual(wide.problems, [])
        let wider = String(repeating: " ", count: 600) + "{{>p}}\n"
        let twice = try expand(wider, partials: ["p": wider.replacing("p", with: "q"), "q": "y"])
        XCTAssertEqual(twice.problems.map(\.kind), [.exceeds("partials are indented by more than 1000 blanks")])
    }

    func testListsWithinListsEndAtALimit() throws {
        let hundred = Document.Value.list(Array(repeating: true, count: 100))
        let made = try expand("{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}", ["l": hundred]) {
            $0.limits.steps = 100_000
        }
        XCTAssertEqual(made.text, "")
        XCTAssertEqual(
            made.problems.map(\.kind), [.exceeds("the template takes more than 100000 steps with these values")])
    }

    func testAGreatManyDifferentProblemsAreNotAllKept() throws {
        let template = (0..<5000).map { "{{k\($0)}}" }.joined()
        XCTAssertEqual(try expand(template).problems.count, 1000)
    }

    func testRandomTemplatesAndValuesNeverCrash() throws {
        var random = SystemSeeded(seed: 20_260_314)
        var compiled = 0
        for _ in 0..<6000 {
            let template = random.template()
            guard let mustache = try? Mustache(template) else { continue }
            compiled += 1
            var partials = ["a": mustache]
            if let other = try? Mustache(random.template()) { partials["b"] = other }
            var setting = MustacheSetting(escaping: [.none, .html, .guarded, .header(place: "x")][random.below(4)])
            setting.partials = partials
            var values: [String: Document.Value] = [:]
            for name in ["a", "b", "c"] where random.below(4) > 0 { values[name] = random.value(depth: 0) }
            var output: [UInt8] = []
            var problems: [ValueProblem] = []
            var origins: [Origin] = []
            mustache.expand(values, setting, into: &output, problems: &problems)
            var traced: [UInt8] = []
            mustache.expand(values, setting, into: &traced, problems: &problems, origins: &origins)
            XCTAssertEqual(output, traced)
            let sample = mustache.sampleValues(partials: partials)
            mustache.expand(sample, setting, into: &output, problems: &problems)
        }
        XCTAssertGreaterThan(compiled, 600)
    }

    func testRandomBytesAreRefusedOrCompiled() {
        var random = SystemSeeded(seed: 7)
        for _ in 0..<3000 {
            let bytes = (0..<random.below(80)).map { _ in UInt8(random.below(256)) }
            _ = try? Mustache(bytes)
        }
    }
}

/// Reproducible templates and values.
private struct SystemSeeded {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func below(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
    }

    private static let pieces = [
        "{{a}}", "{{#a}}", "{{/a}}", "{{^a}}", "{{/a}}", "{{b.c}}", "{{#b}}", "{{/b}}", "{{>a}}", "{{>b}}", "{{>*c}}",
        "{{<a}}", "{{$b}}", "{{/b}}", "{{/a}}", "\n", "  ", "\r\n", "x", "é", "{{.}}", "{{#.}}", "{{/.}}", "{{!a}}",
        "{{=| |=}}", "|a|", "|={{ }}=|", "{{{a}}}", "{{&b}}", "{{a?}}", "{{a | date}}", "{{a|number 2}}", "{{", "}}",
        "{",
        "{{$a}}", "{{/a}}", "{{<*c}}{{/*c}}", "\t",
    ]

    mutating func template() -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<below(14) { bytes += Array(Self.pieces[below(Self.pieces.count)].utf8) }
        if below(8) == 0, !bytes.isEmpty { bytes[below(bytes.count)] = UInt8(below(256)) }
        return bytes
    }

    mutating func value(depth: Int) -> Document.Value {
        switch below(depth > 4 ? 4 : 7) {
        case 0: return .text(["", "a", "b", "<&>", "\u{1}\u{2}\n", "2026-03-14", "12.5", "\u{2028}"][below(8)])
        case 1: return .flag(below(2) == 0)
        case 2: return .number(-1234.5)
        case 3: return .text("a")
        case 4: return .list((0..<below(4)).map { _ in value(depth: depth + 1) })
        default:
            return .object(
                Dictionary(
                    ["a", "b", "c"].map { ($0, value(depth: depth + 1)) }, uniquingKeysWith: { first, _ in first }))
        }
    }
}
