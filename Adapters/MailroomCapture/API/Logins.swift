import Dispatch
import Mailroom
import MailroomHTTP
import MailroomLibraries
import Synchronization

/// Who may use the web: names and the bcrypt hashes of their passwords, as a file of MailHog's has them. Any thread may
/// use it.
final class Logins: Sendable {
    /// More right passwords than this are not remembered: several may have the same hash.
    private static let maximumRemembered = 1000

    private let hashes: [String: String]
    private let key: [UInt8]
    /// Digests of what was found right, so that not every request costs what bcrypt costs.
    private let remembered = Mutex<Set<SHA256Digest>>([])
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
        var generator = SystemRandomNumberGenerator()
        key = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    convenience init(file path: String) throws(CaptureError) {
        let bytes = try ConfigurationFile.read(path, of: "logins")
        try self.init(lines: String(decoding: bytes, as: UTF8.self))
    }

    /// Asks for a login as MailHog does: without a realm.
    var authentication: HTTPBasicAuthentication {
        HTTPBasicAuthentication(challenge: "Basic") { [self] credentials, decide in
            check(user: credentials.user, password: credentials.password, then: decide)
        }
    }

    /// Decides at once on what was right before, else on another thread, so that wrong passwords hold up nobody but each
    /// other.
    func check(user: String, password: String, then decide: @escaping @Sendable (Bool) -> Void) {
        let digest = digest(of: user, password)
        if remembered.withLock({ $0.contains(digest) }) { return decide(true) }
        queue.async { [self] in
            // For an unknown name the same work is done, so that the time does not tell.
            let hash = hashes[user] ?? hashes.values.first ?? ""
            let isRight = ((try? PasswordHash.verify(password, against: hash)) ?? false) && hashes[user] != nil
            if isRight {
                remembered.withLock { remembered in
                    if remembered.count < Self.maximumRemembered { remembered.insert(digest) }
                }
            }
            decide(isRight)
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
