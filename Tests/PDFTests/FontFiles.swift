import Foundation
import TestSupport
import XCTest

/// Fonts that systems have, by name; a test that needs one is skipped where it is not.
enum FontFiles {
    private static let folders = [
        "/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/truetype/liberation", "/usr/share/fonts/truetype/lato",
        "/usr/share/fonts/truetype/noto", "/usr/share/fonts/dejavu-sans-fonts", "/Library/Fonts",
    ]

    static func path(_ name: String) throws -> String {
        for folder in folders where FileManager.default.isReadableFile(atPath: "\(folder)/\(name)") {
            return "\(folder)/\(name)"
        }
        throw lacking("the font \(name) is not installed")
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: try path(name))))
    }
}
