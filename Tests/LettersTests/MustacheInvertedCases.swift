import Mailroom

/// Cases that the module “inverted” of the Mustache specification decides.
extension MustacheCase {
    static let invertedCases: [MustacheCase] = [
        MustacheCase(
            "\"{{^maize}}rice.{{/maize}}\"",
            ["maize": false],
            gives: "\"rice.\""),
        MustacheCase(
            "\"{{^maize}}pea.{{/maize}}\"",
            ["maize": true],
            gives: "\"\""),
        MustacheCase(
            "\"{{^carrot}}rice.{{/carrot}}\"",
            [:],
            gives: "\"rice.\""),
        MustacheCase(
            "\"{{^onion}}Garlic {{olive}}.{{/onion}}\"",
            ["onion": ["olive": "Walnut"]],
            gives: "\"\""),
        MustacheCase(
            "\"{{^leek}}{{n}}{{/leek}}\"",
            ["leek": [["n": 1], ["n": 2], ["n": 3]]],
            gives: "\"\""),
        MustacheCase(
            "\"{{^leek}}Radish turnip!{{/leek}}\"",
            ["leek": []],
            gives: "\"Radish turnip!\""),
        MustacheCase(
            "{{^beet}}\n* cabbage\n{{/beet}}\n* {{lettuce}}\n{{^beet}}\n* spinach\n{{/beet}}\n",
            ["beet": false, "lettuce": "celery"],
            gives: "* cabbage\n* celery\n* spinach\n"),
        MustacheCase(
            "| A {{^beet}}B {{^beet}}C{{/beet}} D{{/beet}} E |",
            ["beet": false],
            gives: "| A B C D E |"),
        MustacheCase(
            "| A {{^beet}}B {{^beet}}C{{/beet}} D{{/beet}} E |",
            ["beet": true],
            gives: "| A  E |"),
        MustacheCase(
            "[{{^tomato}}pumpkin!{{/tomato}}]",
            [:],
            gives: "[pumpkin!]"),
        MustacheCase(
            "\"{{^a.b.c}}River Lake{{/a.b.c}}\" == \"\"",
            ["a": ["b": ["c": true]]],
            gives: "\"\" == \"\""),
        MustacheCase(
            "\"{{^a.b.c}}River Lake{{/a.b.c}}\" == \"River Lake\"",
            ["a": ["b": ["c": false]]],
            gives: "\"River Lake\" == \"River Lake\""),
        MustacheCase(
            "\"{{^a.b.c}}River Lake{{/a.b.c}}\" == \"River Lake\"",
            ["a": [:]],
            gives: "\"River Lake\" == \"River Lake\""),
        MustacheCase(
            " | {{^maize}}\t|\t{{/maize}} | \n",
            ["maize": false],
            gives: " | \t|\t | \n"),
        MustacheCase(
            " | {{^maize}} {{! Pond Brook }}\n {{/maize}} | \n",
            ["maize": false],
            gives: " |  \n  | \n"),
        MustacheCase(
            " {{^maize}}SPRING{{/maize}}\n {{^maize}}WELL{{/maize}}\n",
            ["maize": false],
            gives: " SPRING\n WELL\n"),
        MustacheCase(
            "| Meadow Field\n{{^maize}}\n|\n{{/maize}}\n| A Fir\n",
            ["maize": false],
            gives: "| Meadow Field\n|\n| A Fir\n"),
        MustacheCase(
            "| Meadow Field\n  {{^maize}}\n|\n  {{/maize}}\n| A Fir\n",
            ["maize": false],
            gives: "| Meadow Field\n|\n| A Fir\n"),
        MustacheCase(
            "|\r\n{{^maize}}\r\n{{/maize}}\r\n|",
            ["maize": false],
            gives: "|\r\n|"),
        MustacheCase(
            "  {{^maize}}\n^{{/maize}}\n/",
            ["maize": false],
            gives: "^\n/"),
        MustacheCase(
            "^{{^maize}}\n/\n  {{/maize}}",
            ["maize": false],
            gives: "^\n/\n"),
        MustacheCase(
            "|{{^ maize }}={{/ maize }}|",
            ["maize": false],
            gives: "|=|"),
    ]
}
