import MailroomSockets

extension SMTPSession {
    /// What a command comes to by itself, before the rules are asked.
    struct Answer {
        /// The reply without the last line's end.
        var text: String
        /// What is done if the reply stands.
        var effect: Effect
        /// Whom the rules are asked about, where it is not the mail under way.
        var sender: String?
        var recipient: String?

        init(_ text: String, _ effect: Effect = .none, sender: String? = nil, recipient: String? = nil) {
            self.text = text
            self.effect = effect
            self.sender = sender
            self.recipient = recipient
        }

        /// Whether the command was wrong.
        var isRefusal: Bool { text.utf8.first == UInt8(ascii: "4") || text.utf8.first == UInt8(ascii: "5") }
    }

    enum Effect {
        case none
        /// The connection may be used.
        case welcome
        /// What BDAT has brought counts.
        case keepChunk
        case greet(name: String, isExtended: Bool)
        case begin(Transaction)
        case recipient(String, parameters: [String])
        case reset
        case readContent
        case ask(SMTPLogin)
        case authenticate(String?)
        case secure
        case quit
    }

    /// Answers a command as the rules want it.
    mutating func conclude(
        _ answer: Answer, at stage: CaptureRule.Stage, isChunk: Bool = false, _ output: inout ConnectionOutput
    ) {
        if answer.isRefusal { return refuse(answer.text, &output) }
        if case .ask(let login) = answer.effect {
            // Amid an exchange; the rules are asked at its end.
            write(answer.text, &output)
            phase = .login(login)
            return
        }
        failures = 0
        let event = RuleEvent(
            stage: stage, isChunk: isChunk, sender: answer.sender ?? transaction?.reversePath,
            recipients: answer.recipient.map { [$0] } ?? transaction?.recipients ?? [])
        respond(answer, settings.rules.decision(for: event), &output)
    }

    /// Writes the reply, the usual one or the rule's, and does what it promises.
    mutating func respond(_ answer: Answer, _ rule: CaptureRule?, _ output: inout ConnectionOutput) {
        var answer = answer
        if case .greet(let name, true) = answer.effect {
            hiddenExtensions = Set(rule?.hiddenExtensions ?? [])
            answer.text = greeting(for: name)
        }
        guard let rule else {
            write(answer.text, &output)
            return perform(answer.effect)
        }
        if rule.delay > .zero { output.pause(for: rule.delay) }
        let end = rule.resets ? Ending.reset : .close
        let hangUp = rule.hangUp ?? (rule.resets ? .before : nil)
        if hangUp == .before { return ending = end }
        let text = rule.reply?.lines ?? answer.text
        write(text, drip: rule.dripInterval, &output)
        let isObeyed = text.utf8.first == answer.text.utf8.first
        if isObeyed { perform(answer.effect) }
        if hangUp == .after {
            if isObeyed, case .secure = answer.effect {
                phase = .securing(isBroken: true)
                brokenHandshake = end
            } else {
                ending = end
            }
        } else if rule.reply?.code == 421, ending == nil {
            ending = .close
        }
        switch answer.effect {
        case .welcome where !isObeyed: isTurnedAway = true
        case .keepChunk where !isObeyed: transaction = nil
        default: break
        }
    }

    private mutating func perform(_ effect: Effect) {
        switch effect {
        case .none, .welcome, .keepChunk: break
        case .greet(let name, let isExtended):
            helo = name
            self.isExtended = isExtended
            transaction = nil
        case .begin(let new): transaction = new
        case .recipient(let address, let parameters):
            transaction?.recipients.append(address)
            transaction?.recipientParameters.append(parameters)
            transaction?.octets += Self.octets(of: address, parameters)
        case .reset: transaction = nil
        case .readContent:
            phase = .content(DataReader(content(expecting: transaction?.parameters.size ?? 0)))
        case .ask(let login): phase = .login(login)
        case .authenticate(let name):
            isAuthenticated = true
            userName = name
        case .secure: phase = .securing(isBroken: false)
        case .quit: ending = .close
        }
    }

    /// Takes in a mail's octets.
    mutating func content(expecting count: Int) -> LimitedContent {
        contentCount &+= 1
        return LimitedContent(destination.writer(expecting: count), limit: limits.messageBytes)
    }

    /// Answers a command that is wrong; too many of these end the dialogue.
    mutating func refuse(_ text: String, _ output: inout ConnectionOutput) {
        write(text, &output)
        guard text.utf8.first == UInt8(ascii: "5") else { return }
        failures += 1
        if failures >= limits.errors, ending == nil {
            ending = .close
            write("421 4.7.0 Too many errors", &output)
        }
    }

    func write(_ text: String, drip: Duration? = nil, _ output: inout ConnectionOutput) {
        guard let drip else {
            output.write(text)
            output.write("\r\n")
            return
        }
        for byte in (text + "\r\n").utf8 {
            output.write(CollectionOfOne(byte))
            output.pause(for: drip)
        }
    }
}
