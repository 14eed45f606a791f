import MailroomSockets

/// One client's connection: requests in, answers out in their order, kept open in between (RFC 9112, 9).
final class HTTPConnection: ConnectionHandler {
    private enum Mode {
        case requests
        /// An answer is still to come; what the client sends next waits.
        case waiting(HTTPPendingAnswer, HTTPRequest)
        case events(HTTPEventStream, HTTPEvents)
        case webSocket(WebSocketSession)
    }

    private let routes: HTTPRoutes
    private let limits: HTTPLimits
    private let remoteAddress: String
    private let wake: @Sendable () -> Void
    private var parser: HTTPRequestParser
    private var wasInsideRequest = false
    private var mode = Mode.requests

    /// `remoteAddress` ends in a colon and a port; `wake` has the connection called without octets, from any thread.
    init(
        routes: HTTPRoutes, limits: HTTPLimits, remoteAddress: String = "", wake: @escaping @Sendable () -> Void = {}
    ) {
        self.routes = routes
        self.limits = limits
        self.remoteAddress = remoteAddress.lastIndex(of: ":").map { String(remoteAddress[..<$0]) } ?? ""
        self.wake = wake
        parser = HTTPRequestParser(limits: limits)
    }

    func begin(_ output: inout ConnectionOutput) { output.restartTimer(limits.requestTime) }

    func receive(_ bytes: UnsafeRawBufferPointer, _ output: inout ConnectionOutput) {
        guard !output.closes else { return }
        switch mode {
        case .requests:
            parser.append(bytes)
            answerRequests(&output, answered: false)
        case .waiting(let pending, let request):
            parser.append(bytes)
            guard let make = pending.take() else { return }
            mode = .requests
            output.pausesReading = false
            send(make(), to: request, &output)
            if isReady(output) { answerRequests(&output, answered: true) }
        case .events(let stream, _): stream.drain(into: &output)
        case .webSocket(let session): session.receive(bytes, &output)
        }
    }

    func expire(_ output: inout ConnectionOutput) {
        switch mode {
        case .events(let stream, let events):
            // A client for which something waits learns from that.
            if stream.pendingBytes == 0 { stream.keepAlive(events.keepAliveLine) }
            stream.drain(into: &output)
            output.restartTimer(events.keepAlive)
        case .webSocket(let session): session.expire(&output)
        case .waiting: return
        case .requests:
            if parser.isInsideRequest {
                refuse(HTTPFailure(408, "The request took too long to arrive."), &output)
            } else {
                output.close()
            }
        }
    }

    func stop(_ output: inout ConnectionOutput) {
        switch mode {
        case .webSocket(let session): session.stop(&output)
        case .waiting(let pending, _):
            pending.end()
            refuse(HTTPFailure(503, "The server stops before the answer is there."), &output)
        case .events(let stream, _): stream.stop(&output)
        case .requests: break
        }
        output.close()
    }

    func end() {
        switch mode {
        case .requests: break
        case .waiting(let pending, _): pending.end()
        case .events(let stream, _): stream.end()
        case .webSocket(let session): session.stream.end()
        }
    }

    // MARK: Requests

    /// Whether the next request may be answered.
    private func isReady(_ output: ConnectionOutput) -> Bool {
        if case .requests = mode { return !output.closes }
        return false
    }

    private func answerRequests(_ output: inout ConnectionOutput, answered: Bool) {
        var answered = answered
        do throws(HTTPFailure) {
            while !output.isFull {
                guard var request = try parser.next() else { break }
                request.remoteAddress = remoteAddress
                send(routes.answer(to: request), to: request, &output)
                answered = true
                guard isReady(output) else { return }
            }
            if output.isFull { return output.waitForRoom() }
            if parser.owesContinue {
                parser.owesContinue = false
                guard var request = parser.awaited else { throw HTTPFailure(400, "The request target is malformed.") }
                request.remoteAddress = remoteAddress
                send(routes.answer(beforeBodyOf: request.closing), to: request.closing, &output)
                guard isReady(output) else { return }
            }
            if answered || parser.isInsideRequest != wasInsideRequest {
                output.restartTimer(parser.isInsideRequest ? limits.requestTime : limits.idleTime)
            }
            wasInsideRequest = parser.isInsideRequest
        } catch {
            refuse(error, &output)
        }
    }

    private func refuse(_ failure: HTTPFailure, _ output: inout ConnectionOutput) {
        let text = failure.text + "\n"
        write(HTTPResponse(failure.status, text: text), body: Array(text.utf8), closes: true, to: nil, &output)
    }

    // MARK: Answers

    private func send(_ response: HTTPResponse, to request: HTTPRequest, _ output: inout ConnectionOutput) {
        switch response.body {
        case .bytes where response.status == 100: output.write("HTTP/1.1 100 Continue\r\n\r\n")
        case .bytes(let body): write(response, body: body, closes: request.closes, to: request, &output)
        case .events(let events): begin(events, response, request, &output)
        case .webSocket(let options): begin(options, response, request, &output)
        case .later(let begin):
            let pending = HTTPPendingAnswer(wake: wake)
            begin(pending)
            if let make = pending.take() { return send(make(), to: request, &output) }
            mode = .waiting(pending, request)
            output.pausesReading = true
            output.stopTimer()
        }
    }

    private func begin(
        _ events: HTTPEvents, _ response: HTTPResponse, _ request: HTTPRequest, _ output: inout ConnectionOutput
    ) {
        let chunked = request.speaksVersion11
        writeHead(response, to: &output)
        output.write(chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "Connection: close\r\n\r\n")
        if request.method == "HEAD" { return output.close() }
        let stream = HTTPEventStream(chunked: chunked, limit: events.maximumPendingBytes, wake: wake)
        mode = .events(stream, events)
        output.restartTimer(events.keepAlive)
        events.begin(stream)
        stream.drain(into: &output)
    }

    private func begin(
        _ options: HTTPWebSocket, _ response: HTTPResponse, _ request: HTTPRequest, _ output: inout ConnectionOutput
    ) {
        guard let key = WebSocketHandshake.key(of: request) else {
            return send(WebSocketHandshake.refusal, to: request, &output)
        }
        writeHead(response, to: &output)
        output.write(
            "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: \(WebSocketHandshake.acceptance(of: key))\r\n\r\n")
        let session = WebSocketSession(options, wake: wake)
        mode = .webSocket(session)
        session.begin(&output)
        parser.takeRest().withUnsafeBytes { session.receive($0, &output) }
    }

    private func write(
        _ response: HTTPResponse, body: [UInt8], closes: Bool, to request: HTTPRequest?,
        _ output: inout ConnectionOutput
    ) {
        let hasBody = response.status != 204 && response.status != 304
        writeHead(response, to: &output)
        if hasBody { output.write("Content-Length: \(body.count)\r\n") }
        output.write(closes ? "Connection: close\r\n\r\n" : "\r\n")
        if hasBody, request?.method != "HEAD" { output.write(body) }
        if closes { output.close() }
    }

    private func writeHead(_ response: HTTPResponse, to output: inout ConnectionOutput) {
        output.write("HTTP/1.1 \(response.status) \(HTTPResponse.reason(response.status))\r\n")
        output.write("Date: \(httpDate(secondsNow()))\r\n")
        for field in response.headers.fields { output.write("\(field.name): \(field.value)\r\n") }
    }
}

extension HTTPRequest {
    /// The same request, after whose answer the connection ends: its body has not been read.
    fileprivate var closing: HTTPRequest {
        var request = self
        request.headers["Connection"] = "close"
        return request
    }

    /// Whether the connection ends after the answer.
    fileprivate var closes: Bool {
        let options = headers.values("Connection").flatMap { $0.split(separator: ",") }
            .map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
        return options.contains("close") || !speaksVersion11 && !options.contains("keep-alive")
    }
}
