package import Foundation

extension Submission {
    /// Everything but payload and attachments as bytes, for brokers that store them. The first byte is the format's
    /// version; what a later version writes, this one refuses.
    public func encodedHeader() -> [UInt8] {
        var writer = ByteWriter(reserving: 192)
        encodeHeader(into: &writer)
        return writer.bytes
    }

    /// A submission from the bytes of ``encodedHeader()``, without payload and attachments. Throws
    /// ``BrokerError/Code/corrupt`` where they are not such bytes.
    public init(encodedHeader bytes: ArraySlice<UInt8>) throws(BrokerError) {
        var reader = ByteReader(bytes)
        do {
            try self.init(header: &reader)
        } catch {
            throw BrokerError(
                .corrupt, "a stored submission cannot be read: it is damaged, or a newer version wrote it",
                mayHaveStored: false)
        }
    }

    package func encodeHeader(into writer: inout ByteWriter) {
        writer.write(UInt8(1))
        writer.write(fixed: id.high)
        writer.write(fixed: id.low)
        writer.write(queue.rawValue)
        writer.write(channel.rawValue)
        writer.write(messageID)
        writer.write(recipients) { writer, recipient in
            writer.write(recipient.address)
            writer.write(recipient.name)
            writer.write(recipient.role.rawValue)
        }
        writer.write(fixed: UInt64(bitPattern: createdAt.milliseconds))
        writer.write(utcOffsetMinutes)
        writer.write(fixed: UInt64(bitPattern: notBefore.milliseconds))
        writer.write(fixed: UInt64(bitPattern: expiresAt.milliseconds))
        writer.write(idempotency != nil)
        if let idempotency {
            writer.write(idempotency.key)
            writer.write(UInt64(bitPattern: idempotency.lifetime.milliseconds))
            writer.write(fixed: idempotency.fingerprint.rawValue)
        }
        writer.write(retryPolicy)
        writer.write(tags.isEmpty ? [] : tags.sorted { $0.key < $1.key }) { writer, tag in
            writer.write(tag.key)
            writer.write(tag.value)
        }
    }

    package init(header reader: inout ByteReader) throws(ByteReader.Malformed) {
        guard try reader.byte() == 1 else { throw ByteReader.Malformed(offset: 0) }
        let id = JobID(high: try reader.fixed64(), low: try reader.fixed64())
        let queue = QueueName(try reader.string())
        let channel = Channel(rawValue: try reader.string())
        let messageID = try reader.string()
        let recipients = try reader.list { reader throws(ByteReader.Malformed) in
            let address = try reader.string()
            let name = try reader.optionalString()
            guard let role = Recipient.Role(rawValue: try reader.byte()) else { throw ByteReader.Malformed(offset: 0) }
            return Recipient(channel: channel, address: address, name: name, role: role)
        }
        let createdAt = try reader.date()
        let utcOffsetMinutes = try reader.integer()
        let notBefore = try reader.date()
        let expiresAt = try reader.date()
        var idempotency: Idempotency?
        if try reader.flag() {
            idempotency = Idempotency(
                key: try reader.string(), lifetime: .milliseconds(Int64(bitPattern: try reader.unsigned())),
                fingerprint: Fingerprint(rawValue: try reader.fixed64()))
        }
        let retryPolicy = try reader.string()
        let tags = try reader.list { reader throws(ByteReader.Malformed) in
            (try reader.string(), try reader.string())
        }
        self.init(
            id: id, queue: queue, channel: channel, messageID: messageID, recipients: recipients,
            createdAt: createdAt, utcOffsetMinutes: utcOffsetMinutes, notBefore: notBefore, expiresAt: expiresAt,
            idempotency: idempotency, retryPolicy: retryPolicy,
            tags: Dictionary(tags, uniquingKeysWith: { $1 }))
    }
}

extension ByteReader {
    package mutating func date() throws(Malformed) -> Date {
        Date(milliseconds: Int64(bitPattern: try fixed64()))
    }
}
