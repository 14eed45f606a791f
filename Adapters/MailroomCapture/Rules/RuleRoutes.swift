import Foundation
import MailroomHTTP

/// The rules over HTTP: read, replaced, added to and taken away while the server runs.
struct RuleRoutes: Sendable {
    /// More rules than this are not taken over HTTP.
    static let maximumCount = 1000

    let book: RuleBook
    let prefix: String
    /// Whose pages may use this in a browser, as the rest of the API; nobody's if empty.
    var corsOrigin = ""

    private struct Listing: Encodable {
        struct Line: Encodable {
            let number: Int
            let rule: RuleJSON
            let text: String
            /// How many events met the conditions, but for those that count.
            let met: Int
            /// How often the rule decided.
            let hits: Int
        }

        let seed: UInt64
        let rules: [Line]
    }

    func add(to routes: inout HTTPRoutes) {
        let path = "\(prefix)/api/rules"
        let fields = APIFields(origin: corsOrigin, methods: "GET,POST,PUT,DELETE,OPTIONS")
        fields.on(
            path, in: &routes,
            ["GET": { _ in list() }, "PUT": { replace($0) }, "POST": { append($0) }, "DELETE": { _ in removeAll() }])
        fields.on("\(path)/{number}", in: &routes, ["DELETE": { remove($0) }])
    }

    private func replace(_ request: HTTPRequest) -> HTTPResponse {
        change(request) { given throws(CaptureRuleError) in
            var seed = given.seed
            if let text = request.queryValue("seed") {
                guard let number = UInt64(text) else {
                    throw CaptureRuleError("seed=\(text) is not a whole number from 0 on.")
                }
                seed = number
            }
            try Self.requireRoom(for: given.rules.count)
            book.replace(given.rules, seed: seed)
        }
    }

    private func append(_ request: HTTPRequest) -> HTTPResponse {
        change(request, status: 201) { given throws(CaptureRuleError) in
            guard !given.rules.isEmpty else { throw CaptureRuleError("The body holds no rule.") }
            guard given.seed == nil else { throw CaptureRuleError("The seed is set by PUT, with all rules.") }
            try Self.requireRoom(for: book.entries.count + given.rules.count)
            for rule in given.rules { _ = book.append(rule) }
        }
    }

    private func removeAll() -> HTTPResponse {
        book.replace([], seed: nil)
        return list()
    }

    private func remove(_ request: HTTPRequest) -> HTTPResponse {
        guard let number = request.pathParameters["number"].flatMap({ Int($0) }), book.remove(number) else {
            return HTTPResponse(404, text: "There is no rule with that number.\n")
        }
        return list()
    }

    static func requireRoom(for count: Int) throws(CaptureRuleError) {
        guard count <= maximumCount else {
            throw CaptureRuleError(
                "That would be \(count) rules; \(maximumCount) are the limit. Take some out, or give fewer.")
        }
    }

    private func list(status: Int = 200) -> HTTPResponse {
        let lines = book.entries.enumerated().map { index, entry in
            Listing.Line(
                number: index + 1, rule: RuleJSON(entry.rule), text: entry.rule.description, met: entry.met,
                hits: entry.hits)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        guard let body = try? encoder.encode(Listing(seed: book.seed, rules: lines)) else { return HTTPResponse(500) }
        return HTTPResponse(status, type: "application/json", body: Array(body) + [10])
    }

    private func change(
        _ request: HTTPRequest, status: Int = 200, _ body: (RuleRequest) throws(CaptureRuleError) -> Void
    ) -> HTTPResponse {
        do throws(CaptureRuleError) {
            try body(RuleRequest(request.body))
            return list(status: status)
        } catch {
            return HTTPResponse(400, text: "\(error)\n")
        }
    }
}
