import XCTest

@testable import MailroomLetters

final class MarkupParserTests: XCTestCase {
    private func check(_ cases: [(String, String)], line: UInt = #line) {
        for (markup, expected) in cases { XCTAssertEqual(outline(markup), expected, markup, line: line) }
    }

    func testPairsSignsOfEmphasis() {
        check([
            ("a *b* c", "p a //b// c"), ("a **b** c", "p a **b** c"), ("a _b_ __c__", "p a //b// **c**"),
            ("***b***", "p **//b//**"), ("*a **b** c*", "p //a //**//b//**// c//"),
            ("**a *b***", "p **a ****//b//**"), ("*a*b", "p //a//b"), ("a*b*c", "p a//b//c"),
            ("snake_case_name", "p snake_case_name"), ("_a_b_", "p //a_b//"), ("5 * 3 * 2", "p 5 * 3 * 2"),
            ("** a**", "p ** a**"), ("*a", "p *a"), ("**a*", "p *//a//"), ("*a**", "p //a//*"),
            ("*a _b* c_", "p //a _b// c_"), ("**a\nb**", "p **a b**"), ("*(*a*)*", "p //(a)//"),
            ("*a**b**c*", "p //a//**//b//**//c//"), ("**a**b**c**", "p **a**b**c**"), ("a ****", "p a ****"),
            ("*a**b*", "p //a**b//"), ("***a** b*", "p **//a//**// b//"), ("«*a*»", "p «//a//»"),
            ("a*«b»*", "p a*«b»*"), ("*a\u{A0}*", "p *a\u{A0}*"), ("**«a»**b", "p **«a»**b"),
        ])
    }

    func testTakesSignsAfterABackslashLiterally() {
        check([
            ("\\*a\\*", "p *a*"), ("\\a", "p \\a"), ("*a\\*", "p *a*"), ("\\\\*a*", "p \\//a//"), ("\\# a", "p # a"),
            ("\\- a", "p - a"), ("1\\. a", "p 1. a"), ("\\[a](https://b.c)", "p [a](https://b.c)"), ("a\\", "p a\\"),
            ("a ^ b", "p a ^ b"),
        ])
    }

    func testReadsLinks() {
        check([
            ("[a](https://b.c)", "p [a|https://b.c]"),
            ("[a *b*](https://c.d)", "p [a |https://c.d][//b//|https://c.d]"),
            ("*[a](https://b.c)*", "p [//a//|https://b.c]"), ("*a [b*](https://c.d)", "p *a [b*|https://c.d]"),
            ("[a](https://b.c \"t\")", "p [a|https://b.c]"), ("[a]( <https://b.c/d e> )", "p [a|https://b.c/d%20e]"),
            ("[a](https://b.c/(d))", "p [a|https://b.c/(d)]"), ("[a](https://b.c/é)", "p [a|https://b.c/%C3%A9]"),
            ("[a](https://b.c", "p [a](https://b.c"), ("[a] (https://b.c)", "p [a] (https://b.c)"), ("[a]", "p [a]"),
            ("[a [b](https://c.d) e](https://f.g)", "p [a [b|https://c.d] e](https://f.g)"),
            ("[[a]](tel:1)", "p [[a]|tel:1]"), ("[a\nb](mailto:c@d.e)", "p [a b|mailto:c@d.e]"),
            ("<https://a.b/c>", "p [https://a.b/c|https://a.b/c]"), ("<a@b.c>", "p [a@b.c|mailto:a@b.c]"),
            ("<javascript:a>", "p <javascript:a>"), ("<a b@c.d>", "p <a b@c.d>"), ("<b>x</b>", "p <b>x</b>"),
        ])
    }

    func testReadsBlocks() {
        check([
            ("a\nb\n\nc", "p a b\np c"), ("a  \nb", "p a⏎b"), ("a\\\nb", "p a⏎b"), ("a \nb", "p a b"),
            ("# a\n## b ##\n### c", "h1 a\nh2 b\nh3 c"), ("#a", "p #a"), ("#", ""), ("a\n===\nb\n---", "h1 a\nh2 b"),
            ("a\n\n---", "p a\nrule"), ("* * *", "rule"), ("___", "rule"), ("--", "p --"),
            ("a\n***\nb", "p a\nrule\np b"),
            ("a\n\\newpage\nb", "p a\npage\np b"), ("\\newpages", "p \\newpages"), ("> a", "p > a"), ("`a`", "p `a`"),
            ("    a", "p a"), ("a\r\nb\r\rc", "p a b\np c"), ("&amp;", "p &amp;"), ("\t\n \n", ""),
        ])
    }

    func testReadsLists() {
        check([
            ("- a\n- b", "+1- a\n1- b"), ("- a\n\n- b", "+1-~ a\n1-~ b"), ("1. a\n1. b\n1. c", "+11. a\n12. b\n13. c"),
            ("3) a\n4. b", "+13. a\n+14. b"), ("- a\n+ b", "+1- a\n+1- b"), ("- a\nb", "+1- a b"),
            ("- a\n  - b\n    - c\n- d", "+1- a\n+2- b\n+3- c\n1- d"), ("- a\n\n  b\n- c", "+1-~ a\n1 ~ b\n1-~ c"),
            ("- a\n  - b\n\n  c", "+1-~ a\n+2- b\n1 ~ c"), ("1. a\n   - b\n2. c", "+11. a\n+2- b\n12. c"),
            ("- - a", "+1- \n+2- a"), ("-\n  a", "+1- a"), ("-\n\n  a", "+1- \np a"), ("a\n2. b", "p a 2. b"),
            ("a\n1. b", "p a\n+11. b"), ("a\n-", "h2 a"), ("a\n*", "p a *"), ("- a\n\nb", "+1- a\np b"),
            ("- a\n# b", "+1- a\nh1 b"), ("1234567890. a", "p 1234567890. a"), ("- a\n      - b", "+1- a - b"),
            ("- a\n\n      b", "+1-~ a\n1 ~ b"), ("10. a\n    b", "+110. a b"), ("-a", "p -a"),
            ("- **a**", "+1- **a**"),
        ])
    }

    func testReadsTables() {
        check([
            ("| a | b |\n|---|--:|\n| c | d |", "table left,right: a | b / c | d"),
            ("a|b\n:-:|-\nc", "table center,left: a | b / c | "), ("|a|\n|-|", "table left: a"),
            ("| a\\|b | *c* |\n|-|-|", "table left,left: a|b | //c//"),
            ("x\na|b\n-|-\nc|d\n\ny", "p x\ntable left,left: a | b / c | d\np y"),
            ("a|b\n-|-|-\n", "p a|b -|-|-"), ("a\n-|-", "p a -|-"), ("| |\n|-|\n|a|", "table left:  / a"),
            ("a|b\n-|-\n- c", "table left,left: a | b\n+1- c"),
            ("|a|b|\n|-|-|\n|‹x|y›|‹1\n2›|", "table left,left: a | b / x|y | 1⏎2"),
        ])
    }

    func testReadsParts() {
        check([
            ("::: address\na\nb\n\n\nc\n\n:::\nd", "address: p a⏎b\naddress: gap\naddress: gap\naddress: p c\np d"),
            (":::center\n# a\n- b\n\n- c\n:::", "center: h1 a\ncenter: +1-~ b\ncenter: 1-~ c"),
            ("::: address\n1. Stock\n- x\n:::", "address: p 1. Stock⏎- x"),
            ("::: right\na\n---\nb\n:::", "right: p a\nright: rule\nright: p b"),
            ("::: sender\n  *a*\n:::\n::: date\nb\n:::", "sender: p //a//\ndate: p b"),
        ])
    }

    func testReadsImagesThatHaveALineOfTheirOwn() {
        check([
            ("![a *b*](c/d.png \"t\"){width=2in}", "image c/d.png “a *b*” (t) 144"), ("![](a.png)", "image a.png “”"),
            ("x\n![a](é.png)\ny", "p x\nimage é.png “a”\np y"), ("![a](b.png){width=12.7mm}", "image b.png “a” 36"),
            ("![‹a]›](b.png)", "image b.png “a]”"), ("\\![a](https://b.c)", "p ![a|https://b.c]"),
        ])
    }

    func testNamesWhatIsWrong() {
        for (markup, expected) in [
            ("::: adress\n:::", [.unknownPart("adress")]), ("::: small\n::: right\n:::", [.partInPart]),
            (":::", [.unopenedPart]), ("::: small\na", [.unclosedPart]), ("#### a", [.deepHeading]),
            ("[a](javascript:b)", [.unsafeLink("javascript:b")]), ("[a](b.html)", [.unsafeLink("b.html")]),
            ("[a]()", [.emptyLink]), ("[a](‹›)", []), ("[a](‹data:x›)", [.unsafeLink("data:x")]),
            ("a ![b](c.png)", [.imageInText]), ("![a](../b.png)", [.imagePath("../b.png")]),
            ("![a](/b.png)", [.imagePath("/b.png")]), ("![a](https://b.c/d.png)", [.imagePath("https://b.c/d.png")]),
            ("![a](‹b›.png)", [.imageValue]), ("![a](b.png){width=big}", [.imageWidth("width=big")]),
            ("|a|\n|-|\n|b|c|", [.manyCells]), ("- - - - - - - - - a", [.deepList]), ("a *b [c", []),
        ] as [(String, [MarkupFault.Kind])] { XCTAssertEqual(faults(markup), expected, markup) }
        XCTAssertEqual(MarkupParser.parse(Array("a\n\n:::".utf8)).faults.first?.offset, 3)
        XCTAssertEqual(
            MarkupFault(offset: 0, kind: .unknownPart("adress")).reason,
            "there is no part “adress”; did you mean address?")
    }

    func testReadsNoValueAsMarkup() {
        check([
            ("‹*a* <b> [c](d) \\e | # # {{f}}›", "p *a* <b> [c](d) \\e | # # {{f}}"), ("‹# a›", "p # a"),
            ("‹- a›", "p - a"),
            ("- ‹a\n- b›", "+1- a⏎- b"), ("‹a\n\nb\r\nc\rd›", "p a⏎⏎b⏎c⏎d"), ("# ‹a\n# b›", "h1 a⏎# b"),
            ("‹:::›", "p :::"),
            ("a\n‹===›", "p a ==="), ("*‹a*›*", "p //a*//"), ("**‹a›**b", "p **a**b"), ("*‹ a ›*", "p // a //"),
            ("[a](https://b.c/‹d/é?›)", "p [a|https://b.c/d%2F%C3%A9%3F]"),
            ("[a](‹https://b.c/?d=1&e=' ›)", "p [a|https://b.c/?d=1&e='%20]"),
            ("[‹a](b›](tel:‹1)›)", "p [a](b|tel:1%29]"),
            ("<‹a@b.c›>", "p [a@b.c|mailto:a@b.c]"), ("<‹x›>", "p <x>"), ("‹1›. a", "p 1. a"), ("‹a›  \n‹b›", "p a⏎b"),
        ])
    }

    func testALineOfEmptyValuesIsNoLine() {
        check([
            ("a\n‹›\nb", "p a b"), ("::: address\na\n ‹›  ‹›\nb\n:::", "address: p a⏎b"),
            ("- a\n- ‹›\n- b", "+1- a\n1- b"),
            ("a\n\n‹›\n\nb", "p a\np b"), ("‹›", ""), ("**‹›**", ""), ("a\n‹›", "p a"), ("‹›\n‹›\na", "p a"),
            ("a ‹›\nb", "p a b"), ("a ‹› ", "p a"), ("a ‹›  \nb", "p a⏎b"),
            ("|a|b|\n|-|-|\n‹›\n|c|d|", "table left,left: a | b / c | d"),
        ])
    }
}
