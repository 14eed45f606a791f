/// Commands as a server reads them: arrays of strings.
struct RESPWriter {
    private(set) var bytes: [UInt8] = []
    /// How many strings were written.
    private(set) var count = 0

    init(reserving capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    mutating func write(_ argument: some Collection<UInt8>) {
        RESPWriter.write(length: argument.count, after: UInt8(ascii: "$"), to: &bytes)
        bytes.append(contentsOf: argument)
        end()
    }

    mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { write($0) }
    }

    mutating func write(_ number: Int64) { write(String(number)) }

    mutating func write(_ number: Int) { write(String(number)) }

    /// Appends what another wrote.
    mutating func write(contentsOf other: RESPWriter) {
        bytes.append(contentsOf: other.bytes)
        count += other.count
    }

    private mutating func end() {
        bytes.append(13)
        bytes.append(10)
        count += 1
    }

    /// `*3` and the like, with the end of its line.
    static func write(length: Int, after mark: UInt8, to bytes: inout [UInt8]) {
        bytes.append(mark)
        var divisor = 1
        while length / divisor > 9 { divisor *= 10 }
        while divisor > 0 {
            bytes.append(0x30 + UInt8(length / divisor % 10))
            divisor /= 10
        }
        bytes.append(13)
        bytes.append(10)
    }

    /// A whole command.
    static func command(_ words: String...) -> [UInt8] {
        var writer = RESPWriter()
        for word in words { writer.write(word) }
        return writer.command()
    }

    /// What was written, as a command.
    func command() -> [UInt8] {
        var whole: [UInt8] = []
        whole.reserveCapacity(bytes.count + 16)
        RESPWriter.write(length: count, after: UInt8(ascii: "*"), to: &whole)
        whole.append(contentsOf: bytes)
        return whole
    }
}
