/// The exit statuses of sysexits.h that programs with sendmail's command line use.
enum SystemExit: Int32, CaseIterable {
    case usage = 64
    case dataError = 65
    case noInput = 66
    case noUser = 67
    case noHost = 68
    case unavailable = 69
    case software = 70
    case osError = 71
    case osFile = 72
    case cannotCreate = 73
    case ioError = 74
    case temporaryFailure = 75
    case protocolError = 76
    case noPermission = 77
    case configuration = 78

    /// Refused for good: what the program says about this message or this recipient. All else may be different next
    /// time. EX_UNAVAILABLE is not among them, because msmtp says it when a server answers 4xx.
    var isRefusal: Bool { [.dataError, .noUser, .noHost].contains(self) }

    /// How the program was called or set up is at fault, so the next recipient would fare no better.
    var isMistake: Bool { [.usage, .osFile, .noPermission, .configuration].contains(self) }

    var name: String {
        switch self {
        case .usage: "EX_USAGE"
        case .dataError: "EX_DATAERR"
        case .noInput: "EX_NOINPUT"
        case .noUser: "EX_NOUSER"
        case .noHost: "EX_NOHOST"
        case .unavailable: "EX_UNAVAILABLE"
        case .software: "EX_SOFTWARE"
        case .osError: "EX_OSERR"
        case .osFile: "EX_OSFILE"
        case .cannotCreate: "EX_CANTCREAT"
        case .ioError: "EX_IOERR"
        case .temporaryFailure: "EX_TEMPFAIL"
        case .protocolError: "EX_PROTOCOL"
        case .noPermission: "EX_NOPERM"
        case .configuration: "EX_CONFIG"
        }
    }

    /// As RFC 3463 would say it.
    var enhancedStatus: String {
        switch self {
        case .dataError: "5.6.0"
        case .noUser: "5.1.1"
        case .noHost: "5.1.2"
        case .usage, .noPermission, .configuration: "4.3.5"
        case .cannotCreate, .ioError: "4.3.1"
        case .protocolError: "4.5.0"
        default: "4.3.0"
        }
    }

    /// What to do about it, for a person.
    var advice: String {
        switch self {
        case .usage: "it does not know an argument; correct the transport's extra arguments"
        case .configuration: "its own configuration is wrong; correct it"
        case .noPermission: "it refused the login or this user; correct its credentials or whom it lets send"
        case .osFile: "a file of the system that it needs is missing; see what it wrote"
        case .cannotCreate: "it could not write; see whether its disk is full and its queue writable"
        case .ioError: "it could not read or write; see whether its files are there and its disk has room"
        case .noInput: "it could not read its input; see what it wrote"
        default: "it may do so later; see what it wrote"
        }
    }
}
