public import Mailroom

extension AdapterScheme where Adapter == any Transport {
    /// `dkim(smtp://host)?domain=example.org&selector=2026a&key=/etc/mailroom/dkim.pem`: signs what the part delivers.
    ///
    /// Options beside these three are `identity` and `canonicalization` (`relaxed`, `simple`, or one of each as in
    /// `relaxed/simple`). The key is a file that is not encrypted; nest the scheme to sign by two keys.
    public static var dkim: Self {
        Self("dkim", parts: 1...1, options: ["domain", "selector", "key", "identity", "canonicalization"]) {
            url, parts throws(ConfigurationError) in
            var options = OptionReader(url)
            func value(_ name: String, _ example: String) -> String {
                if let value = url[name], !value.isEmpty { return value }
                options.refuse("it needs a \(name): add \(name)=\(example)")
                return ""
            }
            var signer = DKIMSigner(
                domain: value("domain", "example.org"), selector: value("selector", "2026a"),
                key: .file(value("key", "/etc/mailroom/dkim.pem")))
            signer.identity = url["identity"]
            if let text = url["canonicalization"] {
                if let canonicalization = DKIMCanonicalization(text) {
                    signer.canonicalization = canonicalization
                } else {
                    options.refuse("canonicalization is relaxed or simple, or one of each as in relaxed/simple")
                }
            }
            try options.finish()
            return parts[0].signed(by: signer)
        }
    }
}

extension DKIMCanonicalization {
    /// Reads one form for both, or the header's and the body's.
    fileprivate init?(_ text: String) {
        let forms = text.split(separator: "/", omittingEmptySubsequences: false).map { Form(rawValue: String($0)) }
        guard forms.count <= 2, let header = forms.first, let header, let body = forms.last, let body else {
            return nil
        }
        self.init(header: header, body: body)
    }
}
