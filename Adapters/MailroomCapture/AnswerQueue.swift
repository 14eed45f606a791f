import Dispatch
import MailroomHTTP
import Synchronization

/// Makes answers that may be large or slow one after the other, beside the server's own thread.
final class AnswerQueue: Sendable {
    /// More requests than this do not wait: further ones are told to try again.
    static let maximumWaiting = 256

    private let queue: DispatchQueue
    private let waiting = Atomic<Int>(0)

    init(_ name: String) { queue = DispatchQueue(label: "mailroom.capture.\(name)") }

    /// An answer that `make` works out later, if the client is still there then. `isWanted` tells it while it works
    /// whether the client still is; what it returns is of no interest once it is not.
    func answer(_ make: @escaping @Sendable (_ isWanted: () -> Bool) -> HTTPResponse) -> HTTPResponse {
        HTTPResponse { [self] pending in
            guard waiting.add(1, ordering: .relaxed).newValue <= Self.maximumWaiting else {
                waiting.subtract(1, ordering: .relaxed)
                return pending.complete {
                    var response = HTTPResponse(503, text: "Too many requests wait for their answers. Try again.\n")
                    response.headers["Retry-After"] = "1"
                    return response
                }
            }
            let interest = Interest()
            pending.onEnd { interest.end() }
            queue.async { [self] in
                defer { waiting.subtract(1, ordering: .relaxed) }
                guard interest.isThere else { return }
                let response = make { interest.isThere }
                pending.complete { response }
            }
        }
    }

    private final class Interest: Sendable {
        private let there = Atomic<Bool>(true)

        var isThere: Bool { there.load(ordering: .relaxed) }
        func end() { there.store(false, ordering: .relaxed) }
    }
}
