#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A call that a simulated process made.
package struct RecordedCall: Sendable, CustomStringConvertible {
    package enum Kind: String, CaseIterable, Sendable {
        case open, close, read, write, size, truncate, allocate, sync, lock, map
        case makeFolder, remove, rename, link, access, isFolder, modified, names
    }

    /// Its place among all calls of the disk, from 0.
    package let number: Int
    /// Which process made it, by the order in which they were made.
    package let process: Int
    package let kind: Kind
    /// The path that was named, or of the open file.
    package let path: String
    /// The second path of a link or renaming.
    package let other: String?
    /// Of the open file; never given to a second one. -1 for a call on a name.
    package let descriptor: Int32
    package let offset: Int
    package let count: Int
    /// What it answered; `nil` while it waits, and where the process did not live to see it.
    package internal(set) var answer: Int?

    init(
        _ number: Int, _ process: Int, _ kind: Kind, _ path: String, _ other: String?, _ descriptor: Int32 = -1,
        _ offset: Int = 0, _ count: Int = 0
    ) {
        self.number = number
        self.process = process
        self.kind = kind
        self.path = path
        self.other = other
        self.descriptor = descriptor
        self.offset = offset
        self.count = count
    }

    package var description: String {
        var text = "call \(number) of process \(process): \(kind.rawValue) \(path)"
        if let other { text += " as \(other)" }
        if count > 0 { text += " (\(count) bytes at \(offset))" }
        switch answer {
        case .some(let answer) where answer < 0: text += " → \(String(cString: strerror(Int32(-answer))))"
        case .some(let answer): text += " → \(answer)"
        case nil: text += " → no answer"
        }
        return text
    }
}
