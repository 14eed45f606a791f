extension Base64 {
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, character) in alphabet.utf8.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    /// What base64 stands for. Other octets are skipped (RFC 2045 §6.8), padding ends a group but not the text.
    package static func decode(_ input: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: input.count / 4 * 3 + 3) { output, written in
            values.withUnsafeBufferPointer { values in
                var bits: UInt32 = 0
                var count = 0
                var index = 0
                while index < input.count {
                    // Whole groups at once, which is nearly all of them.
                    if count == 0, index + 4 <= input.count {
                        let a = values[Int(input[index])]
                        let b = values[Int(input[index + 1])]
                        let c = values[Int(input[index + 2])]
                        let d = values[Int(input[index + 3])]
                        if (a | b | c | d) < 64 {
                            output[written] = a << 2 | b >> 4
                            output[written + 1] = b << 4 | c >> 2
                            output[written + 2] = c << 6 | d
                            written += 3
                            index += 4
                            continue
                        }
                    }
                    let byte = input[index]
                    index += 1
                    let value = values[Int(byte)]
                    if value < 64 {
                        bits = bits << 6 | UInt32(value)
                        count += 1
                        if count == 4 {
                            output[written] = UInt8(truncatingIfNeeded: bits >> 16)
                            output[written + 1] = UInt8(truncatingIfNeeded: bits >> 8)
                            output[written + 2] = UInt8(truncatingIfNeeded: bits)
                            written += 3
                            count = 0
                        }
                    } else if byte == UInt8(ascii: "=") {
                        finish(bits, count, output, &written)
                        count = 0
                    }
                }
                finish(bits, count, output, &written)
            }
        }
    }

    private static func finish(
        _ bits: UInt32, _ count: Int, _ output: UnsafeMutableBufferPointer<UInt8>, _ written: inout Int
    ) {
        if count == 2 {
            output[written] = UInt8(truncatingIfNeeded: bits >> 4)
            written += 1
        } else if count == 3 {
            output[written] = UInt8(truncatingIfNeeded: bits >> 10)
            output[written + 1] = UInt8(truncatingIfNeeded: bits >> 2)
            written += 2
        }
    }
}
