import Foundation
import Mailroom
import MailroomMIME
import MailroomMemoryBroker
import MailroomTesting
import Synchronization

/// A renderer whose template is edited while jobs wait.
final class ChangingRenderer: Renderer {
    let edition = Mutex<UInt8>(1)
    let version = Mutex<UInt8>(1)

    private var current: TemplateVersion { TemplateVersion(of: [version.withLock { $0 }]) }

    func check(_ document: Document) throws(RenderError) -> TemplateVersion { current }

    func render(_ document: Document) async throws(RenderError) -> RenderedDocument {
        if let wanted = document.version, wanted != current {
            throw RenderError(.versionUnavailable, "this worker has another edition")
        }
        return RenderedDocument(text: "edition \(edition.withLock { $0 })")
    }
}

/// Something to wait for until a test opens it.
final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

extension CaptureTransport {
    /// Delivers nothing and returns when it is cancelled.
    static var untilCancelled: CaptureTransport {
        CaptureTransport { _ throws(TransportError) in
            // A stream that nobody feeds ends with its task.
            let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
            for await _ in stream {}
            continuation.finish()
            throw TransportError(.cancelled, "cancelled")
        }
    }
}

/// A broker that hands jobs out and takes none back.
final class UnsettlingBroker: Broker {
    private let memory: MemoryBroker

    init(time: some TimeSource) { memory = MemoryBroker(time: time) }

    func enqueue(_ submissions: [Submission]) async throws(BrokerError) -> [Admission] {
        try await memory.enqueue(submissions)
    }

    func lease(_ request: LeaseRequest) async throws(BrokerError) -> [Lease] {
        try await memory.lease(request)
    }

    func extend(_ leases: [Lease.ID], by time: Duration) async throws(BrokerError) -> [Lease.ID] { [] }

    func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettleResult] {
        throw BrokerError(.unavailable, "down")
    }
}

/// Knows one template, `letter`, which needs a club.
struct StubRenderer: Renderer {
    func check(_ document: Document) throws(RenderError) -> TemplateVersion {
        guard document.template == "letter" else { throw RenderError(.unknownTemplate, "there is no such template") }
        guard document.values["club"] != nil else {
            throw RenderError(.invalidValues, "club is missing", keys: ["club"])
        }
        return TemplateVersion(of: [1])
    }

    func render(_ document: Document) async throws(RenderError) -> RenderedDocument {
        RenderedDocument(subject: "Letter", text: "Club")
    }
}
