import MailroomHTTP

extension MailHogRoutes {
    func list(_ request: HTTPRequest) -> HTTPResponse {
        let (start, limit) = Self.range(request)
        let (store, hostname, budget) = (store, hostname, answerBytes)
        return reading.answer { isWanted in
            let (entries, total) = store.newest(from: start, limit: limit)
            let list = MailHogList(entries, hostname: hostname, budget: budget, isWanted: isWanted)
            return HTTPResponse(type: "text/json", body: Self.answer(list, start: start, total: total))
        }
    }

    func search(_ request: HTTPRequest) -> HTTPResponse {
        guard
            let search = MailHogSearch(
                kind: request.queryValue("kind") ?? "", query: request.queryValue("query") ?? "", hostname: hostname)
        else { return HTTPResponse(400) }
        let (start, limit) = Self.range(request)
        let (store, hostname, budget) = (store, hostname, answerBytes)
        return searching.answer { isWanted in
            let found = store.entries.reversed().filter { isWanted() && search.matches($0.message) }
            let list = MailHogList(
                found.dropFirst(start).prefix(limit), hostname: hostname, budget: budget, isWanted: isWanted)
            // Past its end a search has found nothing at all, as MailHog counts.
            let total = start > found.count ? 0 : found.count
            return HTTPResponse(type: "application/json", body: Self.answer(list, start: start, total: total))
        }
    }

    private static func answer(_ list: MailHogList, start: Int, total: Int) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("total")
        json.number(total)
        json.key("count")
        json.number(list.count)
        json.key("start")
        json.number(start)
        json.key("items")
        json.value(list.json)
        json.endObject()
        return json.bytes
    }

    /// What is no number above 0 counts as not given.
    private static func range(_ request: HTTPRequest) -> (start: Int, limit: Int) {
        let start = request.queryValue("start").flatMap { Int($0) } ?? 0
        let limit = request.queryValue("limit").flatMap { Int($0) } ?? 50
        return (max(0, start), limit > 0 ? min(limit, 250) : 50)
    }

    // MARK: Jim

    func showJim() -> HTTPResponse {
        guard let jim = rules.jim else { return HTTPResponse(404) }
        var json = JSONWriter()
        json.beginObject()
        for (name, path) in Jim.members {
            json.key(name)
            json.number(jim[keyPath: path])
        }
        json.endObject()
        return HTTPResponse(type: "application/json", body: json.bytes)
    }

    /// Invites Jim; what the request says about him is overlooked where it is malformed.
    func inviteJim(_ request: HTTPRequest) -> HTTPResponse {
        guard rules.jim == nil else { return HTTPResponse(400) }
        if let told = try? Jim(json: request.body) { toldJim.jim = told }
        rules.jim = toldJim.jim ?? invitedJim
        return HTTPResponse(201)
    }

    func changeJim(_ request: HTTPRequest) -> HTTPResponse {
        guard rules.jim != nil else { return HTTPResponse(404) }
        do throws(MalformedJSON) {
            let told = try Jim(json: request.body)
            toldJim.jim = told
            rules.jim = told
        } catch {
            return HTTPResponse(400)
        }
        return HTTPResponse()
    }

    func sendJimHome() -> HTTPResponse {
        guard rules.jim != nil else { return HTTPResponse(404) }
        rules.jim = nil
        return HTTPResponse()
    }

    // MARK: The rest

    func outgoingServers() -> HTTPResponse {
        var json = JSONWriter()
        json.beginObject()
        for (name, server) in release.outgoing.all {
            json.key(name)
            server.write(to: &json)
        }
        json.endObject()
        return HTTPResponse(type: "application/json", body: json.bytes)
    }

    /// A frame for each mail, as JSON and a line break. What clients say is of no interest, so a message of theirs may
    /// have one octet.
    func webSocket() -> HTTPResponse {
        var socket = HTTPWebSocket { [feed] in feed.add($0) }
        socket.maximumMessageBytes = 1
        return HTTPResponse(webSocket: socket)
    }
}

extension Jim {
    /// The names that MailHog's JSON has for them, in its order.
    fileprivate static var members: [(name: String, path: WritableKeyPath<Jim, Double>)] {
        [
            ("DisconnectChance", \.disconnectChance), ("AcceptChance", \.acceptChance),
            ("LinkSpeedAffect", \.linkSpeedAffect), ("LinkSpeedMin", \.linkSpeedMin),
            ("LinkSpeedMax", \.linkSpeedMax), ("RejectSenderChance", \.rejectSenderChance),
            ("RejectRecipientChance", \.rejectRecipientChance), ("RejectAuthChance", \.rejectAuthChance),
        ]
    }

    /// What is left out is 0, and so is a chance of accepting left out.
    fileprivate init(json: [UInt8]) throws(MalformedJSON) {
        let fields = try JSONFields(try JSONReader.firstValue(of: json))
        self = .defaults
        for (name, path) in Self.members { self[keyPath: path] = try fields.number(name) }
    }
}
