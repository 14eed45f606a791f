/// Base64 (RFC 4648 §4) as MIME writes it (RFC 2045 §6.8).
package enum Base64 {
    /// Octets of input that fill a line of 76 characters.
    private static let lineInput = 57

    /// The two characters of each 12 bits, the first in the low octet: little-endian, as every platform of Swift is.
    private static let pairs: [UInt16] = {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        return (0..<4096).map { UInt16(alphabet[$0 >> 6]) | UInt16(alphabet[$0 & 63]) << 8 }
    }()

    /// The size of ``encode(_:into:)``'s output.
    package static func encodedSize(_ count: Int) -> Int {
        (count + 2) / 3 * 4 + (count + lineInput - 1) / lineInput * 2
    }

    /// Appends lines of 76 characters, each with CRLF, the last one too; nothing for nothing.
    package static func encode(_ input: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) {
        let linesAtOnce = 64
        output.reserveCapacity(output.count + encodedSize(input.count))
        // Lines are made in a buffer that stays in the first-level cache: an array cannot be grown by bytes yet unwritten.
        withUnsafeTemporaryAllocation(byteCount: linesAtOnce * 78, alignment: 8) { buffer in
            pairs.withUnsafeBufferPointer { pairs in
                guard let source = UnsafeRawPointer(input.baseAddress), let target = buffer.baseAddress,
                    let table = pairs.baseAddress
                else { return }
                var read = 0
                while read < input.count {
                    var written = 0
                    for _ in 0..<linesAtOnce where read < input.count {
                        let count = min(lineInput, input.count - read)
                        if count == lineInput {
                            wholeLine(source + read, to: target + written, table)
                            written += 76
                        } else {
                            written += line(source + read, count, to: target + written, table)
                        }
                        read += count
                        target.storeBytes(of: UInt16(0x0A0D), toByteOffset: written, as: UInt16.self)
                        written += 2
                    }
                    output.append(contentsOf: UnsafeRawBufferPointer(start: target, count: written))
                }
            }
        }
    }

    /// The same without line breaks, as protocols other than MIME write it.
    package static func text(_ bytes: [UInt8]) -> String {
        var encoded: [UInt8] = []
        encoded.reserveCapacity((bytes.count + 2) / 3 * 4)
        bytes.withUnsafeBufferPointer { bytes in
            for start in stride(from: 0, to: bytes.count, by: lineInput) {
                append(UnsafeBufferPointer(rebasing: bytes[start..<min(start + lineInput, bytes.count)]), to: &encoded)
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// Appends the characters of 57 octets of input at most, without a line ending.
    static func append(_ input: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
        withUnsafeTemporaryAllocation(byteCount: 80, alignment: 8) { buffer in
            pairs.withUnsafeBufferPointer { pairs in
                guard let source = UnsafeRawPointer(input.baseAddress), let target = buffer.baseAddress,
                    let table = pairs.baseAddress
                else { return }
                let written = line(source, min(lineInput, input.count), to: target, table)
                output.append(contentsOf: UnsafeRawBufferPointer(start: target, count: written))
            }
        }
    }

    /// Eight characters for six octets; reads eight.
    @inline(__always)
    private static func sixOctets(
        _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, _ table: UnsafePointer<UInt16>
    ) {
        let word = UInt64(bigEndian: source.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
        let a = UInt64(table[Int(word >> 52)]) | UInt64(table[Int(word >> 40) & 0xFFF]) << 16
        let b = UInt64(table[Int(word >> 28) & 0xFFF]) | UInt64(table[Int(word >> 16) & 0xFFF]) << 16
        target.storeBytes(of: a | b << 32, as: UInt64.self)
    }

    /// 76 characters for 57 octets. The last three octets are taken from the last eight, so that nothing beyond is read.
    @inline(__always)
    private static func wholeLine(
        _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, _ table: UnsafePointer<UInt16>
    ) {
        for group in 0..<9 { sixOctets(source + group * 6, to: target + group * 8, table) }
        let last = UInt64(bigEndian: source.loadUnaligned(fromByteOffset: lineInput - 8, as: UInt64.self))
        let pair = UInt32(table[Int(last >> 12 & 0xFFF)]) | UInt32(table[Int(last & 0xFFF)]) << 16
        target.storeBytes(of: pair, toByteOffset: 72, as: UInt32.self)
    }

    /// Encodes up to 57 octets; never reads outside them, never writes beyond 76.
    @inline(__always)
    private static func line(
        _ source: UnsafeRawPointer, _ count: Int, to target: UnsafeMutableRawPointer, _ table: UnsafePointer<UInt16>
    ) -> Int {
        var read = 0
        var written = 0
        while read + 8 <= count {
            sixOctets(source + read, to: target + written, table)
            read += 6
            written += 8
        }
        while read < count {
            let left = count - read
            let first = source.load(fromByteOffset: read, as: UInt8.self)
            let second = left > 1 ? source.load(fromByteOffset: read + 1, as: UInt8.self) : 0
            let third = left > 2 ? source.load(fromByteOffset: read + 2, as: UInt8.self) : 0
            let bits = Int(first) << 16 | Int(second) << 8 | Int(third)
            target.storeBytes(of: table[bits >> 12], toByteOffset: written, as: UInt16.self)
            target.storeBytes(of: table[bits & 0xFFF], toByteOffset: written + 2, as: UInt16.self)
            if left < 3 { target.storeBytes(of: UInt8(ascii: "="), toByteOffset: written + 3, as: UInt8.self) }
            if left < 2 { target.storeBytes(of: UInt8(ascii: "="), toByteOffset: written + 2, as: UInt8.self) }
            read += 3
            written += 4
        }
        return written
    }
}
