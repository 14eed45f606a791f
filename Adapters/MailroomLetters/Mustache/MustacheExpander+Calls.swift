import Mailroom

/// Partials, parents and blocks.
extension MustacheExpander {
    mutating func call(_ tag: CallTag) {
        let resume = tag.end
        guard let name = name(of: tag) else {
            position = resume
            return
        }
        guard let callee = setting.partials[name] else {
            if setting.missing == .reported { report(.unknownPartial(name), at: tag.key) }
            position = resume
            return
        }
        guard mayCall(at: tag.key, indentedBy: tag.isAlone ? tag.indentation.count : 0) else { return }
        let overridesBefore = overrides.count
        defer { steps += overrides.count - overridesBefore }
        if tag.isParent { addOverrides(position + 1..<tag.end) }
        push(resume: resume, overrides: overridesBefore, override: nil, lineFrom: nil)
        indentation = tag.isAlone ? self.indentation + blanks(tag.indentation) : []
        margin = 0
        isIndented = false
        program = callee.program
        partial = name
        position = 0
        end = program.instructions.count
    }

    private mutating func name(of tag: CallTag) -> String? {
        guard let key = tag.dynamicKey else { return tag.key.name }
        switch value(of: key) {
        case .text(let name): return name
        case nil:
            if setting.missing == .reported { report(.missing, at: tag.key) }
        default: report(.notText, at: tag.key)
        }
        return nil
    }

    private mutating func addOverrides(_ range: Range<Int>) {
        var index = range.lowerBound
        while index < range.upperBound {
            guard case .block(let number) = program.instructions[index] else { return }
            let block = program.blocks[Int(number)]
            overrides.append(
                Override(
                    name: block.key.name, program: program, partial: partial, start: index + 1, end: block.end,
                    margin: block.margin))
            index = block.end
        }
    }

    /// Goes on with what replaces a block, or with its own content: that follows anyway.
    mutating func begin(_ block: BlockTag) {
        let name = block.key.name
        let found = overrides.firstIndex { $0.name == name && !$0.isActive }
        steps += found ?? overrides.count
        guard let index = found else {
            position += 1
            return
        }
        guard mayCall(at: block.key, indentedBy: block.indentation.count) else { return }
        push(
            resume: block.end, overrides: overrides.count, override: index, lineFrom: block.isAlone ? output.count : nil
        )
        overrides[index].isActive = true
        let override = overrides[index]
        indentation += blanks(block.indentation)
        isIndented = !block.isAlone
        program = override.program
        partial = override.partial
        margin = override.margin
        position = override.start
        end = override.end
        if block.isAlone, position < end {
            if case .text(_, _, _, beginsLine: true) = program.instructions[position] { return }
            output += indentation
        }
    }

    private mutating func mayCall(at key: Key, indentedBy blanks: Int) -> Bool {
        guard indentation.count + blanks <= Self.widestIndentation else {
            halt("partials are indented by more than \(Self.widestIndentation) blanks", at: key)
            return false
        }
        if calls < setting.limits.calls && frames.count < setting.limits.depth {
            calls += 1
            steps += Self.dearSteps
            return true
        }
        halt("partials nest deeper than \(setting.limits.calls)", at: key)
        return false
    }

    private mutating func push(resume: Int, overrides: Int, override: Int?, lineFrom: Int?) {
        var frame = Frame(resume: resume, end: end)
        frame.call = Call(
            program: program, partial: partial, indentation: indentation, margin: margin, overrides: overrides,
            override: override, lineFrom: lineFrom)
        frames.append(frame)
    }

    mutating func leaveCall() {
        guard let frame = frames.popLast(), let call = frame.call else { return }
        calls -= 1
        if let start = call.lineFrom, output.count > start, output.last != 0x0A { output.append(0x0A) }
        if isHeader { while output.last == 0x0A || output.last == 0x0D { output.removeLast() } }
        if let override = call.override { overrides[override].isActive = false }
        overrides.removeSubrange(call.overrides...)
        program = call.program
        partial = call.partial
        indentation = call.indentation
        margin = call.margin
        isIndented = false
        position = frame.resume
        end = frame.end
    }

    /// Blanks of the source without the margin that its lines lose.
    private func blanks(_ range: Range<Int>) -> ArraySlice<UInt8> {
        program.source[min(range.lowerBound + margin, range.upperBound)..<range.upperBound]
    }
}
