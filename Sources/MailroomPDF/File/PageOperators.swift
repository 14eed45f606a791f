/// Operators that change the graphics state, each written only where it changes something, and those that draw
/// rectangles (ISO 32000-1, 8.4 and 8.5).
extension PageFlow {
    mutating func setColor(_ color: PDFColor) {
        guard color != state.color else { return }
        state.color = color
        let isGrey = color.red == color.green && color.green == color.blue
        setColor(part: color.red)
        if !isGrey {
            setColor(part: color.green)
            setColor(part: color.blue)
        }
        file.bytes.append(isGrey ? "g\n" : "rg\n")
    }

    private mutating func setColor(part: UInt8) {
        file.bytes.append(thousandths: Int(part) * 1_000 / 255)
        file.bytes.append(" ")
    }

    mutating func setFace(_ face: FontFace, size: Int) {
        guard face !== state.face || size != state.size else { return }
        state.face = face
        state.size = size
        state.faceIndex = index(of: face)
        file.bytes.append("/F")
        file.bytes.append(decimal: state.faceIndex)
        file.bytes.append(" ")
        file.bytes.append(thousandths: size)
        file.bytes.append(" Tf\n")
    }

    mutating func setLeading(_ leading: Int) {
        guard leading != state.leading else { return }
        state.leading = leading
        file.bytes.append(thousandths: leading)
        file.bytes.append(" TL\n")
    }

    mutating func setWordSpacing(_ spacing: Int) {
        guard spacing != state.wordSpacing else { return }
        state.wordSpacing = spacing
        file.bytes.append(thousandths: spacing)
        file.bytes.append(" Tw\n")
    }

    /// Moves to a place from the page's corner, where a text object begins: shorter than `moveTo`.
    mutating func beginAt(x: Int, y: Int) {
        appendPoint(x: x, y: y)
        file.bytes.append(" Td\n")
    }

    mutating func moveTo(x: Int, y: Int) {
        file.bytes.append("1 0 0 1 ")
        appendPoint(x: x, y: y)
        file.bytes.append(" Tm\n")
    }

    mutating func appendPoint(x: Int, y: Int) {
        file.bytes.append(thousandths: x)
        file.bytes.append(" ")
        file.bytes.append(thousandths: y)
    }

    mutating func fillRectangle(x: Int, y: Int, width: Int, height: Int) {
        appendPoint(x: x, y: y)
        file.bytes.append(" ")
        appendPoint(x: width, y: height)
        file.bytes.append(" re f\n")
    }
}
