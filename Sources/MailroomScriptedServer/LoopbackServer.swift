import Foundation
package import MailroomSockets

/// Takes connections on a port of the loopback address that the system chooses and serves them one by one on a thread
/// of its own, until it is stopped or released.
///
/// The thread knows nothing of this object, so that releasing it ends what waits. A connection is closed when nobody
/// holds it any more.
package final class LoopbackServer: Sendable {
    /// Where it listens, on 127.0.0.1.
    package let port: Int
    private let interruption: SocketInterruption

    /// - Parameters:
    ///   - receiveBuffer: about how many octets the system takes for a connection before they are read; its own choice
    ///     unless given.
    ///   - serve: does with each connection what a test wants, before the next one is taken.
    package init(
        receiveBuffer: Int? = nil, _ serve: @escaping @Sendable (TCPStream) -> Void
    ) throws(SocketError) {
        let listener = try TCPListener(receiveBuffer: receiveBuffer)
        let interruption = SocketInterruption()
        port = listener.port
        self.interruption = interruption
        Thread.detachNewThread {
            while let stream = try? listener.accept(
                deadline: .now + .seconds(86_400), interruption: interruption, streamInterruption: interruption)
            {
                serve(stream)
            }
        }
    }

    deinit { stop() }

    /// Breaks every connection off and stops listening.
    package func stop() { interruption.interrupt() }
}
