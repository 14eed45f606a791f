/// An adapter whose connection can be tried without sending or changing anything.
public protocol ConnectionChecking: Adapter {
    /// Tries the connection until `deadline` at the latest. One answer for each thing that was tried: an adapter made
    /// of others answers for all of them.
    func checkConnection(until deadline: ContinuousClock.Instant) async -> [ConnectionCheck]
}

/// What trying a connection brought to light.
public struct ConnectionCheck: Hashable, Sendable {
    /// One thing found out, such as `TLS` and `TLSv1.3, TLS_AES_256_GCM_SHA384`.
    public struct Finding: Hashable, Sendable {
        /// What it is about, in a word or two.
        public var name: String
        /// What was found. Never holds a credential.
        public var value: String

        /// A finding.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// What was tried, such as `smtp://mail.example.org:587`.
    public var subject: String
    /// What was found, in the order of finding out.
    public var findings: [Finding]
    /// Why it does not work and what to do; `nil` where it does.
    public var problem: String?
    /// What was said on the connection, line by line, credentials masked; empty where nothing is.
    public var dialogue: [String] = []

    /// A check's answer.
    public init(_ subject: String, findings: [Finding] = [], problem: String? = nil) {
        self.subject = subject
        self.findings = findings
        self.problem = problem
    }
}
