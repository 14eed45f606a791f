import Foundation
import Mailroom

/// What a checkpoint has besides its columns.
struct CheckpointState {
    struct LaneState {
        var queue: QueueName
        var counts: [Int]
        var retried: Int
        /// How many of its jobs stand in line, in the column of lines.
        var ready: Int
        var scheduled: Int
    }

    var boot: String
    var lastToken: UInt64
    var lastSequence: UInt64
    var lastNumber: UInt64
    var restart: QueueTable.Restart
    var liveBytes: Int
    var lanes: [LaneState]
    var leases: [Slot: LeaseTerm]
    var attachments: [SHA256Digest: StoredAttachments.Place]

    func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.write(boot)
        writer.write(fixed: lastToken)
        writer.write(fixed: lastSequence)
        writer.write(fixed: lastNumber)
        writer.write(fixed: restart.sequence)
        writer.write(fixed: restart.time)
        writer.write(liveBytes)
        writer.write(lanes) { writer, lane in
            writer.write(lane.queue.rawValue)
            writer.write(lane.counts) { $0.write($1) }
            writer.write(lane.retried)
            writer.write(lane.ready)
            writer.write(lane.scheduled)
        }
        writer.write(leases) { writer, lease in
            writer.write(fixed: lease.key)
            writer.write(lease.value.token)
            writer.write(lease.value.worker)
            writer.write(lease.value.expires)
        }
        writer.write(attachments) { writer, attachment in
            attachment.key.encode(into: &writer)
            writer.write(fixed: attachment.value.position.segment)
            writer.write(fixed: attachment.value.position.offset)
            writer.write(attachment.value.length)
            writer.write(attachment.value.references)
        }
        return writer.bytes
    }
}

extension CheckpointState {
    init(_ reader: inout ByteReader) throws(ByteReader.Malformed) {
        boot = try reader.string()
        lastToken = try reader.fixed64()
        lastSequence = try reader.fixed64()
        lastNumber = try reader.fixed64()
        restart = QueueTable.Restart(sequence: try reader.fixed64(), time: try reader.fixedSigned())
        liveBytes = try reader.integer()
        lanes = try reader.list { reader throws(ByteReader.Malformed) in
            LaneState(
                queue: QueueName(try reader.string()),
                counts: try reader.list { reader throws(ByteReader.Malformed) in try reader.integer() },
                retried: try reader.integer(), ready: try reader.integer(), scheduled: try reader.integer())
        }
        let leases = try reader.list { reader throws(ByteReader.Malformed) in
            (
                try reader.fixed32(),
                LeaseTerm(
                    token: try reader.unsigned(), worker: try reader.string(), expires: try reader.duration())
            )
        }
        self.leases = Dictionary(leases, uniquingKeysWith: { $1 })
        let places = try reader.list { reader throws(ByteReader.Malformed) in
            (
                try SHA256Digest(decoding: &reader),
                StoredAttachments.Place(
                    position: Position(segment: try reader.fixed32(), offset: try reader.fixed32()),
                    length: try reader.integer(), references: try reader.integer())
            )
        }
        attachments = Dictionary(places, uniquingKeysWith: { $1 })
    }
}
