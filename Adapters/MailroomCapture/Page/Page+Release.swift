/// What came of a release.
enum ReleaseNote {
    case done(to: String, by: String)
    case failed(reason: String)
}

/// The form that hands a mail to a real server.
extension Page {
    func writeRelease(
        _ message: CapturedMessage, at place: Place, after note: ReleaseNote?, to markup: inout Markup
    ) {
        guard release.makeTransport != nil else { return }
        switch note {
        case .done(let recipient, let server):
            markup.raw("<p class=\"note done\" role=\"status\">")
            markup.text("Released to \(recipient) by \(server).")
            markup.raw("</p>")
        case .failed(let reason):
            markup.raw("<p class=\"note failed\" role=\"alert\">")
            markup.text("Not released. \(reason)")
            markup.raw("</p>")
        case nil: break
        }
        markup.raw("<details class=\"release\" id=\"release\"")
        if case .failed = note { markup.raw(" open") }
        markup.raw("><summary>Release to a real server</summary><form method=\"post\" action=\"")
        markup.text(address(of: message.id, "release") + place.text)
        markup.raw("\"><label>To <input name=\"email\" required size=\"30\" value=\"")
        markup.text(message.recipients.first ?? "")
        markup.raw("\"></label>")
        let servers = release.outgoing.all
        if !servers.isEmpty {
            markup.raw("<label>By <select name=\"name\">")
            for (name, server) in servers {
                markup.raw("<option value=\"")
                markup.text(name)
                markup.raw("\">")
                markup.text("\(name) (\(server.host):\(server.port))")
                markup.raw("</option>")
            }
            markup.raw("<option value=\"\">the server below</option></select></label>")
        }
        markup.raw("<label>Host <input name=\"host\" placeholder=\"mail.example.org\"></label>")
        markup.raw("<label>Port <input name=\"port\" value=\"25\" inputmode=\"numeric\" size=\"5\"></label>")
        markup.raw("<label>User <input name=\"username\" autocomplete=\"off\"></label>")
        markup.raw("<label>Password <input name=\"password\" type=\"password\" autocomplete=\"off\"></label>")
        markup.raw("<label>Login by <select name=\"mechanism\"><option>PLAIN</option><option value=\"CRAMMD5\">")
        markup.raw("CRAM-MD5</option></select></label><button>Release</button></form></details>")
    }
}
