/// The name of a file in a Maildir: what is unique, and in `cur` flags after `:2,`.
struct MaildirName {
    /// What stays the same wherever the file is moved to.
    let stem: String
    /// What the mail's readers noted, a letter each.
    let flags: String

    /// - Parameter path: the name, with or without the folders that it is in.
    init(_ path: String) {
        let name = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path[path.utf8.index(after: $0)...] } ?? path[...]
        let sides = name.split(separator: ":2,", maxSplits: 1, omittingEmptySubsequences: false)
        stem = String(sides[0])
        flags = sides.count == 2 ? String(sides[1]) : ""
    }

    /// Whether somebody has looked at the mail.
    var isSeen: Bool { flags.contains("S") }

    /// The name once somebody has looked at the mail: with `S` among the flags, which stand in the order of ASCII.
    var seen: String { "\(stem):2,\(String(Set(flags + "S").sorted()))" }

    /// The unique part of a name: the time since 1970, the process, a number, and the host, which may have no slash and
    /// no colon.
    static func unique(at time: Duration, process: Int32, number: Int, host: String) -> String {
        let (seconds, attoseconds) = time.components
        return "\(seconds).M\(attoseconds / 1_000_000_000_000)P\(process)Q\(number).\(host)"
    }

    /// Whether a name may be one of ``unique(at:process:number:host:)``.
    static func isUnique(_ name: String, host: String) -> Bool {
        guard name.hasSuffix(".\(host)") else { return false }
        let front = name.dropLast(host.count + 1)
        return front.first?.isNumber == true && front.filter { !$0.isNumber } == ".MPQ"
    }
}
