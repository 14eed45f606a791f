import XCTest

final class MustacheSpecificationTests: XCTestCase {
    func testCommentsShowNothing() {
        XCTAssertEqual(MustacheCase.faults(in: MustacheCase.commentCases), [])
    }

    func testDelimitersCanBeSet() {
        XCTAssertEqual(MustacheCase.faults(in: MustacheCase.delimiterCases), [])
    }

    func testValuesAreInterpolated() {
        XCTAssertEqual(MustacheCase.faults(in: MustacheCase.interpolationCases), [])
    }

    func testSectionsRepeatEnterAndDecide() {
        XCTAssertEqual(MustacheCase.faults(in: MustacheCase.sectionCases), [])
    }

    func testInvertedSectionsShowWhatIsAbsent() {
        XCTAssertEqual(MustacheCase.faults(in: MustacheCase.invertedCases), [])
    }

    func testPartialsAreExpandedWhereTheyStand() {
        XCTAssertEqual(MustacheCase.faults(in: MustacheCase.partialCases), [])
    }

    func testBlocksReplaceThoseOfAParent() {
        XCTAssertEqual(MustacheCase.faults(in: MustacheCase.inheritanceCases), [])
    }

    func testPartialsMayBeNamedByValues() {
        XCTAssertEqual(MustacheCase.faults(in: MustacheCase.dynamicNameCases), [])
    }
}
