import Mailroom

/// Cases that the module “dynamic-names” of the Mustache specification decides.
extension MustacheCase {
    static let dynamicNameCases: [MustacheCase] = [
        MustacheCase(
            "\"{{>*knife}}\"",
            ["knife": "hill"],
            ["hill": "Basil, anise!"],
            gives: "\"Basil, anise!\""),
        MustacheCase(
            "\"{{>*knife}}\"",
            ["knife": "hill", "*knife": "barley"],
            ["hill": "Basil, anise!", "barley": "Loom"],
            gives: "\"Basil, anise!\""),
        MustacheCase(
            "\"{{>*tomato}}\"",
            [:],
            ["tomato": "Basil, anise!"],
            gives: "\"\""),
        MustacheCase(
            "\"{{>*knife}}\"",
            ["knife": "hill"],
            ["spindle": "Basil, anise!"],
            gives: "\"\""),
        MustacheCase(
            "\"{{>*thread}}\"",
            ["spruce": "Basil, anise!", "thread": "hedge"],
            ["hedge": "*{{spruce}}*"],
            gives: "\"*Basil, anise!*\""),
        MustacheCase(
            "\"{{>*glen.dale.moor}}\"",
            ["spruce": "Basil, anise!", "glen": ["dale": ["moor": "hedge"]]],
            ["hedge": "*{{spruce}}*"],
            gives: "\"*Basil, anise!*\""),
        MustacheCase(
            "\"{{>*glen.dale.moor}}\"",
            ["spruce": "Basil, anise!", "glen": "test", "test": ["dale": ["moor": "hedge"]]],
            ["hedge": "*{{spruce}}*"],
            gives: "\"\""),
        MustacheCase(
            "\"{{>*glen.dale.moor}}\"",
            ["glen": ["spruce": "Basil, anise!", "dale": ["moor": "hedge"]]],
            ["hedge": "*{{spruce}}*"],
            gives: "\"**\""),
        MustacheCase(
            "{{#fern1}}{{>*fern2.knife}}{{/fern1}}",
            ["fern1": ["thyme": "fern1"], "fern2": ["knife": "hedge", "thyme": "fern2"]],
            ["hedge": "\"{{thyme}}\""],
            gives: "\"fern1\""),
        MustacheCase(
            "{{#fern1}}{{>*fern2.knife}}{{/fern1}}",
            ["thyme": "test", "fern1": [1, 2], "fern2": ["knife": "hedge", "thyme": "fern2"]],
            ["hedge": "{{thyme}}"],
            gives: "testtest"),
        MustacheCase(
            "{{#fern1}}{{>*fern2.knife}}{{/fern1}}",
            ["fern1": [1, 2], "fern2": ["knife": "hedge", "thyme": "fern2"]],
            ["hedge": "\"{{thyme}}\""],
            gives: "\"\"\"\""),
        MustacheCase(
            "{{>*ginger}}",
            ["ginger": "valley", "hill": "X", "ridge": [["hill": "Y", "ridge": []]]],
            ["valley": "{{hill}}<{{#ridge}}{{>*ginger}}{{/ridge}}>"],
            gives: "X<Y<>>"),
        MustacheCase(
            "\"{{>**knife}}\"",
            ["knife": "test", "test": "hill"],
            ["hill": "Basil, anise!"],
            gives: "\"\""),
        MustacheCase(
            "\"{{>*glen.*dale}}\"",
            ["glen": "needle", "dale": "thimble", "needle": ["thimble": [:]]],
            ["hill": "Basil, anise!"],
            gives: "\"\""),
        MustacheCase(
            "| {{>*hedge}} |",
            ["hedge": "spindle"],
            ["spindle": "\t|\t"],
            gives: "| \t|\t |"),
        MustacheCase(
            "  {{moss}}  {{>*knife}}\n",
            ["knife": "hedge", "moss": "|"],
            ["hedge": ">\n>"],
            gives: "  |  >\n>\n"),
        MustacheCase(
            "|\r\n{{>*knife}}\r\n|",
            ["knife": "hedge"],
            ["hedge": ">"],
            gives: "|\r\n>|"),
        MustacheCase(
            "  {{>*knife}}\n>",
            ["knife": "hedge"],
            ["hedge": ">\n>"],
            gives: "  >\n  >>"),
        MustacheCase(
            ">\n  {{>*knife}}",
            ["knife": "hedge"],
            ["hedge": ">\n>"],
            gives: ">\n  >\n  >"),
        MustacheCase(
            "\\\n {{>*knife}}\n/\n",
            ["knife": "hedge", "hill": "<\n->"],
            ["hedge": "|\n{{{hill}}}\n|\n"],
            gives: "\\\n |\n <\n->\n |\n/\n"),
        MustacheCase(
            "|{{> * knife }}|",
            ["knife": "hedge", "maize": true],
            ["hedge": "[]"],
            gives: "|[]|"),
    ]
}
