/// What INFO says.
struct ServerFacts {
    private var facts: [Substring: Substring] = [:]

    init(_ text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { facts[parts[0]] = parts[1] }
        }
    }

    subscript(name: String) -> String? { facts[Substring(name)].map(String.init) }

    /// Name and version.
    var server: String? {
        if let version = self["valkey_version"] { return "Valkey \(version)" }
        return self["redis_version"].map { "Redis \($0)" }
    }

    var isTooOld: Bool {
        guard let version = self["redis_version"], let major = version.split(separator: ".").first.flatMap({ Int($0) })
        else { return false }
        return major < 7
    }

    /// What a loss of power costs.
    func persistence(appendOnly: String?, sync: String?, snapshots: String?) -> String {
        switch appendOnly {
        case "yes", "1":
            switch sync {
            case "always": "appendonly yes, appendfsync always: what was acknowledged is on the server's disk"
            case "everysec":
                "appendonly yes, appendfsync everysec: a crash loses about the latest second, acknowledged or not"
            case "no":
                "warning: appendonly yes, appendfsync no: a loss of power loses what the system had not written, often "
                    + "30 seconds; set appendfsync to everysec or always"
            default: "appendonly yes; how often it is synced could not be read: see appendfsync"
            }
        case "no", "0":
            snapshots == ""
                ? "warning: none: all jobs are lost when the server ends; set appendonly yes"
                : "warning: snapshots alone: a crash loses everything since the latest one; set appendonly yes"
        default: "could not be read: see appendonly and appendfsync in the server's configuration"
        }
    }
}
