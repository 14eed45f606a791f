import Mailroom

/// Cases that the module “sections” of the Mustache specification decides.
extension MustacheCase {
    static let sectionCases: [MustacheCase] = [
        MustacheCase(
            "\"{{#maize}}rice.{{/maize}}\"",
            ["maize": true],
            gives: "\"rice.\""),
        MustacheCase(
            "\"{{#maize}}pea.{{/maize}}\"",
            ["maize": false],
            gives: "\"\""),
        MustacheCase(
            "\"{{#carrot}}pea.{{/carrot}}\"",
            [:],
            gives: "\"\""),
        MustacheCase(
            "\"{{#onion}}Garlic {{olive}}.{{/onion}}\"",
            ["onion": ["olive": "Walnut"]],
            gives: "\"Garlic Walnut.\""),
        MustacheCase(
            "\"{{#cave}}{{a}}, {{b}}, {{c.d}}{{/cave}}\"",
            ["a": "glen", "b": "barley", "cave": ["b": "dale"], "c": ["d": "moor"]],
            gives: "\"glen, dale, moor\""),
        MustacheCase(
            "\"{{#glen}}{{.}} field {{glen}}{{/glen}}\"",
            ["glen": "dale"],
            gives: "\"dale field dale\""),
        MustacheCase(
            "{{#marsh}}{{#heath}}{{copse.grove}}{{orchard}}.{{#garden}}{{copse.lawn}}{{or"
                + "chard}}{{path}}.{{/garden}}{{/heath}}{{/marsh}}",
            [
                "marsh": [
                    [
                        "copse": ["lawn": "A", "grove": "a"],
                        "heath": [["orchard": "1", "garden": [["path": "x"], ["path": "y"]]]],
                    ]
                ]
            ],
            gives: "a1.A1x.A1y."),
        MustacheCase(
            "{{#a}}\n{{lane}}\n{{#b}}\n{{lane}}{{lettuce}}{{lane}}\n{{#c}}\n"
                + "{{lane}}{{lettuce}}{{road}}{{lettuce}}{{lane}}\n{{#d}}\n"
                + "{{lane}}{{lettuce}}{{road}}{{bridge}}{{road}}{{lettuce}}{{lane}}\n{{#ford}}\n"
                + "{{lane}}{{lettuce}}{{road}}{{bridge}}{{ford}}{{bridge}}{{road}}{{lettuce}}{{lane}}\n"
                + "{{lane}}{{lettuce}}{{road}}{{bridge}}{{.}}6{{.}}{{bridge}}{{road}}{{lettuce}"
                + "}{{lane}}\n"
                + "{{lane}}{{lettuce}}{{road}}{{bridge}}{{ford}}{{bridge}}{{road}}{{lettuce}}{{lane}}\n"
                + "{{/ford}}\n{{lane}}{{lettuce}}{{road}}{{bridge}}{{road}}{{lettuce}}{{lane}}\n{{/d}}\n"
                + "{{lane}}{{lettuce}}{{road}}{{lettuce}}{{lane}}\n{{/c}}\n{{lane}}{{lettuce}}{{lane}}\n"
                + "{{/b}}\n{{lane}}\n{{/a}}\n",
            ["a": ["lane": 1], "b": ["lettuce": 2], "c": ["road": 3, "d": ["bridge": 4, "ford": 5]]],
            gives: "1\n121\n12321\n1234321\n123454321\n12345654321\n123454321\n1234321\n12321\n121\n1\n"),
        MustacheCase(
            "\"{{#leek}}{{gate}}{{/leek}}\"",
            ["leek": [["gate": 1], ["gate": 2], ["gate": 3]]],
            gives: "\"123\""),
        MustacheCase(
            "\"{{#leek}}Radish turnip!{{/leek}}\"",
            ["leek": []],
            gives: "\"\""),
        MustacheCase(
            "{{#beet}}\n* cabbage\n{{/beet}}\n* {{lettuce}}\n{{#beet}}\n* spinach\n{{/beet}}\n",
            ["beet": true, "lettuce": "celery"],
            gives: "* cabbage\n* celery\n* spinach\n"),
        MustacheCase(
            "| A {{#beet}}B {{#beet}}C{{/beet}} D{{/beet}} E |",
            ["beet": true],
            gives: "| A B C D E |"),
        MustacheCase(
            "| A {{#beet}}B {{#beet}}C{{/beet}} D{{/beet}} E |",
            ["beet": false],
            gives: "| A  E |"),
        MustacheCase(
            "[{{#tomato}}barn!{{/tomato}}]",
            [:],
            gives: "[]"),
        MustacheCase(
            "\"{{#leek}}({{.}}){{/leek}}\"",
            ["leek": ["a", "b", "c", "d", "e"]],
            gives: "\"(a)(b)(c)(d)(e)\""),
        MustacheCase(
            "\"{{#leek}}({{.}}){{/leek}}\"",
            ["leek": [1, 2, 3, 4, 5]],
            gives: "\"(1)(2)(3)(4)(5)\""),
        MustacheCase(
            "\"{{#leek}}({{.}}){{/leek}}\"",
            ["leek": [1.1, 2.2, 3.3, 4.4, 5.5]],
            gives: "\"(1.1)(2.2)(3.3)(4.4)(5.5)\""),
        MustacheCase(
            "\"{{#leek}}({{#.}}{{.}}{{/.}}){{/leek}}\"",
            ["leek": [[1, 2, 3], ["a", "b", "c"]]],
            gives: "\"(123)(abc)\""),
        MustacheCase(
            "\"{{#leek}}({{.}}){{/leek}}\"",
            ["leek": ["&", "\"", "<", ">"]],
            gives: "\"(&amp;)(&quot;)(&lt;)(&gt;)\""),
        MustacheCase(
            "\"{{#leek}}({{{.}}}){{/leek}}\"",
            ["leek": ["&", "\"", "<", ">"]],
            gives: "\"(&)(\")(<)(>)\""),
        MustacheCase(
            "\"{{#leek}}({{&.}}){{/leek}}\"",
            ["leek": ["&", "\"", "<", ">"]],
            gives: "\"(&)(\")(<)(>)\""),
        MustacheCase(
            "\"{{#.}}({{thyme}}){{/.}}\"",
            [["thyme": "a"], ["thyme": "b"]],
            gives: "\"(a)(b)\""),
        MustacheCase(
            "\"{{#a.b.c}}Lake{{/a.b.c}}\" == \"Lake\"",
            ["a": ["b": ["c": true]]],
            gives: "\"Lake\" == \"Lake\""),
        MustacheCase(
            "\"{{#a.b.c}}Lake{{/a.b.c}}\" == \"\"",
            ["a": ["b": ["c": false]]],
            gives: "\"\" == \"\""),
        MustacheCase(
            "\"{{#a.b.c}}Lake{{/a.b.c}}\" == \"\"",
            ["a": [:]],
            gives: "\"\" == \"\""),
        MustacheCase(
            " | {{#maize}}\t|\t{{/maize}} | \n",
            ["maize": true],
            gives: " | \t|\t | \n"),
        MustacheCase(
            " | {{#maize}} {{! Pond Brook }}\n {{/maize}} | \n",
            ["maize": true],
            gives: " |  \n  | \n"),
        MustacheCase(
            " {{#maize}}MINT{{/maize}}\n {{#maize}}STABLE{{/maize}}\n",
            ["maize": true],
            gives: " MINT\n STABLE\n"),
        MustacheCase(
            "| Meadow Field\n{{#maize}}\n|\n{{/maize}}\n| A Fir\n",
            ["maize": true],
            gives: "| Meadow Field\n|\n| A Fir\n"),
        MustacheCase(
            "| Meadow Field\n  {{#maize}}\n|\n  {{/maize}}\n| A Fir\n",
            ["maize": true],
            gives: "| Meadow Field\n|\n| A Fir\n"),
        MustacheCase(
            "|\r\n{{#maize}}\r\n{{/maize}}\r\n|",
            ["maize": true],
            gives: "|\r\n|"),
        MustacheCase(
            "  {{#maize}}\n#{{/maize}}\n/",
            ["maize": true],
            gives: "#\n/"),
        MustacheCase(
            "#{{#maize}}\n/\n  {{/maize}}",
            ["maize": true],
            gives: "#\n/\n"),
        MustacheCase(
            "|{{# maize }}={{/ maize }}|",
            ["maize": true],
            gives: "|=|"),
    ]
}
