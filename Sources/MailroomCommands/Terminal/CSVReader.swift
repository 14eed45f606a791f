/// Reads comma-separated values (RFC 4180), as spreadsheets write them: UTF-8 with or without a byte order mark, lines
/// ended by CRLF, LF or CR, quoted fields with commas, line breaks and doubled quotes.
package struct CSVReader {
    /// A record, and the line of the file it begins on, from 1.
    package struct Row: Equatable {
        package let line: Int
        package let fields: [String]
    }

    package struct Malformed: Error, CustomStringConvertible {
        package let line: Int
        package let description: String
    }

    /// All records. Empty lines are none.
    package static func rows(of bytes: [UInt8]) throws(Malformed) -> [Row] {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw Malformed(line: 1, description: "the file is not UTF-8: save it as \"CSV UTF-8\"")
        }
        var rows: [Row] = []
        var reader = CSVReader(bytes: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...])
        while let row = try reader.row() {
            if row.fields != [""] { rows.append(row) }
        }
        return rows
    }

    private var bytes: ArraySlice<UInt8>
    private var line = 1

    private init(bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    private mutating func row() throws(Malformed) -> Row? {
        guard !bytes.isEmpty else { return nil }
        let start = line
        var fields: [String] = []
        while true {
            fields.append(try field())
            guard bytes.first == UInt8(ascii: ",") else { break }
            bytes.removeFirst()
        }
        endLine()
        return Row(line: start, fields: fields)
    }

    private mutating func endLine() {
        guard let end = bytes.popFirst() else { return }
        if end == UInt8(ascii: "\r"), bytes.first == UInt8(ascii: "\n") { bytes.removeFirst() }
        line += 1
    }

    private mutating func field() throws(Malformed) -> String {
        guard bytes.first == UInt8(ascii: "\"") else {
            let end = bytes.firstIndex { $0 == 0x2C || $0 == 0x0A || $0 == 0x0D } ?? bytes.endIndex
            defer { bytes = bytes[end...] }
            return String(decoding: bytes[..<end], as: UTF8.self)
        }
        let start = line
        bytes.removeFirst()
        var text: [UInt8] = []
        while let byte = bytes.popFirst() {
            if byte == UInt8(ascii: "\"") {
                guard bytes.first == byte else {
                    guard bytes.isEmpty || [0x2C, 0x0A, 0x0D].contains(bytes.first!) else {
                        throw Malformed(line: start, description: "after a closing quote a comma must follow")
                    }
                    return String(decoding: text, as: UTF8.self)
                }
                bytes.removeFirst()
            } else if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") && bytes.first != UInt8(ascii: "\n") {
                line += 1
            }
            text.append(byte)
        }
        throw Malformed(line: start, description: "a quoted field has no closing quote")
    }
}
