import Dispatch
import Mailroom
import MailroomHTTP
import MailroomLibraries
import Synchronization

/// Who may use the web: names and the bcrypt hashes of their passwords, as a file of MailHog's has them. Any thread may
/// use it.
///
/// One password is checked after the other on a queue of their own, since bcrypt is slow by design. What was right once
/// is let in at once ever after. Equal logins that come at the same time are checked once. So few different ones may
/// wait that a right one is never long behind wrong ones: further ones are told to try again, and those whose client is
/// gone are left out.
final class Logins: Sendable {
    typealias Verdict = HTTPBasicAuthentication.Verdict

    /// More right passwords than this are not remembered: several may have the same hash.
    private static let maximumRemembered = 1000
    /// Different logins that may wait, in all and from one address.
    static let maximumWaiting = 16
    static let maximumWaitingOfOneAddress = 2

    fileprivate struct Waiting {
        let digest: SHA256Digest
        let user: String
        let password: String
        /// Where the first that asked is.
        let address: String
        var deciders: [Int: @Sendable (Verdict) -> Void]
    }

    fileprivate struct State {
        /// The first is being checked.
        var waiting: [Waiting] = []
        var isChecking = false
        var nextToken = 0
        /// Digests of what was found right.
        var remembered: Set<SHA256Digest> = []
    }

    private let hashes: [String: String]
    /// Against it unknown names are checked, so that the time does not tell that they are.
    private let slowestHash: String
    private let key: [UInt8]
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "mailroom.capture.logins")

    /// The lines of a file: `user:hash`. Throws for a line of another form, and where bcrypt is not to be had.
    init(lines: String) throws(CaptureError) {
        var hashes: [String: String] = [:]
        for (number, line) in lines.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = line.drop { $0 == " " || $0 == "\t" }
            if line.isEmpty { continue }
            let sides = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let hash = sides.count == 2 ? String(sides[1].prefix { $0 != " " && $0 != "\t" }) : ""
            guard PasswordHash.isHash(hash) else {
                throw CaptureError(
                    code: .misconfigured,
                    description: "Line \(number + 1) of the file of logins is not a name, a colon and a bcrypt hash, "
                        + "such as \"mailroom capture bcrypt\" makes.")
            }
            hashes[String(sides[0])] = hash
        }
        guard !hashes.isEmpty else {
            throw CaptureError(
                code: .misconfigured, description: "The file of logins is empty: nobody could log in. Add a line.")
        }
        do throws(LibraryError) {
            try PasswordHash.requireLibrary()
        } catch {
            throw CaptureError(code: .misconfigured, description: "Passwords cannot be checked. \(error)")
        }
        self.hashes = hashes
        // "$2b$10$…": the cost is the number behind the kind.
        slowestHash = hashes.values.max { $0.dropFirst(4).prefix(2) < $1.dropFirst(4).prefix(2) } ?? ""
        var generator = SystemRandomNumberGenerator()
        key = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    convenience init(file path: String) throws(CaptureError) {
        let bytes = try ConfigurationFile.read(path, of: "logins")
        try self.init(lines: String(decoding: bytes, as: UTF8.self))
    }

    /// Asks for a login as MailHog does: without a realm.
    var authentication: HTTPBasicAuthentication {
        HTTPBasicAuthentication(challenge: "Basic") { [self] attempt in
            let (user, password) = (attempt.credentials.user, attempt.credentials.password)
            let token = check(user: user, password: password, from: attempt.remoteAddress) { attempt.decide($0) }
            if let token { attempt.onEnd { [weak self] in self?.giveUp(token) } }
        }
    }

    /// Decides at once on what was right before, else on another thread.
    /// - Returns: what to give it up by; nil where it is decided.
    @discardableResult
    func check(
        user: String, password: String, from address: String = "", then decide: @escaping @Sendable (Verdict) -> Void
    ) -> Int? {
        let digest = digest(of: user, password)
        let (token, verdict, begins) = state.withLock { state -> (Int?, Verdict?, Bool) in
            if state.remembered.contains(digest) { return (nil, .right, false) }
            state.nextToken += 1
            let token = state.nextToken
            if let place = state.waiting.firstIndex(where: { $0.digest == digest }) {
                state.waiting[place].deciders[token] = decide
                return (token, nil, false)
            }
            guard state.waiting.count < Self.maximumWaiting,
                state.waiting.count(where: { $0.address == address }) < Self.maximumWaitingOfOneAddress
            else { return (nil, .busy(retryAfter: 1), false) }
            state.waiting.append(
                Waiting(digest: digest, user: user, password: password, address: address, deciders: [token: decide]))
            defer { state.isChecking = true }
            return (token, nil, !state.isChecking)
        }
        if let verdict { decide(verdict) }
        if begins { queue.async { [self] in checkWaiting() } }
        return token
    }

    /// Nobody waits for that decision any more.
    func giveUp(_ token: Int) {
        state.withLock { state in
            guard let place = state.waiting.firstIndex(where: { $0.deciders[token] != nil }) else { return }
            state.waiting[place].deciders[token] = nil
            // The first is being checked, and stays until it is.
            if place > 0, state.waiting[place].deciders.isEmpty { state.waiting.remove(at: place) }
        }
    }

    /// How many different logins wait or are being checked.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    private func checkWaiting() {
        while let next = state.withLock({ $0.nextWaiting() }) {
            let known = hashes[next.user]
            let isRight =
                ((try? PasswordHash.verify(next.password, against: known ?? slowestHash)) ?? false) && known != nil
            let deciders = state.withLock { state in
                if isRight, state.remembered.count < Self.maximumRemembered { state.remembered.insert(next.digest) }
                return state.waiting.removeFirst().deciders
            }
            for decide in deciders.values { decide(isRight ? .right : .wrong) }
        }
    }

    private func digest(of user: String, _ password: String) -> SHA256Digest {
        var bytes = key
        bytes.append(contentsOf: String(user.utf8.count).utf8)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(contentsOf: user.utf8)
        bytes.append(contentsOf: password.utf8)
        return SHA256Digest(of: bytes)
    }
}

extension Logins.State {
    fileprivate mutating func nextWaiting() -> Logins.Waiting? {
        isChecking = !waiting.isEmpty
        return waiting.first
    }
}
