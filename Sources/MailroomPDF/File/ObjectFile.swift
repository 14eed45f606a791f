/// The bytes of a PDF file and where its objects begin (ISO 32000-1, 7.5).
struct ObjectFile {
    var bytes: [UInt8] = []
    private var offsets: [Int]
    private var streamStart = 0
    private var lengthPlace = 0
    private let compress: (@Sendable ([UInt8]) -> [UInt8])?

    /// A file whose first objects have numbers of their own, to be written in any order.
    init(fixedObjects: Int, compress: (@Sendable ([UInt8]) -> [UInt8])?) {
        self.compress = compress
        offsets = [Int](repeating: 0, count: fixedObjects + 1)
        bytes.reserveCapacity(8_192)
        // The comment's bytes above 127 tell transfer programs that the file is binary.
        bytes.append("%PDF-1.4\n%")
        bytes.append(contentsOf: [0xE2, 0xE3, 0xCF, 0xD3, 0x0A])
    }

    /// The number of an object to be written later.
    mutating func reserveObject() -> Int {
        offsets.append(0)
        return offsets.count - 1
    }

    mutating func beginObject(_ number: Int) {
        offsets[number] = bytes.count
        bytes.append(decimal: number)
        bytes.append(" 0 obj\n")
    }

    mutating func endObject() { bytes.append("\nendobj\n") }

    /// Begins a new object that is a stream; what is appended to `bytes` until `endStream` is its content.
    mutating func beginStream() -> Int {
        let number = reserveObject()
        beginObject(number)
        bytes.append("<</Length ")
        lengthPlace = bytes.count
        bytes.append("       0>>\nstream\n")
        streamStart = bytes.count
        return number
    }

    mutating func endStream() {
        if let compress {
            let content = compress(Array(bytes[streamStart...]))
            bytes.removeSubrange(lengthPlace...)
            bytes.append(decimal: content.count)
            bytes.append("/Filter/FlateDecode>>\nstream\n")
            bytes.append(contentsOf: content)
        } else {
            bytes.write(decimal: bytes.count - streamStart, before: lengthPlace + 8)
        }
        bytes.append("\nendstream")
        endObject()
    }

    /// Writes the table of objects and the trailer. The file identifier is made from what was written so far.
    mutating func finish(root: Int, properties: Int) {
        let fingerprint = Fingerprint(of: bytes)
        let start = bytes.count
        bytes.append("xref\n0 ")
        bytes.append(decimal: offsets.count)
        bytes.append("\n0000000000 65535 f \n")
        for offset in offsets.dropFirst() {
            bytes.append("0000000000 00000 n \n")
            bytes.write(decimal: offset, before: bytes.count - 10)
        }
        bytes.append("trailer\n<</Size ")
        bytes.append(decimal: offsets.count)
        bytes.append("/Root ")
        bytes.append(decimal: root)
        bytes.append(" 0 R/Info ")
        bytes.append(decimal: properties)
        bytes.append(" 0 R/ID[<")
        fingerprint.write(to: &bytes)
        bytes.append("><")
        fingerprint.write(to: &bytes)
        bytes.append(">]>>\nstartxref\n")
        bytes.append(decimal: start)
        bytes.append("\n%%EOF\n")
    }
}
