import Foundation
import Mailroom
import MailroomMIME
import MailroomMemoryBroker
import MailroomTesting
import Synchronization
import TestSupport

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

extension CaptureTransport {
    /// Delivers nothing and returns when it is cancelled.
    static var untilCancelled: CaptureTransport {
        CaptureTransport { _ throws(TransportError) in
            try? await silence()
            throw TransportError(.cancelled, "cancelled")
        }
    }

    /// Accepts every mail once a gate is open.
    static func accepting(after gate: Gate) -> CaptureTransport {
        CaptureTransport { mail throws(TransportError) in
            await gate.wait()
            return DeliveryReport(all: mail.envelope.recipients, .accepted)
        }
    }
}

/// A broker that hands jobs out and takes none back.
final class UnsettlingBroker: ForwardingBroker {
    let inner: MemoryBroker

    init(time: some TimeSource) { inner = MemoryBroker(time: time) }

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
