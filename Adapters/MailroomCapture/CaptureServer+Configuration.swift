import MailroomSockets

extension CaptureServer {
    /// Where to listen and how much to keep. The ports are MailHog's; 0 lets the system choose.
    public struct Configuration: Sendable {
        // MARK: Where to listen

        /// Where mail is accepted. Whoever can reach it can fill the room there is up to the limits.
        public var smtpHost = "127.0.0.1"
        /// 0 lets the system choose.
        public var smtpPort = 1025
        /// Where the page is shown. Whoever can reach it can read the mails.
        public var webHost = "127.0.0.1"
        /// 0 lets the system choose.
        public var webPort = 8025
        /// Where the API is, if not where the page is.
        public var apiHost: String?
        /// The API's port, if not the page's; 0 lets the system choose.
        public var apiPort: Int?
        /// A path before that of every page and API route, such as `/mail`.
        public var webPath = ""
        /// What the server calls itself in SMTP, in the ids of mails and in the Received field.
        public var hostname = "mailroom.example"
        /// Names beside `localhost` under which a browser may use the page.
        public var allowedHosts: [String] = []
        /// How many clients may be connected to SMTP at once; further ones are told to come later.
        public var maximumConnections = 10_000

        // MARK: Who is let in, and how

        /// The certificate that STARTTLS shows.
        public enum Encryption: Sendable, Hashable {
            /// STARTTLS is not offered.
            case none
            /// One that is made when it is needed, for ``Configuration/hostname`` and this machine, and signed by itself;
            /// see ``CaptureServer/certificatePEM``. Without OpenSSL on this machine STARTTLS is not offered.
            case selfSigned
            /// PEM files: the certificate with those that lead to its authority, and its key.
            case files(certificate: String, key: String)
        }

        /// The certificate that STARTTLS shows; none, unless given: clients that encrypt on their own where it is offered,
        /// and check the certificate, could not send to a server whose certificate signed itself.
        public var encryption = Encryption.none
        /// Whether MAIL is refused before STARTTLS.
        public var requiresTLS = false
        /// Whether MAIL is refused before AUTH. Any name and password will do.
        public var requiresLogin = false
        /// A file of lines `name:hash` with bcrypt hashes: only these may use page and API. Everybody may unless given.
        public var loginFile: String?
        /// An origin, such as `http://localhost:3000`, whose pages may use the API in a browser (CORS), or `*`, which
        /// where logins are required lets them read only: browsers add logins that they remember.
        public var corsOrigin = ""

        // MARK: How to misbehave

        /// How the server misbehaves, the first rule that applies deciding.
        public var rules: [CaptureRule] = []
        /// What the rules' chances are drawn from, so that a run can be repeated; random unless given.
        public var seed: UInt64?
        /// MailHog's monkey, if he is there from the beginning.
        package var jim: Jim?
        /// What he is like when he is invited later.
        package var invitedJim = Jim.defaults

        // MARK: Releasing

        /// Makes a transport to release captured mails to real servers by; nothing can be released unless given.
        ///
        ///     configuration.release = { target in .smtp(target.host, port: target.port) }
        public var release: ReleaseTransportMaker?
        /// A JSON file of servers to release to, as MailHog has it.
        public var outgoingServersFile: String?

        // MARK: What to keep

        /// A folder to keep mails in as a Maildir, which is made where it is missing; mails there are taken over. They
        /// are kept in memory unless given.
        public var maildir: String?
        /// Beyond so many mails the oldest are dropped.
        public var maximumCount = 10_000
        /// Beyond so many octets of memory, for mails and what searches need, the oldest are dropped.
        public var maximumMemory = 256 << 20
        /// Beyond so many octets on the disk, in all, the oldest are dropped.
        public var maximumDisk = 4 << 30
        /// A larger mail is refused.
        public var maximumMessageBytes = 64 << 20
        /// A larger mail is kept on the disk, in a file without a name that is gone with the process.
        public var largeMessageBytes = 256 << 10
        /// The folder for that file, `TMPDIR` or `/tmp` unless given.
        public var spillFolder: String?
        /// Called with every mail on the server's thread, before the client is answered; so brief.
        public var onMessage: (@Sendable (CapturedMessage) -> Void)?

        /// MailHog's ports on this machine only.
        public init() {}

        var normalizedWebPath: String {
            let segments = webPath.split(separator: "/")
            return segments.isEmpty ? "" : "/" + segments.joined(separator: "/")
        }

        /// Whether the API has a listener of its own.
        var separatesAPI: Bool {
            (apiHost ?? webHost) != webHost || (apiPort ?? webPort) != webPort
        }

        var storeLimits: MessageStore.Limits {
            var limits = MessageStore.Limits()
            limits.count = maximumCount
            limits.memoryBytes = maximumMemory
            limits.diskBytes = maximumDisk
            limits.spillThreshold = largeMessageBytes
            limits.spillFolder = spillFolder ?? temporaryFolder
            return limits
        }
    }
}
