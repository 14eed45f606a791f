import Foundation
public import Mailroom
import MailroomSockets

extension RedisBroker: ConnectionChecking {
    /// Connects and logs in on a connection of its own, and tells what the server is and what it promises. Changes
    /// nothing.
    public func checkConnection(until deadline: ContinuousClock.Instant) async -> [ConnectionCheck] {
        let subject = "\(configuration)"
        let interruption = SocketInterruption()
        let (configuration, encryption) = (configuration, line.encryption)
        let check = await FirstAnswer.wait(
            until: deadline,
            late: ConnectionCheck(subject, problem: "\(subject): it did not answer in time: check host and firewall."),
            cancelled: { ConnectionCheck(subject, problem: "The check was stopped.") }
        ) { answer in
            do throws(SocketError) {
                try startThread {
                    let inspection = ServerInspection(configuration, encryption, interruption, deadline)
                    answer.give(inspection.check())
                }
            } catch {
                answer.give(ConnectionCheck(subject, problem: error.description))
            }
        }
        interruption.interrupt()
        return [check]
    }
}
