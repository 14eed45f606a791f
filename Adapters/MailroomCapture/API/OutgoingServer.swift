/// A server that captured mails may be released to, as MailHog's clients and its file name it.
struct OutgoingServer: Sendable, Equatable {
    var name = ""
    /// Whether it was stored by a release.
    var save = false
    /// To whom mails go.
    var email = ""
    var host = ""
    /// A number, but written as a string.
    var port = ""
    var username = ""
    var password = ""
    /// `PLAIN` or `CRAMMD5`; without a meaning where there is neither name nor password.
    var mechanism = ""

    init() {}

    init(_ value: JSONValue) throws(MalformedJSON) {
        let fields = try JSONFields(value)
        name = try fields.string("Name")
        save = try fields.boolean("Save")
        email = try fields.string("Email")
        host = try fields.string("Host")
        port = try fields.string("Port")
        username = try fields.string("Username")
        password = try fields.string("Password")
        mechanism = try fields.string("Mechanism")
    }

    /// All that clients may make as long as they like.
    var texts: [String] { [name, email, host, port, username, password, mechanism] }

    /// With the password readable, as MailHog's clients expect it: for those only who may release mails anyway.
    func write(to json: inout JSONWriter) {
        json.beginObject()
        json.key("Name")
        json.string(name)
        json.key("Save")
        json.boolean(save)
        for (key, value) in [
            ("Email", email), ("Host", host), ("Port", port), ("Username", username), ("Password", password),
            ("Mechanism", mechanism),
        ] {
            json.key(key)
            json.string(value)
        }
        json.endObject()
    }
}
