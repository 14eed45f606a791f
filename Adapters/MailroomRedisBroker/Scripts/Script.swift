import MailroomLibraries

/// A script that the server runs as one step: what it does is done wholly, and nothing comes between.
struct Script: Sendable {
    /// What the server lets it do, and when; checked before the script begins.
    enum Permission: String {
        /// Refused where memory is used up, on a replica, and where the disk cannot be written.
        case writes = ""
        /// Runs where memory is used up, too: settling makes room.
        case writesWithoutMemory = " flags=allow-oom"
        /// Runs on a replica, too.
        case reads = " flags=no-writes"
    }

    let name: String
    let source: String
    /// The start of `EVALSHA` and of `EVAL`, up to the count of keys.
    let hashed: [UInt8]
    let whole: [UInt8]

    init(_ name: String, _ permission: Permission, _ parts: String...) {
        self.name = name
        // A first line of this form has the server check everything that could refuse a write before it begins.
        source = "#!lua\(permission.rawValue)\n" + parts.joined(separator: "\n")
        var writer = RESPWriter()
        writer.write("EVALSHA")
        writer.write(SHA1Digest.hexadecimal(of: source))
        hashed = writer.bytes
        writer = RESPWriter()
        writer.write("EVAL")
        writer.write(source)
        whole = writer.bytes
    }
}

/// The scripts. All of them take the prefix of all keys as their only key, the caller's time and uptime as first and second
/// argument (no uptime: the server's time counts), and what else they say.
enum Scripts {
    static let enqueue = Script("enqueue", .writes, ScriptParts.base, ScriptParts.events, ScriptParts.enqueue)
    static let lease = Script(
        "lease", .writesWithoutMemory, ScriptParts.base, ScriptParts.events, ScriptParts.jobs, ScriptParts.finish,
        ScriptParts.worker, ScriptParts.lease)
    static let extend = Script(
        "extend", .writesWithoutMemory, ScriptParts.base, ScriptParts.worker, ScriptParts.extend)
    static let settle = Script(
        "settle", .writesWithoutMemory, ScriptParts.base, ScriptParts.events, ScriptParts.jobs, ScriptParts.finish,
        ScriptParts.worker, ScriptParts.settle)
    static let act = Script(
        "act", .writesWithoutMemory, ScriptParts.base, ScriptParts.events, ScriptParts.jobs, ScriptParts.finish,
        ScriptParts.act)
    static let prune = Script(
        "prune", .writesWithoutMemory, ScriptParts.base, ScriptParts.events, ScriptParts.jobs, ScriptParts.prune)
    static let erase = Script(
        "erase", .writesWithoutMemory, ScriptParts.base, ScriptParts.events, ScriptParts.jobs, ScriptParts.erase)
    static let find = Script("find", .reads, ScriptParts.base, ScriptParts.find)
    static let records = Script("records", .reads, ScriptParts.base, ScriptParts.records)
    static let counts = Script("counts", .reads, ScriptParts.base, ScriptParts.counts)
    static let leased = Script("leased", .reads, ScriptParts.base, ScriptParts.leased)
    static let feed = Script("feed", .reads, ScriptParts.base, ScriptParts.feed)
}

/// What scripts are put together from.
enum ScriptParts {}
