import MailroomHTTP

extension MailHogRoutes {
    /// The newest mails in one array, newest first: a thousand, or as many as one answer may have. Version 1 has no way to
    /// ask for the rest.
    func all() -> HTTPResponse {
        let (store, hostname, budget) = (store, hostname, answerBytes)
        return reading.answer { isWanted in
            let list = MailHogList(
                store.newest(from: 0, limit: 1000).entries, hostname: hostname, budget: budget, isWanted: isWanted)
            return HTTPResponse(type: "text/json", body: list.json.bytes)
        }
    }

    func removeAll() -> HTTPResponse {
        HTTPResponse(store.removeAll() ? 200 : 500, type: "text/json")
    }

    /// A mail, or the word `null`, on which clients rely. One whose JSON would be too large is an error, since it cannot be
    /// shortened without a client's taking it for whole.
    func one(_ request: HTTPRequest) -> HTTPResponse {
        guard let entry = entry(request) else { return HTTPResponse(type: "text/json", body: Array("null".utf8)) }
        let (hostname, budget) = (hostname, answerBytes)
        return reading.answer { _ in
            guard let json = MailHogList.whole(entry.message, hostname: hostname, budget: budget) else {
                return HTTPResponse(
                    500,
                    text: "As JSON this mail would have more than \(budget >> 20) MiB. Fetch it as it is: "
                        + "add /download to its address.\n")
            }
            return HTTPResponse(type: "text/json", body: json)
        }
    }

    func remove(_ request: HTTPRequest) -> HTTPResponse {
        HTTPResponse(store.remove(request.pathParameters["id"] ?? "") ? 200 : 500, type: "text/json")
    }

    func download(_ request: HTTPRequest) -> HTTPResponse {
        guard let entry = entry(request) else { return Self.missing }
        let hostname = hostname
        return reading.answer { _ in
            HTTPResponse(
                type: "message/rfc822",
                headers: ["Content-Disposition": "attachment; filename=\"\(entry.message.id).eml\""],
                body: MailHogMessage(entry.message, hostname: hostname, splits: false).file())
        }
    }

    func downloadPart(_ request: HTTPRequest) -> HTTPResponse {
        let text = request.pathParameters["number"] ?? ""
        let number = Int(text) ?? 0
        guard let entry = entry(request) else { return Self.missing }
        return reading.answer { _ in
            guard let parts = MailHogContent(MailHogMessage.text(of: entry.message)).parts,
                parts.indices.contains(number)
            else { return Self.missing }
            let name = "\(entry.message.id)-part-\(text)"
            return parts[number].download(named: String(name.map { $0 == "\"" || $0 == "\\" ? "_" : $0 }))
        }
    }

    /// An event for each mail, as indented JSON.
    func events() -> HTTPResponse {
        HTTPResponse(
            events: HTTPEvents(keepAlive: .seconds(60), keepAliveLine: "keepalive: ") { [feed] in feed.add($0) })
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
}
