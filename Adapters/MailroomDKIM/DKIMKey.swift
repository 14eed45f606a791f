/// Where a signer's private key comes from: a PEM with an RSA key (PKCS #8 or PKCS #1) or an Ed25519 key (PKCS #8).
///
/// The key is read once, when it is first needed, and from then on exists only inside libcrypto. Whoever prints, dumps
/// or logs this value sees where the key is from and nothing of the key.
public struct DKIMKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let source: KeySource

    /// A key as PEM text, perhaps encrypted under a pass phrase. What is wrong with it is found when the pipeline is
    /// built.
    public static func pem(_ text: String, passPhrase: String? = nil) -> DKIMKey {
        DKIMKey(source: KeySource(.text(Array(text.utf8)), passPhrase))
    }

    /// A key in a PEM file, perhaps encrypted under a pass phrase.
    ///
    /// The file is read at the first delivery; until that works, mail waits. A new key in the
    /// same file counts from the next start of the process: publish it under another selector.
    public static func file(_ path: String, passPhrase: String? = nil) -> DKIMKey {
        DKIMKey(source: KeySource(.file(path), passPhrase))
    }

    /// Where it is from.
    public var description: String { source.name }

    /// Where it is from.
    public var debugDescription: String { "DKIMKey(\(source.name))" }

    /// Nothing of the key.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
