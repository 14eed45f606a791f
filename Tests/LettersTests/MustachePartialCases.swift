import Mailroom

/// Cases that the module “partials” of the Mustache specification decides.
extension MustacheCase {
    static let partialCases: [MustacheCase] = [
        MustacheCase(
            "\"{{>spruce}}\"",
            [:],
            ["spruce": "dill hedge"],
            gives: "\"dill hedge\""),
        MustacheCase(
            "\"{{>spruce}}\"",
            [:],
            gives: "\"\""),
        MustacheCase(
            "\"{{>hedge}}\"",
            ["spruce": "hill"],
            ["hedge": "*{{spruce}}*"],
            gives: "\"*hill*\""),
        MustacheCase(
            "{{>valley}}",
            ["hill": "X", "ridge": [["hill": "Y", "ridge": []]]],
            ["valley": "{{hill}}<{{#ridge}}{{>valley}}{{/ridge}}>"],
            gives: "X<Y<>>"),
        MustacheCase(
            "{{>peak}}",
            ["a": "basil", "b": "anise"],
            ["peak": "*{{a}} {{>cliff}}*", "cliff": "{{b}}!"],
            gives: "*basil anise!*"),
        MustacheCase(
            "| {{>hedge}} |",
            [:],
            ["hedge": "\t|\t"],
            gives: "| \t|\t |"),
        MustacheCase(
            "  {{moss}}  {{> hedge}}\n",
            ["moss": "|"],
            ["hedge": ">\n>"],
            gives: "  |  >\n>\n"),
        MustacheCase(
            "|\r\n{{>hedge}}\r\n|",
            [:],
            ["hedge": ">"],
            gives: "|\r\n>|"),
        MustacheCase(
            "  {{>hedge}}\n>",
            [:],
            ["hedge": ">\n>"],
            gives: "  >\n  >>"),
        MustacheCase(
            ">\n  {{>hedge}}",
            [:],
            ["hedge": ">\n>"],
            gives: ">\n  >\n  >"),
        MustacheCase(
            "\\\n {{>hedge}}\n/\n",
            ["hill": "<\n->"],
            ["hedge": "|\n{{{hill}}}\n|\n"],
            gives: "\\\n |\n <\n->\n |\n/\n"),
        MustacheCase(
            "|{{> hedge }}|",
            ["maize": true],
            ["hedge": "[]"],
            gives: "|[]|"),
    ]
}
