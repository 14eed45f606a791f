import Foundation
import Mailroom

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file's name, made of the job and the file's content alone: the same delivery made again has the same name.
struct SpoolName {
    /// What tells it from all others.
    let stem: String
    /// The whole name.
    let name: String

    /// What a file's name ends with while it is written.
    static let draftEnding = ".mailroom-draft"

    /// The time in it is the job's: the first 48 bits of its id are milliseconds.
    init(_ job: JobID, _ content: Fingerprint, _ format: SpoolFormat, host: String = machineName) {
        let milliseconds = Int64(job.high >> 16)
        let hexadecimal = String(content.rawValue, radix: 16)
        let digest = String(repeating: "0", count: 16 - hexadecimal.count) + hexadecimal
        switch format {
        case .eml:
            let time = Date(timeIntervalSince1970: Double(milliseconds / 1000))
            stem = "\(time.formatted(Self.compact))-\(job)-\(digest)"
            name = stem + ".eml"
        case .maildir:
            let micros = String(milliseconds % 1000 * 1000)
            let padding = String(repeating: "0", count: 6 - micros.count)
            stem = "\(milliseconds / 1000).M\(padding)\(micros)J\(job)D\(digest)."
            name = stem + Self.escaped(host)
        }
    }

    private static let compact = Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted)

    /// Maildir's way with what a name may not hold.
    private static func escaped(_ host: String) -> String {
        let text = host.reduce(into: "") { text, character in
            switch character {
            case "/": text += "\\057"
            case ":": text += "\\072"
            default: text.append(character)
            }
        }
        return text.isEmpty ? "localhost" : text
    }

    static let machineName: String = {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }()
}
