import MailroomSockets

/// One client's connection: requests in, answers out in their order, kept open in between (RFC 9112, 9).
final class HTTPConnection: ConnectionHandler {
    private let routes: HTTPRoutes
    private let limits: HTTPLimits
    private let outside: (send: @Sendable ([UInt8]) -> Void, close: @Sendable () -> Void)
    private var parser: HTTPRequestParser
    private var wasInsideRequest = false
    private var stream: (stream: HTTPEventStream, events: HTTPEvents)?

    /// `send` and `close` reach the connection from other threads.
    init(
        routes: HTTPRoutes, limits: HTTPLimits, send: @escaping @Sendable ([UInt8]) -> Void,
        close: @escaping @Sendable () -> Void
    ) {
        self.routes = routes
        self.limits = limits
        outside = (send, close)
        parser = HTTPRequestParser(limits: limits)
    }

    func begin(_ output: inout ConnectionOutput) { output.restartTimer(limits.requestTime) }

    func receive(_ bytes: UnsafeRawBufferPointer, _ output: inout ConnectionOutput) {
        guard stream == nil, !output.closes else { return }
        parser.append(bytes)
        do throws(HTTPFailure) {
            var answered = false
            while !output.isFull {
                guard let request = try parser.next() else { break }
                answer(request, &output)
                answered = true
                if stream != nil || output.closes { return }
            }
            if output.isFull { return output.waitForRoom() }
            if parser.owesContinue {
                parser.owesContinue = false
                output.write("HTTP/1.1 100 Continue\r\n\r\n")
            }
            if answered || parser.isInsideRequest != wasInsideRequest {
                output.restartTimer(parser.isInsideRequest ? limits.requestTime : limits.idleTime)
            }
            wasInsideRequest = parser.isInsideRequest
        } catch {
            refuse(error, &output)
        }
    }

    func expire(_ output: inout ConnectionOutput) {
        if let stream {
            output.write(stream.stream.framed(Array((stream.events.keepAliveLine + "\n\n").utf8)))
            output.restartTimer(stream.events.keepAlive)
        } else if parser.isInsideRequest {
            refuse(HTTPFailure(408, "The request took too long to arrive."), &output)
        } else {
            output.close()
        }
    }

    func stop(_ output: inout ConnectionOutput) { output.close() }

    func end() { stream?.stream.end() }

    private func refuse(_ failure: HTTPFailure, _ output: inout ConnectionOutput) {
        let response = HTTPResponse(failure.status, text: failure.text + "\n")
        write(response, body: Array((failure.text + "\n").utf8), withBody: true, closes: true, &output)
        output.close()
    }

    private func answer(_ request: HTTPRequest, _ output: inout ConnectionOutput) {
        let response = routes.answer(to: request)
        let options = request.headers.values("Connection").flatMap { $0.split(separator: ",") }
            .map { $0.filter { $0 != " " }.lowercased() }
        let closes = options.contains("close") || !request.speaksVersion11 && !options.contains("keep-alive")
        switch response.body {
        case .bytes(let body):
            write(response, body: body, withBody: request.method != "HEAD", closes: closes, &output)
            if closes { output.close() }
        case .events(let events):
            let chunked = request.speaksVersion11
            writeHead(response, to: &output)
            output.write(chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "Connection: close\r\n\r\n")
            if request.method == "HEAD" { return output.close() }
            let stream = HTTPEventStream(chunked: chunked, send: outside.send, finish: outside.close)
            self.stream = (stream, events)
            output.restartTimer(events.keepAlive)
            events.begin(stream)
        }
    }

    private func write(
        _ response: HTTPResponse, body: [UInt8], withBody: Bool, closes: Bool, _ output: inout ConnectionOutput
    ) {
        writeHead(response, to: &output)
        if response.status != 204 && response.status != 304 { output.write("Content-Length: \(body.count)\r\n") }
        output.write(closes ? "Connection: close\r\n\r\n" : "\r\n")
        if withBody { output.write(body) }
    }

    private func writeHead(_ response: HTTPResponse, to output: inout ConnectionOutput) {
        output.write("HTTP/1.1 \(response.status) \(HTTPResponse.reason(response.status))\r\n")
        output.write("Date: \(httpDate(secondsNow()))\r\n")
        for field in response.headers.fields { output.write("\(field.name): \(field.value)\r\n") }
    }
}
