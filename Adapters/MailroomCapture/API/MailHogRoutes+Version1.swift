import MailroomHTTP

extension MailHogRoutes {
    /// All mails, in one array, newest first.
    func all() -> HTTPResponse {
        var json = JSONWriter()
        json.beginArray()
        for entry in Self.fitting(store.newest(from: 0, limit: 1000).entries) { view(entry).write(to: &json) }
        json.endArray()
        return HTTPResponse(type: "text/json", body: json.bytes)
    }

    func removeAll() -> HTTPResponse {
        store.removeAll()
        return HTTPResponse(type: "text/json")
    }

    /// A mail, or the word `null`, on which clients rely.
    func one(_ request: HTTPRequest) -> HTTPResponse {
        var json = JSONWriter()
        if let entry = entry(request) { view(entry).write(to: &json) } else { json.null() }
        return HTTPResponse(type: "text/json", body: json.bytes)
    }

    func remove(_ request: HTTPRequest) -> HTTPResponse {
        HTTPResponse(store.remove(request.pathParameters["id"] ?? "") ? 200 : 500, type: "text/json")
    }

    func download(_ request: HTTPRequest) -> HTTPResponse {
        guard let entry = entry(request) else { return Self.missing }
        return HTTPResponse(
            type: "message/rfc822",
            headers: ["Content-Disposition": "attachment; filename=\"\(entry.message.id).eml\""],
            body: MailHogMessage(entry.message, hostname: hostname, splits: false).file())
    }

    func downloadPart(_ request: HTTPRequest) -> HTTPResponse {
        let text = request.pathParameters["number"] ?? ""
        let number = Int(text) ?? 0
        guard let entry = entry(request), let parts = view(entry).content.parts, parts.indices.contains(number) else {
            return Self.missing
        }
        let name = "\(entry.message.id)-part-\(text)"
        return parts[number].download(named: String(name.map { $0 == "\"" || $0 == "\\" ? "_" : $0 }))
    }

    /// An event for each mail, as indented JSON.
    func events() -> HTTPResponse {
        let (store, hostname) = (store, hostname)
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

    // MARK: Release

    /// Hands a mail to a server that the request describes or names.
    func release(_ request: HTTPRequest) -> HTTPResponse {
        let server: OutgoingServer
        do throws(MalformedJSON) {
            server = try OutgoingServer(try JSONReader.firstValue(of: request.body))
        } catch {
            return HTTPResponse(500, type: "text/json", body: Array("Error decoding request body".utf8))
        }
        guard let entry = entry(request) else { return Self.missing }
        let way: Release.Way
        do throws(Release.Refusal) {
            way = try release.way(to: server)
        } catch .notOffered {
            return HTTPResponse(501, text: "This server has nothing to release mails by.\n")
        } catch {
            return HTTPResponse(400, type: "text/json")
        }
        return HTTPResponse { [release] answer in
            Task {
                var status = 200
                do throws(Release.Failure) {
                    try await release.send(entry.message, by: way)
                } catch {
                    status = 500
                }
                answer.complete { [status] in HTTPResponse(status, type: "text/json") }
            }
        }
    }

    // MARK: Mails

    static let missing = HTTPResponse(404, text: "404 page not found\n")

    func entry(_ request: HTTPRequest) -> MessageStore.Entry? { store[request.pathParameters["id"] ?? ""] }

    func view(_ entry: MessageStore.Entry) -> MailHogMessage { MailHogMessage(entry.message, hostname: hostname) }

    /// As many of the mails as one answer may have.
    static func fitting(_ entries: [MessageStore.Entry]) -> ArraySlice<MessageStore.Entry> {
        var room = maximumAnswerBytes
        for (index, entry) in entries.enumerated() {
            room -= entry.message.size
            if room < 0, index > 0 { return entries[..<index] }
        }
        return entries[...]
    }
}
