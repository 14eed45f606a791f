import Foundation
import Mailroom

/// One entry of the stream of events: those of one call, up to a hundred.
struct EventEntry {
    let id: String
    let events: [JobEvent]

    /// How many octets an event takes: kind, job, and milliseconds as a floating-point number, the lowest octet first.
    static let size = 25

    static func encoded(_ kind: JobEvent.Kind, _ job: JobID, at time: Date) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        bytes.append(kind.rawValue)
        bytes.append(contentsOf: job.octets)
        withUnsafeBytes(of: Double(time.milliseconds).bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// An entry as the server answers it; what is no event is passed over, since a newer version may write others.
    init?(_ value: RESPValue) {
        guard let parts = value.array, parts.count == 2, let id = parts[0].string,
            let bytes = parts[1].array?.last?.bytes
        else { return nil }
        self.id = id
        events = stride(from: 0, to: bytes.count / EventEntry.size * EventEntry.size, by: EventEntry.size)
            .compactMap { start in
                guard let kind = JobEvent.Kind(rawValue: bytes[start]),
                    let job = JobID(octets: bytes[start + 1..<start + 17])
                else { return nil }
                let time = Double(bitPattern: UInt64(octets: ArraySlice(bytes[start + 17..<start + 25].reversed())))
                return JobEvent(job: job, kind: kind, time: Date(milliseconds: Int64(exactly: time) ?? 0))
            }
    }

    /// Whether a worker that waits should look for a job now.
    var concernsWorkers: Bool {
        events.contains {
            switch $0.kind {
            case .submitted, .retrying, .snoozed, .released, .revived: true
            case .finished, .dead, .held, .removed: false
            }
        }
    }
}
