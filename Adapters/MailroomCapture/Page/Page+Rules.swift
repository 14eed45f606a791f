/// The rules by which the server misbehaves, with a form for new ones.
extension Page {
    /// Rules to begin with.
    private static let examples = [
        ("Refuse everybody for now", "rcpt reply='451 4.7.1 Try again later'"),
        ("A full mailbox", "rcpt to=full@* reply='452 4.2.2 Mailbox full'"),
        ("Unknown recipients, one in ten", "rcpt chance=0.1 reply='550 5.1.1 No such user'"),
        ("Accept and forget", "content drop"),
        ("Accept, and lose the reply", "content store hangup=before limit=1"),
        ("Answer five seconds late", "any delay=5s"),
        ("Replies an octet at a time", "any drip=20ms"),
        ("No TLS", "helo hide=STARTTLS"),
        ("Break the TLS handshake", "starttls hangup=after"),
        ("Refuse every login", "auth reply='535 5.7.8 Wrong password'"),
    ]

    func writeRules(_ book: RuleBook, draft: String, problem: String?, to markup: inout Markup) {
        markup.raw("<article class=\"rules\"><a class=\"back\" href=\"")
        markup.text(prefix + "/")
        markup.raw(
            "\">‹ All mails</a><h1>Rules</h1><p class=\"soft\">How this server misbehaves, so that failures can be ")
        markup.raw("rehearsed. The first rule that applies decides; without one all is accepted.</p>")
        writeTable(of: book, to: &markup)
        markup.raw("<form method=\"post\" class=\"new\" action=\"")
        markup.text(prefix + "/rules")
        markup.raw("\"><label>New rule <input name=\"rule\" required spellcheck=\"false\" autocomplete=\"off\" ")
        markup.raw("placeholder=\"rcpt to=*@full.example reply='452 4.2.2 Mailbox full' limit=2\" value=\"")
        markup.text(draft)
        markup.raw("\"></label><button>Add</button></form>")
        if let problem {
            markup.raw("<p class=\"note failed\" role=\"alert\">")
            markup.text(problem)
            markup.raw("</p>")
        }
        markup.raw("<h2>To begin with</h2><ul class=\"examples\">")
        for (name, rule) in Self.examples {
            markup.raw("<li><form method=\"post\" action=\"")
            markup.text(prefix + "/rules")
            markup.raw("\"><input type=\"hidden\" name=\"rule\" value=\"")
            markup.text(rule)
            markup.raw("\"><button class=\"plain\">")
            markup.text(name)
            markup.raw("</button> ")
            markup.element("code", rule)
            markup.raw("</form></li>")
        }
        markup.raw("</ul>")
        writeJim(book.jim, to: &markup)
        markup.raw("</article>")
    }

    private func writeTable(of book: RuleBook, to markup: inout Markup) {
        let entries = book.entries
        if entries.isEmpty { return markup.raw("<p class=\"none\">There are no rules.</p>") }
        markup.raw("<table><thead><tr><th>Rule</th><th class=\"number\">Applied</th><th></th></tr></thead><tbody>")
        for (index, entry) in entries.enumerated() {
            markup.raw("<tr><td>")
            markup.element("code", entry.rule.description)
            markup.raw("</td><td class=\"number\">")
            markup.number(entry.hits)
            markup.raw("</td><td><form method=\"post\" action=\"")
            markup.text("\(prefix)/rules/\(index + 1)/delete")
            // Numbers move up when a rule goes; what was seen must be what is deleted.
            markup.raw("\"><input type=\"hidden\" name=\"rule\" value=\"")
            markup.text(entry.rule.description)
            markup.raw("\"><button>Delete</button></form></td></tr>")
        }
        markup.raw("</tbody></table>")
        markup.element("p", class: "soft", "Chances are drawn from the seed \(book.seed).")
    }

    private func writeJim(_ jim: Jim?, to markup: inout Markup) {
        markup.raw("<h2>Jim</h2><p class=\"soft\">")
        if let jim {
            func percent(_ chance: Double) -> String { "\((chance * 1000).rounded() / 10) %" }
            markup.text(
                "MailHog's monkey is here: of connections \(percent(jim.acceptChance)) are taken, and at each read "
                    + "\(percent(jim.disconnectChance)) closed; refused are \(percent(jim.rejectSenderChance)) of senders, "
                    + "\(percent(jim.rejectRecipientChance)) of recipients, \(percent(jim.rejectAuthChance)) of logins."
            )
        } else {
            markup.raw("MailHog's monkey refuses and hangs up at random. He is not here.")
        }
        markup.raw("</p><form method=\"post\" action=\"")
        markup.text(prefix + "/rules/jim")
        markup.raw("\"><input type=\"hidden\" name=\"invite\" value=\"")
        markup.raw(
            jim == nil ? "yes\"><button>Invite him</button></form>" : "no\"><button>Send him home</button></form>")
    }
}
