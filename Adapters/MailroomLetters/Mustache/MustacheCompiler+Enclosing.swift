/// Partials, parents, blocks, and the ends of all that encloses something.
extension MustacheCompiler {
    mutating func addCall(_ content: String, isParent: Bool, at place: TagPlace) throws(TemplateFault) {
        if isParent { try refuseInParent(UInt8(ascii: "<"), content) }
        let isDynamic = content.utf8.first == UInt8(ascii: "*")
        let what = isParent ? "parent" : "partial"
        let name = isDynamic ? String(content.dropFirst().drop { $0 == " " }) : content
        guard !name.isEmpty, !name.utf8.contains(where: { $0 <= 0x20 }) else {
            throw TemplateFault(line: line, reason: "“\(content.shortened)” is no name of a \(what); it has no blanks.")
        }
        let key = isDynamic ? try key(name, of: what) : Key(name: name, path: [name], line: line)
        if isDynamic { keys.append(key) }
        var call = CallTag(
            key: key, dynamicKey: isDynamic ? keys.count - 1 : nil, isParent: isParent, indentation: 0..<0,
            isAlone: false, end: 0)
        if isParent {
            let isFirst = place.lineStart != nil
            addText(to: place.lineStart ?? place.start)
            if let lineStart = place.lineStart {
                let line = Int32(line)
                instructions.append(
                    .text(start: Int32(lineStart), end: Int32(place.start), line: line, beginsLine: true))
                call.indentation = lineStart..<place.start
            }
            position = place.end
            open(.parent, named: content)
            enclosures[enclosures.count - 1].beginsLine = isFirst
            enclosures[enclosures.count - 1].start = place.start
            try checkNesting()
        } else {
            call.isAlone = place.isAlone
            if let lineStart = place.lineStart, call.isAlone { call.indentation = lineStart..<place.start }
            begin(place)
        }
        call.end = instructions.count + 1
        calls.append(call)
        instructions.append(.call(Int32(calls.count - 1)))
    }

    mutating func addBlock(_ content: String, at place: TagPlace) throws(TemplateFault) {
        let key = try key(content, of: "block")
        var indentation = 0..<0
        var margin = 0
        if enclosures.last?.kind == .parent {
            margin = place.afterLine.flatMap { firstBlanks(from: $0) }?.count ?? 0
            position = place.afterLine ?? place.end
        } else {
            if let lineStart = place.lineStart { indentation = lineStart..<place.start }
            if place.isAlone, let afterLine = place.afterLine, let blanks = firstBlanks(from: afterLine) {
                indentation = blanks
            }
            begin(place)
        }
        open(.block, named: content)
        try checkNesting()
        blocks.append(
            BlockTag(key: key, isAlone: place.isAlone, indentation: indentation, margin: margin, end: 0))
        instructions.append(.block(Int32(blocks.count - 1)))
    }

    mutating func close(_ content: String, at place: TagPlace) throws(TemplateFault) {
        guard let open = enclosures.last else {
            throw TemplateFault(line: line, reason: "\(tag("/" + content.shortened)) closes nothing open here.")
        }
        guard open.name == content else {
            throw TemplateFault(
                line: line,
                reason: "\(tag("/" + content.shortened)) closes nothing open here; “\(open.name.shortened)” of line "
                    + "\(open.line) is still open.")
        }
        switch open.kind {
        case .section:
            begin(place)
            enclosures.removeLast()
        case .block where enclosures.dropLast().last?.kind == .parent:
            addText(to: place.lineStart ?? place.start)
            position = place.end
            enclosures.removeLast()
        case .block:
            begin(place)
            enclosures.removeLast()
        case .parent:
            enclosures.removeLast()
            closeParent(open, at: place)
        }
        let end = instructions.count
        switch instructions[open.instruction] {
        case .section(let key, _): instructions[open.instruction] = .section(key: key, end: Int32(end))
        case .inverted(let key, _): instructions[open.instruction] = .inverted(key: key, end: Int32(end))
        case .call(let index): calls[Int(index)].end = end
        case .block(let index): blocks[Int(index)].end = end
        case .text, .value: break
        }
    }

    /// A parent stands alone if nothing is seen beside it where it begins and where it ends.
    private mutating func closeParent(_ open: Enclosure, at place: TagPlace) {
        position = place.end
        guard let afterLine = place.afterLine else { return }
        if open.beginsLine {
            instructions[open.instruction - 1] = .nothing
            if case .call(let index) = instructions[open.instruction] { calls[Int(index)].isAlone = true }
            position = afterLine
        } else if source[open.start..<place.start].contains(0x0A) {
            position = afterLine
        }
    }
}
