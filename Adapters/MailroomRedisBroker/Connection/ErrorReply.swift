import Mailroom
import MailroomSockets

/// A server's error reply, and what is done about it.
struct ErrorReply {
    /// What is done about it.
    enum Reaction: Hashable {
        /// The server does not know the script: it is sent whole.
        case sendWhole
        /// The server is not the one to write to, or forgot who this is: another connection is made, the name looked up
        /// anew, and the call made again.
        case reconnect
        /// It passes: the call is made again after a pause.
        case pause
        /// The caller is told.
        case fail
    }

    let text: String
    /// The first word.
    private let code: String
    /// Whether it came out of a script that had begun.
    private let isWithinScript: Bool

    init(_ text: String) {
        self.text = text
        code = String(text.prefix { $0 != " " })
        isWithinScript = text.contains("script: ")
    }

    var reaction: Reaction {
        switch code {
        case "NOSCRIPT": .sendWhole
        case "READONLY", "NOAUTH": .reconnect
        case "LOADING", "BUSY", "MASTERDOWN", "CLUSTERDOWN", "NOREPLICAS", "TRYAGAIN": isWithinScript ? .fail : .pause
        default: .fail
        }
    }

    /// The error that the caller is told.
    func brokerError(_ server: String) -> BrokerError {
        let (code, advice) = meaning
        return BrokerError(
            code, "\(server): \(advice) (\(words))", mayHaveStored: !isRefusedBeforehand)
    }

    /// Whether the server certainly did nothing: what it looks at before it begins.
    var isRefusedBeforehand: Bool {
        switch code {
        case "NOAUTH", "WRONGPASS", "NOPERM", "OOM", "MISCONF", "LOADING", "READONLY", "BUSY", "MASTERDOWN",
            "CLUSTERDOWN",
            "NOREPLICAS", "TRYAGAIN", "MOVED", "ASK", "NOSCRIPT", "NOPROTO", "CROSSSLOT":
            !isWithinScript
        case "ERR": !isWithinScript && (isFull || text.contains("unknown command") || text.contains("Error compiling"))
        default: false
        }
    }

    private var isFull: Bool { text.contains("max number of clients") }

    /// The server's own words, cut short: they may hold a whole command.
    private var words: String { String(text.prefix(200)) }

    private var meaning: (BrokerError.Code, String) {
        switch code {
        case "NOAUTH": (.unavailable, "it wants a password: give one, as in redis://user:password@host")
        case "WRONGPASS": (.unavailable, "it does not take user and password: check them and the server's access list")
        case "NOPERM":
            (
                .unavailable,
                "its access list does not allow this user what the broker needs: grant +@all -@admin -@dangerous "
                    + "+info +role on the keys of the prefix"
            )
        case "OOM": (.full, "its memory is used up: settle or prune jobs, or raise maxmemory")
        case "MISCONF": (.unavailable, "it cannot write to its disk, and refuses changes until it can: see to the disk")
        case "LOADING": (.unavailable, "it was started and is still reading its data: try again in a while")
        case "READONLY":
            (.unavailable, "it is a replica, and no other server answers to this name: point the name to the primary")
        case "BUSY": (.unavailable, "it is busy with a script of somebody's: look for it, SCRIPT KILL ends it")
        case "MASTERDOWN": (.unavailable, "it is a replica that lost its primary: start that, or promote this one")
        case "CLUSTERDOWN": (.unavailable, "its cluster is down or does not serve this slot: see CLUSTER INFO")
        case "NOREPLICAS":
            (.unavailable, "it has fewer replicas than min-replicas-to-write demands: start them, or lower that")
        case "MOVED", "ASK": (.unavailable, "another server of its cluster keeps this prefix: name that server")
        case "WRONGTYPE":
            (.corrupt, "a key of the broker holds something else: choose another prefix, or remove what is there")
        case "NOGROUP":
            (.corrupt, "a consumer group is missing, though this broker uses none: check what stands between")
        case "NOPROTO": (.unsupported, "it does not speak RESP2: Redis 7 or Valkey is needed")
        case "ERR" where isFull: (.unavailable, "it takes no more connections: raise maxclients, or use fewer")
        case "ERR" where text.contains("unknown command") || text.contains("Error compiling"):
            (.unsupported, "it lacks what the broker needs: Redis 7 or Valkey")
        default: (.unavailable, "it answered with an error: its log may say more")
        }
    }
}

extension LinkFailure {
    /// Whether a call of which nothing was sent must be told so. Nothing can be stored by a connection that never was.
    func brokerError(_ server: String, mayHaveStored: Bool) -> BrokerError {
        switch self {
        case .unreachable(let error), .broken(let error):
            if error.code == .interrupted {
                return BrokerError(.cancelled, "\(server): the broker is shut down", mayHaveStored: mayHaveStored)
            }
            return BrokerError(.unavailable, "\(server): \(error.description)", mayHaveStored: mayHaveStored)
        case .refused(let text):
            let error = ErrorReply(text).brokerError(server)
            return BrokerError(error.code, error.reason, mayHaveStored: mayHaveStored)
        }
    }
}
