import Mailroom

/// What a segment says of itself.
struct SegmentHeader {
    let version: UInt32
    let number: UInt32

    /// `nil` where its hash is wrong, so that nothing in it can be believed.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == Segment.headerSize, bytes.starts(with: Segment.magic) else { return nil }
        var reader = ByteReader(bytes[8...])
        guard let version = try? reader.fixed32(), let number = try? reader.fixed32(),
            let spare = try? reader.fixed64(),
            let hash = try? reader.fixed64(), hash == Fingerprint(of: Array(bytes[..<24])).rawValue
        else { return nil }
        // What a header of this format does not say is not one of this format.
        if version == Segment.version, spare != 0 { return nil }
        (self.version, self.number) = (version, number)
    }

    /// Throws where the file has a format that this program does not read.
    func requireKnownFormat(of path: String) throws(BrokerError) {
        guard version != Segment.version else { return }
        throw BrokerError(
            .unsupported,
            version < Segment.version
                ? "\(path) has format \(version), from before the first release: finish its jobs with the program "
                    + "that wrote them, then give the queue a new folder"
                : "\(path) has format \(version), this program knows formats up to \(Segment.version): update it",
            mayHaveStored: false)
    }
}
