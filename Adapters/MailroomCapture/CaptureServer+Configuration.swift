import MailroomSockets

extension CaptureServer {
    /// Where to listen and how much to keep. The ports are MailHog's; 0 lets the system choose.
    public struct Configuration: Sendable {
        /// Where mail is accepted. Whoever can reach it can fill the memory up to the limits.
        public var smtpHost = "127.0.0.1"
        /// 0 lets the system choose.
        public var smtpPort = 1025
        /// Where the page is shown. Whoever can reach it can read the mails.
        public var webHost = "127.0.0.1"
        /// 0 lets the system choose.
        public var webPort = 8025
        /// A path before that of every page and API route, such as `/mail`.
        public var webPath = ""
        /// What the server calls itself in SMTP, in the ids of mails and in the Received field.
        public var hostname = "mailroom.example"
        /// Names beside `localhost` under which a browser may use the page.
        public var allowedHosts: [String] = []
        /// Beyond so many mails the oldest are dropped.
        public var maximumCount = 10_000
        /// Beyond so many octets in all the oldest mails are dropped.
        public var maximumBytes = 512 << 20
        /// A larger mail is refused.
        public var maximumMessageBytes = 64 << 20
        /// Called with every mail on the server's thread, before the client is answered; so brief.
        public var onMessage: (@Sendable (CapturedMessage) -> Void)?

        /// MailHog's ports on this machine only.
        public init() {}

        var normalizedWebPath: String {
            let segments = webPath.split(separator: "/")
            return segments.isEmpty ? "" : "/" + segments.joined(separator: "/")
        }

        /// Whether nobody but this machine can reach the page.
        var isWebHostLoopback: Bool { isLoopback(host: webHost) }
    }
}
