import Mailroom

/// Cases that the module “comments” of the Mustache specification decides.
extension MustacheCase {
    static let commentCases: [MustacheCase] = [
        MustacheCase(
            "12345{{! Oak Elm! }}67890",
            [:],
            gives: "1234567890"),
        MustacheCase(
            "12345{{!\n  birch\n  cedar-fir oak...\n}}67890\n",
            [:],
            gives: "1234567890\n"),
        MustacheCase(
            "Hazel.\n{{! Oak Elm! }}\nLime.\n",
            [:],
            gives: "Hazel.\nLime.\n"),
        MustacheCase(
            "Hazel.\n  {{! pine! }}\nLime.\n",
            [:],
            gives: "Hazel.\nLime.\n"),
        MustacheCase(
            "|\r\n{{! Poplar Oak }}\r\n|",
            [:],
            gives: "|\r\n|"),
        MustacheCase(
            "  {{! willow }}\n!",
            [:],
            gives: "!"),
        MustacheCase(
            "!\n  {{! willow }}",
            [:],
            gives: "!\n"),
        MustacheCase(
            "Hazel.\n{{!\nalder...\n}}\nLime.\n",
            [:],
            gives: "Hazel.\nLime.\n"),
        MustacheCase(
            "Hazel.\n  {{!\n    alder...\n  }}\nLime.\n",
            [:],
            gives: "Hazel.\nLime.\n"),
        MustacheCase(
            "  12 {{! 34 }}\n",
            [:],
            gives: "  12 \n"),
        MustacheCase(
            "12345 {{! Oak Elm! }} 67890",
            [:],
            gives: "12345  67890"),
        MustacheCase(
            "larch: >{{! oak }}<",
            ["! oak": 1, "! oak ": 2, "!oak": 3, "oak": 4],
            gives: "larch: ><"),
    ]
}
