import Foundation
import Mailroom

/// The JSON file of a template's values.
enum ValuesFile {
    /// The values of a file, or of standard input where the path is `-`.
    static func values(at path: String) throws(UsageError) -> [String: Document.Value] {
        let name = path == "-" ? "standard input" : path
        let json = try contents(of: path == "-" ? .standardInput : FileHandle(forReadingAtPath: path), called: name)
        do throws(ValuesFault) {
            return try ValuesReader.values(json)
        } catch {
            throw UsageError("\(name):\(error.line):\(error.column): \(error.reason)")
        }
    }

    /// The octets, and not more than one beyond what values may have.
    private static func contents(of file: FileHandle?, called name: String) throws(UsageError) -> [UInt8] {
        var json: [UInt8] = []
        do {
            guard let file else { throw CocoaError(.fileReadNoSuchFile) }
            while json.count <= ValuesReader.maximumOctets,
                let part = try file.read(upToCount: min(1 << 16, ValuesReader.maximumOctets + 1 - json.count)),
                !part.isEmpty
            {
                json += part
            }
        } catch {
            throw UsageError("\(name) cannot be read: see that it is there and readable")
        }
        return json
    }
}
