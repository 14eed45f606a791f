import Foundation
@testable import MailroomPDF
import TestSupport
import XCTest

final class FontTests: XCTestCase {
    func testAll() throws {
        let all = try FileManager.default.subpathsOfDirectory(atPath: "/usr/share/fonts/truetype").filter { $0.hasSuffix(".ttf") }
        for f in all {
            let b = [UInt8](try Data(contentsOf: URL(filePath: "/usr/share/fonts/truetype/" + f)))
            let t = ContinuousClock.now
            do { let font = try PDFFont(b); if f.contains("Lato-R") || f.contains("DejaVuSans") { print(f, font.name, font.codes.count, font.metrics, ContinuousClock.now - t) } } catch { print(f, error) }
        }
    }
}
