import Foundation

extension Document.Value {
    func encode(into writer: inout ByteWriter) {
        switch self {
        case .text(let text):
            writer.write(UInt8(0))
            writer.write(text)
        case .flag(let flag):
            writer.write(UInt8(1))
            writer.write(flag)
        case .list(let values):
            writer.write(UInt8(2))
            writer.write(values) { $1.encode(into: &$0) }
        case .object(let values):
            writer.write(UInt8(3))
            writer.write(values.sorted { $0.key < $1.key }) { writer, entry in
                writer.write(entry.key)
                entry.value.encode(into: &writer)
            }
        case .number(let number):
            writer.write(UInt8(4))
            number.encode(into: &writer)
        }
    }

    init(decoding reader: inout ByteReader, depth: Int) throws(ByteReader.Malformed) {
        guard depth < Document.maximumDepth else { throw ByteReader.Malformed(offset: 0) }
        switch try reader.byte() {
        case 0: self = .text(try reader.string())
        case 1: self = .flag(try reader.flag())
        case 2:
            self = .list(
                try reader.list { reader throws(ByteReader.Malformed) in
                    try Document.Value(decoding: &reader, depth: depth + 1)
                })
        case 3:
            let entries = try reader.list { reader throws(ByteReader.Malformed) in
                (try reader.string(), try Document.Value(decoding: &reader, depth: depth + 1))
            }
            self = .object(Dictionary(entries, uniquingKeysWith: { $1 }))
        case 4: self = .number(try Decimal(decoding: &reader))
        default: throw ByteReader.Malformed(offset: 0)
        }
    }

    /// How many levels of lists and objects stand in one another here.
    var depth: Int {
        switch self {
        case .text, .flag, .number: 0
        case .list(let values): 1 + (values.map(\.depth).max() ?? 0)
        case .object(let values): 1 + (values.values.map(\.depth).max() ?? 0)
        }
    }
}

extension Document {
    /// Values nested deeper than this are refused at submit.
    static let maximumDepth = 32
}

extension Decimal {
    /// The digits without zeros at their end, and the exponent, so that equal numbers give equal bytes.
    fileprivate func encode(into writer: inout ByteWriter) {
        guard !isNaN else { return writer.write(UInt8(2)) }
        var digits = significand.description.utf8[...]
        var exponent = exponent
        while exponent < 127, digits.count > 1, digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            exponent += 1
        }
        writer.write(UInt8(self < 0 ? 1 : 0))
        writer.write(self == 0 ? 0 : exponent)
        writer.write(String(Substring(digits)))
    }

    fileprivate init(decoding reader: inout ByteReader) throws(ByteReader.Malformed) {
        let sign = try reader.byte()
        guard sign < 2 else {
            guard sign == 2 else { throw ByteReader.Malformed(offset: 0) }
            self = .nan
            return
        }
        let exponent = try reader.integer()
        let digits = try reader.string()
        guard (-128...127).contains(exponent), (1...39).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let significand = Decimal(string: digits, locale: nil)
        else { throw ByteReader.Malformed(offset: 0) }
        self.init(sign: sign == 1 ? .minus : .plus, exponent: exponent, significand: significand)
    }
}
