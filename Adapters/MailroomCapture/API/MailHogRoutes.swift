import MailroomHTTP

/// MailHog's HTTP API, versions 1 and 2, so that what was written for it works here.
struct MailHogRoutes {
    let store: MessageStore
    let prefix: String
    let hostname: String

    func add(to routes: inout HTTPRoutes) {
        let first = prefix + "/api/v1"
        let second = prefix + "/api/v2"
        routes.on("GET", "\(first)/messages") { _ in all() }
        routes.on("DELETE", "\(first)/messages") { _ in
            store.removeAll()
            return HTTPResponse(type: "text/json")
        }
        routes.on("GET", "\(first)/messages/") { _ in
            HTTPResponse(301, headers: ["Location": "\(first)/messages"])
        }
        routes.on("GET", "\(first)/messages/{id}") { one($0) }
        routes.on("DELETE", "\(first)/messages/{id}") { request in
            HTTPResponse(store.remove(request.pathParameters["id"] ?? "") ? 200 : 500, type: "text/json")
        }
        routes.on("GET", "\(first)/messages/{id}/download") { download($0) }
        routes.on("GET", "\(first)/messages/{id}/mime/part/{number}/download") { downloadPart($0) }
        routes.on("GET", "\(first)/events") { _ in events() }
        routes.on("GET", "\(second)/messages") { list($0) }
        routes.on("GET", "\(second)/search") { search($0) }
        for path in [
            "\(first)/messages", "\(first)/messages/{id}", "\(first)/messages/{id}/download",
            "\(first)/messages/{id}/mime/part/{number}/download", "\(first)/events", "\(second)/messages",
            "\(second)/search",
        ] {
            routes.on("OPTIONS", path) { _ in HTTPResponse() }
        }
    }

    // MARK: Version 1

    private func all() -> HTTPResponse {
        var json = JSONWriter()
        json.beginArray()
        for entry in store.newest(from: 0, limit: 1000).entries { view(entry).write(to: &json) }
        json.endArray()
        return HTTPResponse(type: "text/json", body: json.bytes)
    }

    /// A mail, or the word `null`, on which clients rely.
    private func one(_ request: HTTPRequest) -> HTTPResponse {
        var json = JSONWriter()
        if let entry = store[request.pathParameters["id"] ?? ""] {
            view(entry).write(to: &json)
        } else {
            json.null()
        }
        return HTTPResponse(type: "text/json", body: json.bytes)
    }

    private func download(_ request: HTTPRequest) -> HTTPResponse {
        guard let entry = store[request.pathParameters["id"] ?? ""] else { return Self.missing }
        return HTTPResponse(
            type: "message/rfc822",
            headers: ["Content-Disposition": "attachment; filename=\"\(entry.message.id).eml\""],
            body: view(entry).file())
    }

    private func downloadPart(_ request: HTTPRequest) -> HTTPResponse {
        let id = request.pathParameters["id"] ?? ""
        let number = request.pathParameters["number"].flatMap { Int($0) } ?? 0
        guard let entry = store[id], let parts = view(entry).content.parts, parts.indices.contains(number) else {
            return Self.missing
        }
        let part = parts[number]
        var response = HTTPResponse(body: part.decodedBody)
        response.headers["Content-Disposition"] = "attachment; filename=\"\(id)-part-\(number)\""
        for name in part.headers.keys.sorted() where Self.isSafe(name) {
            response.headers[name] = part.headers[name]?.last.map { String(decoding: $0, as: UTF8.self) }
        }
        // The type is the mail's to choose, so a browser may not act on it.
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response
    }

    private func events() -> HTTPResponse {
        let hostname = hostname
        return HTTPResponse(
            events: HTTPEvents(keepAlive: .seconds(60), keepAliveLine: "keepalive: ") { stream in
                let token = store.listen { change in
                    guard case .added(let message) = change else { return }
                    var json = JSONWriter()
                    MailHogMessage(message, hostname: hostname).write(to: &json)
                    stream.send(lines: JSONWriter.indented(json.bytes))
                }
                stream.onEnd { store.stopListening(token) }
            })
    }

    // MARK: Version 2

    private func list(_ request: HTTPRequest) -> HTTPResponse {
        let (start, limit) = Self.range(request)
        let (entries, total) = store.newest(from: start, limit: limit)
        return HTTPResponse(type: "text/json", body: answer(entries, start: start, total: total))
    }

    private func search(_ request: HTTPRequest) -> HTTPResponse {
        guard let text = request.queryValue("query"), !text.isEmpty else { return HTTPResponse(400) }
        let search = ByteSearch(text)
        let matches: (MessageStore.Entry) -> Bool
        switch request.queryValue("kind") {
        case "from":
            matches = { search.isFound(in: $0.message.reversePath ?? "") || view($0).contains(search, in: "From") }
        case "to":
            matches = {
                $0.message.recipients.contains { search.isFound(in: $0) } || view($0).contains(search, in: "To")
            }
        case "containing":
            matches = { view($0).contains(search) }
        default: return HTTPResponse(400)
        }
        let found = store.entries.reversed().filter(matches)
        let (start, limit) = Self.range(request)
        return HTTPResponse(
            type: "application/json",
            body: answer(Array(found.dropFirst(start).prefix(limit)), start: start, total: found.count))
    }

    private func answer(_ entries: [MessageStore.Entry], start: Int, total: Int) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("total")
        json.number(total)
        json.key("count")
        json.number(entries.count)
        json.key("start")
        json.number(start)
        json.key("items")
        json.beginArray()
        for entry in entries { view(entry).write(to: &json) }
        json.endArray()
        json.endObject()
        return json.bytes
    }

    private func view(_ entry: MessageStore.Entry) -> MailHogMessage {
        MailHogMessage(entry.message, hostname: hostname)
    }

    private static let missing = HTTPResponse(404, text: "404 page not found\n")

    private static func range(_ request: HTTPRequest) -> (start: Int, limit: Int) {
        let start = request.queryValue("start").flatMap { Int($0) } ?? 0
        let limit = request.queryValue("limit").flatMap { Int($0) } ?? 50
        return (max(0, start), limit > 0 ? min(limit, 250) : 50)
    }

    /// Whether a part's field may become one of the answer's: those that frame the answer may not.
    private static func isSafe(_ name: String) -> Bool {
        let framing = [
            "content-length", "transfer-encoding", "connection", "date", "set-cookie", "content-security-policy",
        ]
        return !name.isEmpty && !framing.contains(name.lowercased())
            && name.utf8.allSatisfy {
                $0 == 45 || (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
            }
    }
}
