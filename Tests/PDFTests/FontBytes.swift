/// A font file to be changed, table by table.
struct FontBytes {
    private(set) var bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The table of tables: each one's name, where its record is, where it is and how long.
    var tables: [(tag: String, record: Int, offset: Int, length: Int)] {
        (0..<number16(4)).map { index in
            let record = 12 + index * 16
            let tag = String(decoding: bytes[record..<(record + 4)], as: UTF8.self)
            return (tag, record, number32(record + 8), number32(record + 12))
        }
    }

    func table(_ tag: String) -> (record: Int, offset: Int, length: Int)? {
        tables.first { $0.tag == tag }.map { ($0.record, $0.offset, $0.length) }
    }

    func number16(_ place: Int) -> Int { Int(bytes[place]) << 8 | Int(bytes[place + 1]) }

    func number32(_ place: Int) -> Int { number16(place) << 16 | number16(place + 2) }

    /// The file with a table under another name, so that it is not found.
    func renaming(_ tag: String, to name: String) -> [UInt8] {
        var changed = bytes
        if let table = table(tag) { changed.replaceSubrange(table.record..<(table.record + 4), with: name.utf8) }
        return changed
    }

    /// The file with other bytes in a table.
    func writing(_ content: [UInt8], in tag: String, at place: Int) -> [UInt8] {
        var changed = bytes
        if let table = table(tag) {
            let start = table.offset + place
            changed.replaceSubrange(start..<(start + content.count), with: content)
        }
        return changed
    }

    /// The file with a table of other content, put at its end.
    func replacing(_ tag: String, with content: [UInt8]) -> [UInt8] {
        var changed = bytes
        guard let table = table(tag) else { return bytes }
        let numbers = [changed.count, content.count]
        for (index, number) in numbers.enumerated() {
            let place = table.record + 8 + index * 4
            for byte in 0..<4 { changed[place + byte] = UInt8(truncatingIfNeeded: number >> (24 - byte * 8)) }
        }
        return changed + content
    }
}
