import MailroomHTTP
import Synchronization

/// MailHog's HTTP API, versions 1 and 2, so that what was written for it works here.
struct MailHogRoutes: Sendable {
    let store: MessageStore
    let prefix: String
    let hostname: String
    let rules: RuleBook
    /// What Jim is like when he is invited without further words.
    let invitedJim: Jim
    /// What Jim was told to be like, which he is again when he is invited without further words.
    let toldJim = ToldJim()
    let release: Release
    /// Named in the header fields that let a browser's pages of that origin use the API; no such fields if empty.
    let corsOrigin: String
    /// Octets of JSON in one answer.
    let answerBytes: Int
    let feed: MailFeed
    /// Mails and lists of them are read on one queue, searches on another: they may take long.
    let reading = AnswerQueue("reading")
    let searching = AnswerQueue("searching")

    init(
        store: MessageStore, prefix: String, hostname: String, rules: RuleBook = RuleBook(),
        invitedJim: Jim = .defaults, release: Release, corsOrigin: String = "",
        answerBytes: Int = MailHogList.maximumBytes
    ) {
        self.store = store
        self.prefix = prefix
        self.hostname = hostname
        self.rules = rules
        self.invitedJim = invitedJim
        self.release = release
        self.corsOrigin = corsOrigin
        self.answerBytes = answerBytes
        feed = MailFeed(store: store, hostname: hostname, budget: answerBytes)
    }

    /// The two versions, which differ in what they let other origins do.
    private enum Version: String {
        case first = "/api/v1"
        case second = "/api/v2"

        var methods: String {
            switch self {
            case .first: "OPTIONS,GET,POST,DELETE"
            case .second: "OPTIONS,GET,PUT,POST,DELETE"
            }
        }
    }

    func add(to routes: inout HTTPRoutes) {
        addFirstVersion(to: &routes)
        addSecondVersion(to: &routes)
    }

    private func addFirstVersion(to routes: inout HTTPRoutes) {
        on(.first, "/messages", in: &routes, ["GET": { _ in all() }, "DELETE": { _ in removeAll() }])
        on(.first, "/messages/{id}", in: &routes, ["GET": { one($0) }, "DELETE": { remove($0) }])
        on(.first, "/messages/{id}/download", in: &routes, ["GET": { download($0) }])
        on(.first, "/messages/{id}/mime/part/{number}/download", in: &routes, ["GET": { downloadPart($0) }])
        on(.first, "/messages/{id}/release", in: &routes, ["POST": { release($0) }])
        on(.first, "/events", in: &routes, ["GET": { _ in events() }])
    }

    private func addSecondVersion(to routes: inout HTTPRoutes) {
        on(.second, "/messages", in: &routes, ["GET": { list($0) }])
        on(.second, "/search", in: &routes, ["GET": { search($0) }])
        on(
            .second, "/jim", in: &routes,
            [
                "GET": { _ in showJim() }, "POST": { inviteJim($0) }, "PUT": { changeJim($0) },
                "DELETE": { _ in sendJimHome() },
            ])
        on(.second, "/outgoing-smtp", in: &routes, ["GET": { _ in outgoingServers() }])
        routes.on("GET", "\(prefix)\(Version.second.rawValue)/websocket") { _ in webSocket() }
    }

    /// Adds a route for each method, and one for OPTIONS.
    private func on(
        _ version: Version, _ path: String, in routes: inout HTTPRoutes, _ answers: [String: HTTPRoutes.Answer]
    ) {
        let path = prefix + version.rawValue + path
        APIFields(origin: corsOrigin, methods: version.methods).on(path, in: &routes, answers)
        for method in Set(answers.keys).union(["OPTIONS"]) {
            routes.on(method, path + "/") { Self.withoutSlash($0) }
        }
    }

    /// Sends the client to the same path without its last slash.
    private static func withoutSlash(_ request: HTTPRequest) -> HTTPResponse {
        let sides = request.target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let place = sides[0].dropLast() + (sides.count > 1 ? "?" + sides[1] : "")
        var response = HTTPResponse(301, headers: ["Location": String(place)])
        if request.method == "GET", !place.hasSuffix("/") {
            response.headers["Content-Type"] = "text/html; charset=utf-8"
            var link = ""
            for character in place {
                switch character {
                case "&": link += "&amp;"
                case "<": link += "&lt;"
                case ">": link += "&gt;"
                case "\"": link += "&#34;"
                case "'": link += "&#39;"
                default: link.append(character)
                }
            }
            response.body = .bytes(Array("<a href=\"\(link)\">Moved Permanently</a>.\n\n".utf8))
        }
        return response
    }
}

/// What Jim was told last over the API. Any thread may use it.
final class ToldJim: Sendable {
    private let value = Mutex<Jim?>(nil)

    var jim: Jim? {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}
